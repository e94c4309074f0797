/** Bundles the server's program from its sources, and runs it as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workspaceSources } from '@ferrite/testing/workspace-sources';
import { build } from 'tsup';

const from = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const WAIT_MS = 15_000;

export class BuiltServer {
  /** Removed with the rest. */
  readonly scratch: string;
  private readonly root: string;
  private readonly running = new Set<RunningServer>();

  static async build(): Promise<BuiltServer> {
    const root = mkdtempSync(join(tmpdir(), 'ferrite-server-'));
    writeFileSync(join(root, 'package.json'), '{"type":"module","version":"0.0.0"}\n');
    await build({
      config: false,
      silent: true,
      entry: { 'ferrite-server': from('../src/ferrite-server.ts') },
      outDir: join(root, 'dist'),
      format: 'esm',
      platform: 'node',
      target: 'node20.11',
      noExternal: [/^@ferrite\//],
      esbuildOptions: (options) => {
        options.alias = workspaceSources;
      },
    });
    return new BuiltServer(root);
  }

  constructor(root: string) {
    this.root = root;
    this.scratch = join(root, 'scratch');
    mkdirSync(this.scratch);
  }

  run(...args: string[]): RunningServer {
    const program = join(this.root, 'dist', 'ferrite-server.js');
    const server = new RunningServer(spawn(process.execPath, [program, ...args], { cwd: this.scratch }));
    this.running.add(server);
    return server;
  }

  async remove(): Promise<void> {
    for (const server of this.running) await server.kill('SIGKILL');
    rmSync(this.root, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class RunningServer {
  output = '';
  readonly process: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(process: ChildProcess) {
    this.process = process;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = once(process, 'close');
  }

  /** The port that it listens on, once it says so. */
  async ready(): Promise<number> {
    const match = await this.said(/Ready to accept connections on [\d.]+:(\d+)/);
    return Number(match[1]);
  }

  async said(what: RegExp): Promise<RegExpMatchArray> {
    for (const untilMs = Date.now() + WAIT_MS; Date.now() < untilMs; ) {
      const match = this.output.match(what);
      if (match !== null) return match;
      if (this.process.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`the server did not say ${what}, but: ${this.output}`);
  }

  /** Sends a signal; the exit code. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.process.kill(signal);
    return this.exitCode();
  }

  async exitCode(): Promise<number | null> {
    await this.ended;
    return this.process.exitCode;
  }
}
