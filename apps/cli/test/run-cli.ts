/** Runs the program within a test: as a call, with what it reads and writes in memory. */
import { PassThrough, Readable, Writable } from 'node:stream';
import type { CliSubcommand } from '@ferrite/core/module';
import { runProgram } from '../src/run.ts';
import { subcommands } from '../src/subcommands.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** The bytes of `stdout`. */
  bytes: Buffer;
}

export interface RunOptions {
  rows?: readonly CliSubcommand[];
  isTTY?: boolean;
  environment?: Record<string, string>;
  /** What standard input has. */
  input?: string | Uint8Array;
}

export async function ferrite(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { rows = subcommands, environment = {}, input = '' } = options;
  const stdin = Readable.from([Buffer.from(input)]);
  const stdout = new Collector(options.isTTY === true);
  const stderr = new Collector(options.isTTY === true);
  const code = await runProgram(args, rows, { stdin, stdout, stderr, environment });
  return { code, stdout: stdout.text, stderr: stderr.text, bytes: stdout.bytes };
}

/** A program that goes on: a terminal to type at, or a stream that ends when the test says so. */
export class Session {
  readonly stdin = Object.assign(new PassThrough(), { isTTY: true });
  readonly stdout = new Collector(true);
  readonly stderr = new Collector(true);
  readonly code: Promise<number>;

  constructor(args: readonly string[], isTTY = true) {
    const stdin = isTTY ? this.stdin : Object.assign(this.stdin, { isTTY: false });
    const stdout = isTTY ? this.stdout : Object.assign(this.stdout, { isTTY: false });
    this.code = runProgram(args, subcommands, { stdin, stdout, stderr: this.stderr, environment: {} });
  }

  type(text: string): void {
    this.stdin.write(text);
  }

  /** Waits until `what` is written, after what was waited for before. */
  async sees(what: string | RegExp): Promise<void> {
    for (const untilMs = Date.now() + WAIT_MS; Date.now() < untilMs; ) {
      const text = this.stdout.text.slice(this.seen);
      const found = typeof what === 'string' ? what : text.match(what)?.[0];
      if (found !== undefined && text.includes(found)) {
        this.seen += text.indexOf(found) + found.length;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${what} did not come, but: ${JSON.stringify(this.stdout.text.slice(this.seen))}`);
  }
  private seen = 0;
}

const WAIT_MS = 10_000;

class Collector extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  private readonly chunks: Buffer[] = [];

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    done();
  }
}
