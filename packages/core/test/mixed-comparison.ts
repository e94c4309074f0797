/**
 * Random commands of all types, mixed, sent to an instance and to the real redis: keys get values of any type, by RENAME, COPY
 * and the like, commands of other types meet them, some run in transactions, and some keys' time ends.
 *
 * Called by a quick test and by one of millions of commands.
 */
import { GeoDraw } from './draws/geo.ts';
import { HashDraw } from './draws/hashes.ts';
import { KeyDraw } from './draws/keys.ts';
import { ListDraw } from './draws/lists.ts';
import { SetDraw } from './draws/sets.ts';
import { SortedSetDraw } from './draws/sorted-sets.ts';
import { StreamDraw } from './draws/streams.ts';
import { StringDraw } from './draws/strings.ts';
import { type Argument, Draw } from './draws/draw.ts';
import { RedisComparison } from './redis-comparison.ts';
import type { ReferenceRedis } from './reference-redis.ts';
import { nameOf } from './reply-rules.ts';

const PREFIXES = ['str', 'hash', 'list', 'set', 'zset', 'stream'];
const KEYS_EACH = 4;
/** Long strings have a test of their own. */
const STRING_SHRINK = 50;
const BATCH = 200;
const COMPARE_ONE_IN = 2000;
const TRANSACT_ONE_IN = 40;
const END_ONE_IN = 1500;
const END_MS = 5;
/** The same in both: redis 7.0 has no small sets but those of numbers. */
const CONFIGURATION: Argument[][] = [
  ['hash-max-listpack-entries', 20],
  ['hash-max-listpack-value', 40],
  ['zset-max-listpack-entries', 16],
  ['set-max-intset-entries', 24],
];

/** Commands on all types, on the keys of each in turn, and now and then of another. */
class MixedDraw extends Draw {
  readonly names: readonly string[];
  readonly #draws: readonly Draw[];

  constructor(seed: number) {
    super(seed, { prefix: 'k', count: 1 }, {});
    this.names = PREFIXES.flatMap((prefix) => Array.from({ length: KEYS_EACH }, (_, i) => `${prefix}${i}`));
    const keysOf = (prefix: string) => ({ prefix, count: KEYS_EACH, others: this.names });
    const own = seed * 16;
    this.#draws = [
      new StringDraw(own + 1, keysOf('str'), STRING_SHRINK),
      new HashDraw(own + 2, keysOf('hash')),
      new ListDraw(own + 3, keysOf('list')),
      new SetDraw(own + 4, keysOf('set')),
      new SortedSetDraw(own + 5 + (seed % 6), keysOf('zset')),
      new StreamDraw(own + 12, keysOf('stream')),
      // Redis computes with whatever score it finds, so that only keys of positions serve.
      new GeoDraw(own + 13, { prefix: 'geo', count: 2, others: ['plain'] }),
      new KeyDraw(own + 14, this.names),
    ];
  }

  override next(): Argument[] {
    return this.pick(this.#draws).next();
  }

  isOnce(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  name(): string {
    return this.pick(this.names);
  }

  /** For a transaction: none that `RedisComparison.send` treats in a way of its own. */
  some(): Argument[][] {
    const count = this.below(6);
    return Array.from({ length: count }, () => this.next()).filter(
      (command) =>
        !/^(SPOP|DUMP|RANDOMKEY|SORT|SORT_RO|XSETID|SDIFFSTORE|DEBUG|.*RAND(MEMBER|FIELD))$/.test(nameOf(command)),
    );
  }
}

/** Throws at the first difference. */
export async function compareMixed(redis: ReferenceRedis, seed: number, commands: number): Promise<void> {
  const draw = new MixedDraw(seed);
  const comparison = new RedisComparison(redis);
  await comparison.compare(['FLUSHALL']);
  for (const [name, value] of CONFIGURATION) await comparison.compare(['CONFIG', 'SET', name, value]);
  comparison.ours(['CONFIG', 'SET', 'set-max-listpack-entries', '0']);
  for (const name of ['text', 'plain']) await comparison.compare(['SET', name, 'x']);
  await comparison.compare(['SADD', 'set', 'm1', 'm2', 'm3', 'member:4', 'other5']);
  for (let i = 0; i < commands; i++) {
    if (draw.isOnce(TRANSACT_ONE_IN)) comparison.transact(draw.some());
    else {
      const exchange = comparison.send(draw.next());
      if (exchange !== undefined) await exchange;
    }
    if (draw.isOnce(END_ONE_IN)) await letEnd(comparison, draw.name());
    if (i % BATCH === 0) await comparison.settle();
    if (draw.isOnce(COMPARE_ONE_IN)) for (const name of draw.names) await comparison.compareValue(name);
  }
  for (const name of draw.names) await comparison.compareValue(name);
}

/** The time of a key ends, on either side on its own. */
async function letEnd(comparison: RedisComparison, key: string): Promise<void> {
  await comparison.compare(['PEXPIRE', key, 1]);
  await new Promise((resolve) => setTimeout(resolve, END_MS));
  await comparison.compare(['EXISTS', key]);
}
