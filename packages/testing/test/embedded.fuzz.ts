/**
 * The model-based fuzz of the whole embedded API: `embedded-fuzz.test.ts` and its long brother drive it.
 *
 * A seed decides everything: the options, the keys, the operations. A failure names the seed; `FERRITE_SEED=<seed>` runs
 * that one alone, and `FERRITE_TRACE=1` prints its operations.
 */
import { Prng } from '@ferrite/core/module';
import { Copies } from './embedded-copies.ts';
import { Operations } from './embedded-operations.ts';
import { Scans } from './embedded-scans.ts';
import { type FuzzSetup, World } from './embedded-world.ts';

const TRACE_LINES = 12;
const CHECK_EVERY = 1000;
/** What is done while the disk is full: it is either accepted or changes nothing. */
const FULL_DISK_KINDS = [
  'get',
  'getEntry',
  'getMany',
  'set',
  'set',
  'set',
  'del',
  'expire',
  'persist',
  'batch',
] as const;
const COMPACT_STEPS_MAX = 2000;
const TICK_MS = 100;
const FULL_RETRY_MS = 1000;

/** What a run does, by weight. */
const WEIGHTS = {
  get: 60,
  getBuffer: 40,
  getMany: 8,
  getEntry: 60,
  has: 20,
  ttl: 20,
  set: 240,
  setAsync: 30,
  del: 60,
  incrBy: 30,
  expire: 25,
  persist: 15,
  batch: 25,
  commit: 10,
  stats: 8,
  scan: 50,
  advanceClock: 12,
  drain: 20,
  step: 60,
  checkpoint: 3,
  compact: 1,
  reopen: 2,
  kill: 2,
  fullDisk: 2,
  follow: 4,
  backup: 1,
};
type Kind = keyof typeof WEIGHTS;
const KINDS = Object.keys(WEIGHTS) as Kind[];
const TOTAL = KINDS.reduce((sum, kind) => sum + WEIGHTS[kind], 0);

/** The setup that a seed stands for. */
export function setupOf(seed: number, operations: number, hashBits: number): FuzzSetup {
  const prng = new Prng(seed * 7919 + 5);
  const pick = <T>(...list: T[]): T => list[prng.nextBelow(list.length)];
  const isInMemory = seed % 8 === 7;
  const durability = (['always', 'everysec', 'interval', 'none'] as const)[seed % 4];
  const common: FuzzSetup['options'] = {
    ordered: pick<boolean | 'lazy'>('lazy', 'lazy', true, true, false),
    codec: pick<'utf8' | 'buffer'>('utf8', 'utf8', 'utf8', 'buffer'),
  };
  const small = {
    pageSize: '128kb',
    readOnlyRegionSize: pick<string | number>(0, '128kb', '1mb', '3mb'),
    mutableRegionSize: pick('128kb', '1mb'),
  };
  const sizes = pick<FuzzSetup['options']>(
    small,
    small,
    small,
    { preset: 'tiny' },
    { preset: 'small', pageSize: '128kb' },
  );
  const onDisk: FuzzSetup['options'] = {
    durability,
    readCacheSize: pick<string | number>(0, '64kb', '1mb'),
    alignCommits: pick<512 | 4096 | undefined>(undefined, undefined, undefined, 512, 4096),
    compaction: pick(true, true, true, true, false),
    commitIntervalMs: durability === 'interval' ? pick(10, 1000) : undefined,
    ...sizes,
  };
  return {
    seed,
    operations,
    hashBits,
    isInMemory,
    options: isInMemory ? { ...common, pageSize: '128kb' } : { ...common, ...onDisk },
    segmentPages: pick(1, 1, 1, 4),
    keyCount: pick(30, 150, 600),
    largeOneIn: pick(20, 100, 400),
  };
}

class Fuzz {
  private readonly world: World;
  private readonly scans: Scans;
  private readonly operations: Operations;
  private readonly copies: Copies;

  constructor(setup: FuzzSetup) {
    this.world = new World(setup);
    this.scans = new Scans(this.world);
    this.operations = new Operations(this.world);
    this.copies = new Copies(this.world);
  }

  get followed(): number {
    return this.copies.followed;
  }

  async run(): Promise<void> {
    const { world } = this;
    const { setup, trace } = world;
    try {
      for (world.operation = 0; world.operation < setup.operations; world.operation++) {
        const kind = this.next();
        trace.push(`${world.operation} ${kind}`);
        const done = this.isQuick(kind) ? this.operations[kind]() : await this.slow(kind);
        trace[trace.length - 1] = `${world.operation} ${done}`;
        if (process.env.FERRITE_TRACE !== undefined) console.log(trace[trace.length - 1]);
        if (trace.length > TRACE_LINES) trace.shift();
        if (world.operation % CHECK_EVERY === 0) world.checkAll();
      }
      world.checkAll();
      await world.reopen();
      world.driven.db.close();
    } catch (cause) {
      const { operations, hashBits, ...rest } = setup;
      const lines = [
        `FERRITE_SEED=${setup.seed} fails at operation ${world.operation} of ${operations} with a hash of ${hashBits} bits`,
        cause instanceof Error ? cause.message : String(cause),
        JSON.stringify(rest),
        ...trace,
      ];
      throw new Error(lines.join('\n  '), { cause });
    }
  }

  private next(): Kind {
    let left = this.world.below(TOTAL);
    for (const kind of KINDS) {
      left -= WEIGHTS[kind];
      if (left < 0) return kind;
    }
    return 'get';
  }

  private isQuick(
    kind: Kind,
  ): kind is Exclude<
    Kind,
    | 'scan'
    | 'advanceClock'
    | 'drain'
    | 'step'
    | 'checkpoint'
    | 'compact'
    | 'reopen'
    | 'kill'
    | 'fullDisk'
    | 'follow'
    | 'backup'
  > {
    return kind in this.operations;
  }

  private async slow(kind: Kind): Promise<string> {
    const { world } = this;
    if (kind === 'scan') return world.setup.options.ordered === false ? this.operations.stats() : this.scans.advance();
    if (kind === 'advanceClock') return this.advanceClock();
    if (kind === 'step') return this.step();
    if (kind === 'checkpoint') world.driven.store.checkpointer?.request();
    else if (kind === 'compact') await this.compact();
    else if (kind === 'reopen') await world.reopen();
    else if (kind === 'kill') await world.kill();
    else if (kind === 'fullDisk') return this.fullDisk();
    else if (kind === 'follow') return this.copies.follow();
    else if (kind === 'backup') return this.copies.backup();
    else await world.drain(world.below(4) === 0);
    return kind;
  }

  private async fullDisk(): Promise<string> {
    const { world } = this;
    if (!world.isSealed) return this.operations.get();
    await world.drain(true);
    let refused = 0;
    world.withFullDisk(world.below(3) * 4096, () => {
      for (let left = 5 + world.below(40); left > 0; left--) {
        try {
          this.operations[world.pick(FULL_DISK_KINDS)]();
          if (world.below(4) === 0) world.driven.step();
        } catch (error) {
          if ((error as { code?: string }).code !== 'FERRITE_DISK_FULL') throw error;
          refused++;
        }
      }
      world.checkAll();
    });
    // Writes are tried again a second after the last refusal.
    world.clock.advance(FULL_RETRY_MS);
    return `full disk: ${refused} refused`;
  }

  private advanceClock(): string {
    const { world } = this;
    const ms = world.below(5) === 0 ? 1 + world.below(20_000) : 1 + world.below(1500);
    world.clock.advance(ms);
    if (world.below(4) > 0) world.driven.tick();
    return `clock ${ms}`;
  }

  private async step(): Promise<string> {
    const { driven } = this.world;
    const isSync = this.world.below(6) === 0;
    for (let left = 1 + this.world.below(20); left > 0; left--) {
      if (isSync) driven.stepSync();
      else if (!driven.step()) await this.world.drain(false);
    }
    return isSync ? 'stepSync' : 'step';
  }

  private async compact(): Promise<void> {
    const { world } = this;
    let isDone = false;
    world.driven.db.compact().then(
      () => {
        isDone = true;
      },
      (error) => {
        world.failed ??= error;
      },
    );
    for (let left = COMPACT_STEPS_MAX; !isDone; left--) {
      world.check(left > 0, () => 'compact() never ends');
      if (world.driven.step()) continue;
      await world.drain(false);
      // As the timer of an open database does it.
      world.clock.advance(TICK_MS);
      world.driven.tick();
    }
  }
}

/** Throws what went wrong, with the seed. Returns how many changes were followed through the feed. */
export async function fuzz(setup: FuzzSetup): Promise<number> {
  const run = new Fuzz(setup);
  await run.run();
  return run.followed;
}

/** Seeds to run: one when `FERRITE_SEED` is set, else `count` from `first`. */
export function seedsFrom(first: number, count: number): number[] {
  const chosen = process.env.FERRITE_SEED;
  if (chosen !== undefined) return [Number(chosen)];
  return Array.from({ length: count }, (_, i) => first + i);
}
