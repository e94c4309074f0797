/**
 * A store whose process is killed again and again, and the parent that knows what must be in it afterwards.
 *
 * After each kill the store holds what the first P operations made, for one P: a prefix, batches whole. P is at least what
 * the killed process was promised: in `always` and `everysec` every acknowledged write, else what its last completed
 * commit covered.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Durability, open } from '@ferrite/core';
import type { Prng } from '@ferrite/core/module';
import { build } from 'esbuild';
import { operationAt, TOLD_PROMISED, UNREPORTED_MAX } from './operations.ts';

const from = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One kill in so many hits a process that may still be opening the store; the others one that is writing. */
const EARLY_ONE_IN = 4;
const EARLY_MIN_MS = 30;
const LIFE_SPREAD_MS = 150;

export interface Bundle {
  readonly program: string;
  readonly directory: string;
  remove(): void;
}

/** Bundles the writer from its sources, engine included, so that the test needs no build before it. */
export async function bundleWriter(): Promise<Bundle> {
  const directory = mkdtempSync(join(tmpdir(), 'ferrite-kill-'));
  const program = join(directory, 'writer.mjs');
  await build({
    entryPoints: [from('./writer-main.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.11',
    logLevel: 'error',
    alias: {
      '@ferrite/core/module': from('../../../core/src/module.ts'),
      '@ferrite/core': from('../../../core/src/index.ts'),
    },
  });
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}\n');
  return { program, directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

interface Told {
  promised: number;
  issued: number;
}

export class KilledStore {
  readonly durability: Durability;
  readonly path: string;
  /** What was found after all kills so far. */
  kills = 0;
  operations = 0;
  openedDirty = 0;
  private readonly program: string;
  private readonly expected = new Map<string, string>();

  constructor(bundle: Bundle, durability: Durability) {
    this.durability = durability;
    this.program = bundle.program;
    this.path = join(bundle.directory, `store-${durability}`);
  }

  /** Runs the writer, kills it at a random moment, and checks what it left. */
  async killOnce(prng: Prng): Promise<void> {
    const told = await this.runAndKill(prng.nextBelow(EARLY_ONE_IN) === 0, prng.nextBelow(LIFE_SPREAD_MS));
    this.kills++;
    // Read-only leaves the store as the kill did, for the next writer to recover.
    const readOnly = this.operations > 0 && prng.nextBelow(2) === 0;
    const db = open({ path: this.path, preset: 'small', durability: this.durability, readOnly });
    try {
      const { recovery } = db.stats();
      if (recovery.damage.length > 0) throw new Error(`damage after a kill: ${recovery.damage.join('; ')}`);
      if (!recovery.clean) this.openedDirty++;
      this.settle(new Map(db.entries()), told);
    } finally {
      db.close();
    }
  }

  private runAndKill(isEarly: boolean, lifeMs: number): Promise<Told> {
    const args = [this.program, this.path, this.durability, String(this.operations)];
    const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    let complaint = '';
    let timer: NodeJS.Timeout | undefined;
    const killLater = (ms: number) => {
      timer ??= setTimeout(() => child.kill('SIGKILL'), ms);
    };
    if (isEarly) killLater(EARLY_MIN_MS + lifeMs);
    child.stdout?.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      killLater(lifeMs);
    });
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk));
    return new Promise((resolve, reject) => {
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        if (signal === 'SIGKILL') resolve(this.read(Buffer.concat(chunks)));
        else reject(new Error(`the writer ended by itself with ${signal ?? code}: ${complaint}`));
      });
    });
  }

  private read(bytes: Buffer): Told {
    const told: Told = { promised: this.operations, issued: this.operations };
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      const count = bytes.readUInt32LE(at + 4);
      told.issued = Math.max(told.issued, count);
      if (bytes.readUInt32LE(at) === TOLD_PROMISED) told.promised = Math.max(told.promised, count);
    }
    return told;
  }

  /** Finds how many operations the store holds: from what was promised to what was issued. */
  private settle(content: ReadonlyMap<string, string>, told: Told): void {
    const { expected } = this;
    let different = 0;
    for (const key of new Set([...content.keys(), ...expected.keys()])) {
      if (content.get(key) !== expected.get(key)) different++;
    }
    const most = told.issued + UNREPORTED_MAX;
    for (let n = this.operations; ; n++) {
      if (n >= told.promised && different === 0) {
        this.operations = n;
        return;
      }
      if (n === most) break;
      for (const [key, value] of operationAt(n)) {
        if (content.get(key) !== expected.get(key)) different--;
        if (value === undefined) expected.delete(key);
        else expected.set(key, value);
        if (content.get(key) !== value) different++;
      }
    }
    throw new Error(
      `${this.durability}, kill ${this.kills}: the store holds no prefix of ${told.promised} to ${most} operations ` +
        `(${different} keys differ from the last one; it had ${this.operations} before)`,
    );
  }
}
