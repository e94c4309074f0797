/** What a program does to the database in the fuzz: each operation does it to the engine and the model, and compares. */
import type { Word } from './embedded-words.ts';
import { makeValue } from './embedded-words.ts';
import type { ModelEntry } from './embedded-model.ts';
import { show, type Value, type World } from './embedded-world.ts';

const INT64_MAX = 2n ** 63n - 1n;
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const GET_MANY_MAX = 150;

type Conditions = {
  ttlMs?: number;
  expiresAt?: number;
  keepTtl?: boolean;
  ifAbsent?: boolean;
  ifPresent?: boolean;
  ifVersion?: number;
};

function bytesOf(value: Value): Buffer {
  return Buffer.from(value as string);
}

function nameOf(key: Word): string {
  return JSON.stringify(key.bytes.toString('latin1', 0, 40));
}

export class Operations {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  private get db() {
    return this.world.driven.db;
  }

  private key(): Word {
    const { keys } = this.world;
    // Half of the time one of a few keys.
    return this.world.below(2) === 0 ? keys[this.world.below(Math.min(16, keys.length))] : this.world.pick(keys);
  }

  private value(): Value {
    return makeValue(this.world.prng, this.world.setup.largeOneIn);
  }

  private codedValue(bytes: Buffer): Value {
    return this.world.setup.options.codec === 'buffer' ? bytes : bytes.toString('utf8');
  }

  private checkValue(key: Word, found: Value | undefined, expected: ModelEntry | undefined, call: string): void {
    const own = expected === undefined ? undefined : this.codedValue(expected.value);
    const same = typeof own === 'object' ? found !== undefined && own.toString() === found.toString() : own === found;
    this.world.check(same, () => `${call} of ${nameOf(key)} gave ${describe(found)} instead of ${show(expected)}`);
  }

  get(): string {
    const key = this.key();
    const expected = this.world.get(key);
    this.checkValue(key, this.db.get(key.given), expected, 'get');
    return `get ${nameOf(key)}`;
  }

  getBuffer(): string {
    const key = this.key();
    const expected = this.world.get(key);
    const found = this.db.getBuffer(key.given);
    const same =
      found === undefined || expected === undefined ? found === expected?.value : found.equals(expected.value);
    this.world.check(same, () => `getBuffer of ${nameOf(key)} gave ${describe(found)} instead of ${show(expected)}`);
    found?.fill(0x7e);
    return `getBuffer ${nameOf(key)}`;
  }

  getMany(): string {
    const keys = Array.from({ length: this.world.below(GET_MANY_MAX) }, () => this.key());
    const found = this.db.getMany(keys.map((key) => key.given));
    this.world.check(found.length === keys.length, () => `getMany gave ${found.length} of ${keys.length}`);
    for (const [i, key] of keys.entries()) this.checkValue(key, found[i], this.world.get(key), `getMany[${i}]`);
    return `getMany of ${keys.length}`;
  }

  getEntry(): string {
    const { world } = this;
    const key = this.key();
    const expected = world.get(key);
    const entry = this.db.getEntry(key.given);
    this.checkValue(key, entry?.value, expected, 'getEntry');
    if (entry === undefined || expected === undefined) return `getEntry ${nameOf(key)}: none`;
    const expiresAt = expected.expiresAtMs === 0 ? undefined : expected.expiresAtMs;
    world.check(
      entry.expiresAt === expiresAt,
      () => `getEntry: expiresAt is ${entry.expiresAt} instead of ${expiresAt}`,
    );
    world.sawVersion(key, entry.version);
    return `getEntry ${nameOf(key)}: ${entry.version} ${entry.tier}`;
  }

  has(): string {
    const key = this.key();
    const expected = this.world.get(key) !== undefined;
    this.world.check(this.db.has(key.given) === expected, () => `has ${nameOf(key)} is not ${expected}`);
    return `has ${nameOf(key)}`;
  }

  ttl(): string {
    const { world } = this;
    const key = this.key();
    const entry = world.get(key);
    const left = entry === undefined ? undefined : entry.expiresAtMs === 0 ? Infinity : entry.expiresAtMs - world.nowMs;
    const found = this.db.ttl(key.given);
    world.check(found === left, () => `ttl of ${nameOf(key)} is ${found} instead of ${left}`);
    return `ttl ${nameOf(key)}`;
  }

  /** A synchronous write came back: with `always` and `everysec` it survives a kill. */
  private wrote(): void {
    if (this.world.isSealed) this.world.acknowledge();
  }

  private deadline(options: Conditions, nowMs: number): number {
    if (options.ttlMs !== undefined) return Math.max(1, Math.ceil(nowMs + options.ttlMs));
    return options.expiresAt === undefined ? 0 : Math.max(1, Math.ceil(options.expiresAt));
  }

  private ttlMs(): number {
    const { world } = this;
    const kind = world.below(10);
    if (kind === 0) return -world.below(100);
    if (kind === 1) return world.below(2000) + 0.5;
    return kind < 8 ? 1 + world.below(5000) : 1 + world.below(100_000_000);
  }

  private conditions(key: Word): { options: Conditions; holds: boolean | undefined } {
    const { world } = this;
    const options: Conditions = {};
    const kind = world.below(6);
    if (kind === 0) options.ttlMs = this.ttlMs();
    else if (kind === 1) options.expiresAt = world.nowMs + this.ttlMs();
    else if (kind === 2) options.keepTtl = true;
    const exists = world.get(key) !== undefined;
    switch (world.below(6)) {
      case 0:
        return { options: { ...options, ifAbsent: true }, holds: !exists };
      case 1:
        return { options: { ...options, ifPresent: true }, holds: exists };
      case 2:
        return this.ifVersion(key, options, exists);
      default:
        return { options, holds: true };
    }
  }

  /** The version seen last, or an older one. Whether it still holds is not known when compaction may have moved the record. */
  private ifVersion(
    key: Word,
    options: Conditions,
    exists: boolean,
  ): { options: Conditions; holds: boolean | undefined } {
    const { world } = this;
    const known = world.versions.get(key.bytes.toString('latin1'));
    if (known === undefined) return { options: { ...options, ifVersion: 2 ** 52 }, holds: false };
    const ifVersion = world.below(3) === 0 ? world.pick([...known.seen]) : known.last;
    const isMoved = known.relocations !== world.relocations;
    const isCurrent = ifVersion === known.last && !known.isWritten;
    const holds = !exists
      ? false
      : isCurrent
        ? isMoved
          ? undefined
          : true
        : known.isWritten || !isMoved
          ? false
          : undefined;
    if (world.below(4) === 0) options.ifPresent = true;
    return { options: { ...options, ifVersion }, holds };
  }

  private applySet(key: Word, value: Value, options: Conditions): void {
    const { world } = this;
    const before = world.get(key);
    const keeps = options.keepTtl === true && before !== undefined;
    const expiresAtMs = keeps ? before.expiresAtMs : this.deadline(options, world.nowMs);
    world.put(key, { value: bytesOf(value), expiresAtMs });
  }

  set(): string {
    const { world } = this;
    const key = this.key();
    const value = this.value();
    if (world.below(2) === 0) {
      world.check(this.db.set(key.given, value) === true, () => 'set did not return true');
      this.applySet(key, value, {});
      this.wrote();
      return `set ${nameOf(key)} ${describe(value)}`;
    }
    const { options, holds } = this.conditions(key);
    const before = world.get(key);
    let written: boolean;
    if (world.below(3) === 0) {
      const result = this.db.set(key.given, value, { ...options, returnOld: true });
      this.checkValue(key, result.old, before, 'set with returnOld');
      written = result.written;
    } else {
      written = this.db.set(key.given, value, options);
    }
    const what = `set ${nameOf(key)} ${describe(value)} ${JSON.stringify(options)}`;
    world.check(holds === undefined || written === holds, () => `${what} returned ${written}`);
    if (written) this.applySet(key, value, options);
    this.wrote();
    return `${what}: ${written}`;
  }

  setAsync(): string {
    const { world } = this;
    const key = this.key();
    const value = this.value();
    const { options, holds } = this.conditions(key);
    if (holds === undefined) return this.get();
    const promise = this.db.setAsync(key.given, value, options);
    if (holds) this.applySet(key, value, options);
    const what = `setAsync ${nameOf(key)} ${describe(value)} ${JSON.stringify(options)}`;
    this.acknowledged(promise, (result) => world.check(result === holds, () => `${what} gave ${result}`));
    return what;
  }

  /** With `interval` and `none` an asynchronous write promises no more than a synchronous one. */
  private acknowledged(promise: Promise<unknown>, then: (result: unknown) => void): void {
    const { world } = this;
    if (world.isSealed) world.await(promise, then);
    else promise.then(then).catch((error) => (world.failed ??= error));
  }

  del(): string {
    const { world } = this;
    const key = this.key();
    const expected = world.get(key) !== undefined;
    const removed = this.db.del(key.given);
    world.check(removed === expected, () => `del ${nameOf(key)} returned ${removed}`);
    if (!removed) return `del ${nameOf(key)}: none`;
    world.put(key, undefined);
    this.wrote();
    return `del ${nameOf(key)}`;
  }

  incrBy(): string {
    const { world } = this;
    const key = this.key();
    const by = world.below(8) === 0 ? Number.MAX_SAFE_INTEGER - world.below(1000) : world.below(2000) - 1000;
    const before = world.get(key);
    const sum = before === undefined ? BigInt(by) : sumOf(before.value, BigInt(by));
    let found: unknown;
    try {
      found = this.db.incrBy(key.given, by);
    } catch (error) {
      found = (error as { code?: string }).code ?? error;
    }
    const expected = typeof sum === 'bigint' ? Number(sum) : sum;
    world.check(found === expected, () => `incrBy ${nameOf(key)} ${by} gave ${found} instead of ${expected}`);
    if (typeof sum !== 'bigint') return `incrBy ${nameOf(key)}: ${sum}`;
    world.put(key, { value: Buffer.from(String(sum)), expiresAtMs: before?.expiresAtMs ?? 0 });
    this.wrote();
    return `incrBy ${nameOf(key)} ${by}`;
  }

  expire(): string {
    const { world } = this;
    const key = this.key();
    const ttlMs = this.ttlMs();
    const before = world.get(key);
    const done = this.db.expire(key.given, ttlMs);
    world.check(done === (before !== undefined), () => `expire ${nameOf(key)} returned ${done}`);
    if (before === undefined) return `expire ${nameOf(key)}: none`;
    world.put(key, { ...before, expiresAtMs: this.deadline({ ttlMs }, world.nowMs) });
    this.wrote();
    return `expire ${nameOf(key)} ${ttlMs}`;
  }

  persist(): string {
    const { world } = this;
    const key = this.key();
    const before = world.get(key);
    const expected = before !== undefined && before.expiresAtMs !== 0;
    const done = this.db.persist(key.given);
    world.check(done === expected, () => `persist ${nameOf(key)} returned ${done}`);
    if (before === undefined || !done) return `persist ${nameOf(key)}: none`;
    world.put(key, { ...before, expiresAtMs: 0 });
    this.wrote();
    return `persist ${nameOf(key)}`;
  }

  batch(): string {
    const { world } = this;
    const batch = this.db.batch();
    const staged: (() => void)[] = [];
    const size = world.below(5) === 0 ? world.below(200) : world.below(12);
    for (let i = 0; i < size; i++) staged.push(this.stage(batch));
    world.check(batch.size === size, () => `a batch of ${size} says ${batch.size}`);
    const applyAll = () => {
      for (const run of staged) run();
    };
    const apply = () => world.model.atomically(applyAll);
    if (world.isFull || world.below(3) > 0) {
      batch.commit();
      apply();
      this.wrote();
      return `batch of ${size}`;
    }
    const promise = batch.commitAsync();
    apply();
    this.acknowledged(promise, () => undefined);
    return `asynchronous batch of ${size}`;
  }

  /** Stages one write; the function returned does it to the model. */
  private stage(batch: ReturnType<Operations['db']['batch']>): () => void {
    const { world } = this;
    const key = this.key();
    const kind = world.below(10);
    if (kind === 0) {
      const ttlMs = this.ttlMs();
      const expiresAtMs = this.deadline({ ttlMs }, world.nowMs);
      batch.expire(key.given, ttlMs);
      return () => {
        const before = world.get(key);
        if (before !== undefined) world.put(key, { ...before, expiresAtMs });
      };
    }
    if (kind < 4) {
      batch.del(key.given);
      return () => {
        if (world.get(key) !== undefined) world.put(key, undefined);
      };
    }
    const value = this.value();
    const options = kind === 4 ? { ttlMs: this.ttlMs() } : undefined;
    const expiresAtMs = options === undefined ? 0 : this.deadline(options, world.nowMs);
    batch.set(key.given, value, options);
    return () => world.put(key, { value: bytesOf(value), expiresAtMs });
  }

  commit(): string {
    if (this.world.below(2) === 0) {
      this.db.commitSync();
      if (!this.world.setup.isInMemory) this.world.acknowledge();
      return 'commitSync';
    }
    this.world.await(this.db.commit());
    return 'commit';
  }

  stats(): string {
    const { world } = this;
    const { keys } = this.db.stats();
    const live = world.model.keys(world.nowMs).length;
    const most = live + world.model.ghosts(world.nowMs).length;
    world.check(keys >= live && keys <= most, () => `stats().keys is ${keys}, not ${live} to ${most}`);
    return 'stats';
  }
}

function sumOf(value: Buffer, by: bigint): bigint | string {
  const text = value.toString('utf8');
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return 'FERRITE_NOT_AN_INTEGER';
  const old = BigInt(text);
  if (old > INT64_MAX || old < -INT64_MAX - 1n) return 'FERRITE_NOT_AN_INTEGER';
  const sum = old + by;
  return sum > SAFE_MAX || sum < -SAFE_MAX ? 'FERRITE_OVERFLOW' : sum;
}

function describe(value: Value | undefined): string {
  if (value === undefined) return 'undefined';
  return `${value.length} ${typeof value === 'string' ? 'characters' : 'bytes'} ${JSON.stringify(value.toString().slice(0, 20))}`;
}
