/**
 * One child process of the demo: started with a channel to talk over, watched, stopped, or killed on purpose.
 *
 * Always: when this process exits, however it does, its children get SIGKILL first; should it be killed itself, the
 * channel closes and the children end on their own (`program.ts`).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from './limits.ts';

const COMPLAINT_BYTES_MAX = 2_000;
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

export class Child<M> {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #complaint = '';
  #asked = false;

  /** Starts `program`; `heard` gets its messages, `died` is called if it ends without being asked to. */
  constructor(program: URL, args: readonly string[], heard: (message: M) => void, died: (why: Error) => void) {
    const child = fork(program, [...args], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    this.#process = child;
    living.add(child);
    child.on('message', (message) => heard(message as M));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-COMPLAINT_BYTES_MAX);
    });
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#complaint += error.message;
        living.delete(child);
        resolve();
      });
      child.once('close', () => {
        living.delete(child);
        resolve();
      });
    });
    this.#ended.then(() => {
      if (!this.#asked)
        died(new Error(`${program.pathname} ended on its own: ${this.#complaint.trim() || child.exitCode}`));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  /** SIGKILL: the process gets no chance to do anything. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#asked = true;
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  /** Asks it to end, and kills it when it takes too long. */
  async stop(): Promise<void> {
    this.#asked = true;
    this.#process.kill('SIGTERM');
    const inTime = await Promise.race([this.#ended.then(() => true), sleep(LIMITS.stopGraceMs, false, { ref: false })]);
    if (!inTime) await this.kill();
  }
}
