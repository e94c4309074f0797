/**
 * The real redis 7.0, to compare with: started on a Unix socket, without persistence, if that `redis-server` is on the
 * path. Later versions print scores differently, so they do not serve.
 *
 * Tests of what must equal redis to the byte run against committed vectors always, and against this when it is there
 * (`describe.runIf`). Whoever starts one stops it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_ATTEMPTS_MAX = 100;
const START_RETRY_MS = 50;

export type Reply = Buffer | number | bigint | null | Error | Reply[];

/** A server of its own for the caller, with more options if need be; `undefined` when there is none. */
export async function startReferenceRedis(...more: string[]): Promise<ReferenceRedis | undefined> {
  const version = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  if (version.status !== 0 || !/\bv=7\.0\./.test(version.stdout)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'reference-redis-'));
  const path = join(folder, 'socket');
  const options = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', folder, ...more];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  process.once('exit', () => server.kill('SIGKILL'));
  for (let attempt = 0; attempt < START_ATTEMPTS_MAX; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, START_RETRY_MS));
    const socket = await tryConnect(path);
    if (socket !== undefined) return new ReferenceRedis(server, socket, folder);
  }
  server.kill('SIGKILL');
  throw new Error('redis-server did not answer');
}

export class ReferenceRedis {
  readonly #server: ChildProcess;
  readonly #socket: Socket;
  readonly #folder: string;
  readonly #waiting: ((reply: Reply) => void)[] = [];
  #received: Buffer[] = [];

  constructor(server: ChildProcess, socket: Socket, folder: string) {
    this.#server = server;
    this.#socket = socket;
    this.#folder = folder;
    socket.on('data', (chunk) => this.#onData(chunk));
  }

  /** Sends one command; those sent without waiting are answered in order. An error reply is returned, not thrown. */
  call(...parts: (string | number | bigint | Uint8Array)[]): Promise<Reply> {
    const chunks = [Buffer.from(`*${parts.length}\r\n`)];
    for (const part of parts) {
      const bytes = part instanceof Uint8Array ? part : Buffer.from(String(part));
      chunks.push(Buffer.from(`$${bytes.length}\r\n`), Buffer.from(bytes), Buffer.from('\r\n'));
    }
    this.#write(Buffer.concat(chunks));
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What is sent in one go of the program, goes out as one. */
  #write(bytes: Buffer): void {
    const socket = this.#socket;
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(bytes);
  }

  /** As `call`, for a command that answers with bytes. */
  async bytes(...parts: (string | number | bigint | Uint8Array)[]): Promise<Buffer> {
    const reply = await this.call(...parts);
    if (!(reply instanceof Buffer)) throw new Error(`bytes expected, got ${String(reply)}`);
    return reply;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#server.once('exit', resolve));
    this.#socket.destroy();
    this.#server.kill('SIGKILL');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #onData(chunk: Buffer): void {
    this.#received.push(chunk);
    if (chunk[chunk.length - 1] !== 10) return;
    const parser = new ReplyParser(Buffer.concat(this.#received));
    let done = 0;
    for (let reply = parser.tryNext(); reply !== undefined; reply = parser.tryNext()) {
      done = parser.at;
      this.#waiting.shift()?.(reply);
    }
    this.#received = [parser.bytes.subarray(done)];
  }
}

/** Replies of RESP2, one after the other; `undefined` when the bytes end in the middle of one. */
class ReplyParser {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  tryNext(): Reply | undefined {
    const lineEnd = this.bytes.indexOf('\r\n', this.at);
    if (lineEnd < 0) return undefined;
    const kind = String.fromCharCode(this.bytes[this.at]);
    const line = this.bytes.toString('latin1', this.at + 1, lineEnd);
    this.at = lineEnd + 2;
    if (kind === '+') return Buffer.from(line);
    if (kind === '-') return new Error(line);
    if (kind === ':') return Number.isSafeInteger(Number(line)) ? Number(line) : BigInt(line);
    if (line === '-1') return null;
    return kind === '$' ? this.#tryBulk(Number(line)) : this.#tryArray(Number(line));
  }

  #tryBulk(lengthBytes: number): Buffer | undefined {
    const start = this.at;
    if (this.bytes.length < start + lengthBytes + 2) return undefined;
    this.at = start + lengthBytes + 2;
    return this.bytes.subarray(start, start + lengthBytes);
  }

  #tryArray(count: number): Reply[] | undefined {
    const replies: Reply[] = [];
    for (let i = 0; i < count; i++) {
      const reply = this.tryNext();
      if (reply === undefined) return undefined;
      replies.push(reply);
    }
    return replies;
  }
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
