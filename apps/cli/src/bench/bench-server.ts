/**
 * Measures a server: each connection sends as many commands as the pipeline is deep, waits for all of their replies, and
 * sends again. A command's latency is the time from there to there, as redis-benchmark has it.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Reply, ReplyError, ReplyParser, type ReplyValue } from '@ferrite/core/tools';
import { encodeCommand } from '../client/encode.ts';
import type { RespClient } from '../client/resp-client.ts';
import { must, type ServerTarget } from '../client/server-target.ts';
import { Histogram } from './histogram.ts';
import { type BenchOptions, keyText, type Measured, randomKey, summarize } from './measure.ts';
import type { BenchTest } from './tests.ts';

const KEY_PREFIX = 'key:';

/** `control` asks the server for its processor time, and tries the command out. */
export async function measureServer(
  target: ServerTarget,
  control: RespClient,
  test: BenchTest,
  options: BenchOptions,
  onProgress: (done: number) => void,
): Promise<Measured> {
  must(await control.sendEncoded(encodeWords(test, options)));
  const run = new Run(test, options, onProgress);
  const connections = await Promise.all(Array.from({ length: options.clients }, () => Connection.open(target, run)));
  try {
    const serverBefore = await serverCpuUs(control);
    const clientBefore = process.cpuUsage();
    const begin = process.hrtime.bigint();
    for (const connection of connections) connection.send();
    await run.finished;
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    const { user, system } = process.cpuUsage(clientBefore);
    const serverAfter = await serverCpuUs(control);
    const serverUs = serverBefore === null || serverAfter === null ? null : serverAfter - serverBefore;
    return summarize(test.name, run.done, seconds, run.histogram, { serverUs, clientUs: user + system });
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Null where the server does not tell. */
async function serverCpuUs(control: RespClient): Promise<number | null> {
  const reply: ReplyValue = await control.send(['INFO', 'cpu']);
  const text = reply instanceof ReplyError ? '' : String(reply);
  const user = /used_cpu_user:([\d.]+)/.exec(text);
  const system = /used_cpu_sys:([\d.]+)/.exec(text);
  return user === null || system === null ? null : (Number(user[1]) + Number(system[1])) * 1e6;
}

function encodeWords({ words }: BenchTest, { sizeBytes }: BenchOptions): Buffer {
  const value = 'x'.repeat(sizeBytes);
  return encodeCommand(words.map((word) => word.replace('{key}', keyText(0)).replace('{value}', value)));
}

/** What all connections of a measurement share. */
class Run {
  readonly histogram = new Histogram();
  done = 0;
  readonly finished: Promise<void>;
  readonly options: BenchOptions;
  /** The commands of one turn, and where the numbers of their keys stand. */
  readonly turn: Buffer;
  readonly keyPlaces: readonly number[];
  private begun = 0;
  private readonly onProgress: (done: number) => void;
  private resolve: () => void = () => {};
  private reject: (error: Error) => void = () => {};

  constructor(test: BenchTest, options: BenchOptions, onProgress: (done: number) => void) {
    this.options = options;
    this.onProgress = onProgress;
    const command = encodeWords(test, options);
    this.turn = Buffer.concat(Array.from({ length: options.pipeline }, () => command));
    this.keyPlaces = options.keyspace === 0 ? [] : placesOf(this.turn);
    this.finished = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Who waits for it is told; it may fail before somebody does.
    this.finished.catch(() => undefined);
  }

  /** False when enough turns have been begun. */
  begin(): boolean {
    if (this.begun >= this.options.requests) return false;
    this.begun += this.options.pipeline;
    return true;
  }

  end(ns: number): void {
    const { pipeline, requests } = this.options;
    this.histogram.add(ns, pipeline);
    this.done += pipeline;
    this.onProgress(this.done);
    if (this.done >= requests && this.done >= this.begun) this.resolve();
  }

  fail(error: Error): void {
    this.reject(error);
  }
}

function placesOf(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(KEY_PREFIX); at >= 0; at = bytes.indexOf(KEY_PREFIX, at + 1)) places.push(at);
  return places;
}

class Connection {
  private readonly socket: Socket;
  private readonly run: Run;
  private readonly parser = new ReplyParser({ strings: 'latin1' });
  /** Its own: what was written may wait in the socket. */
  private readonly bytes: Buffer;
  private missing = 0;
  private sentMs = 0;

  static async open({ host, port, socket: path, user, password }: ServerTarget, run: Run): Promise<Connection> {
    const socket = path === undefined ? connect({ host, port, noDelay: true }) : connect({ path });
    await once(socket, 'connect');
    if (password !== undefined) {
      socket.write(encodeCommand(['AUTH', ...(user === undefined ? [] : [user]), password]));
      await once(socket, 'data');
    }
    return new Connection(socket, run);
  }

  constructor(socket: Socket, run: Run) {
    this.socket = socket;
    this.run = run;
    this.bytes = Buffer.from(run.turn);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (error) => run.fail(error));
    socket.on('close', () => run.fail(new Error('the server closed a connection')));
  }

  send(): void {
    const { run, bytes } = this;
    if (!run.begin()) return;
    for (const at of run.keyPlaces) bytes.write(keyText(randomKey(run.options.keyspace)), at, 'latin1');
    this.missing = run.options.pipeline;
    this.sentMs = performance.now();
    this.socket.write(bytes);
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.parser.feed(chunk);
    for (let reply = this.parser.next(); reply !== undefined; reply = this.parser.next()) {
      const error = errorOf(reply);
      if (error !== undefined) {
        this.run.fail(error);
        return;
      }
      this.missing--;
    }
    if (this.missing > 0) return;
    this.run.end((performance.now() - this.sentMs) * 1e6);
    this.send();
  }
}

function errorOf(reply: Reply): Error | undefined {
  if (reply.kind !== 'reply') return new Error('the server sent something that is no reply');
  return reply.value instanceof ReplyError ? reply.value : undefined;
}
