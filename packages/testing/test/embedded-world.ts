/**
 * One run of the fuzz: a database on a simulated device, the model beside it, and what both are known to have promised.
 *
 * The world opens, closes, kills and compares; `embedded-operations.ts` does what a program does. Everything is drawn from
 * one seed, and nothing runs by itself, so a run can be repeated exactly.
 */
import { type Driven, type OpenOptions, openDriven, Prng } from '@ferrite/core/module';
import { SimClock, SimDevice } from '@ferrite/testing';
import { type KeyText, Model, type ModelEntry, sameEntry } from './embedded-model.ts';
import { makeKeys, type Word } from './embedded-words.ts';

const PAGE_BYTES = 128 * 1024;
const DRAIN_TURNS = 4;

export type Value = string | Uint8Array;

export interface FuzzSetup {
  seed: number;
  operations: number;
  hashBits: number;
  options: OpenOptions<Value>;
  isInMemory: boolean;
  segmentPages: number;
  keyCount: number;
  /** One value in so many is large. */
  largeOneIn: number;
}

/** What is known of a key's version. */
interface Version {
  last: number;
  isWritten: boolean;
  relocations: number;
  readonly seen: Set<number>;
}

export interface Waiting {
  settled: boolean;
  promise: Promise<void>;
}

export class World {
  readonly setup: FuzzSetup;
  readonly prng: Prng;
  readonly clock = new SimClock();
  readonly model = new Model();
  readonly keys: Word[];
  readonly byText = new Map<string, Word>();
  readonly versions = new Map<KeyText, Version>();
  readonly trace: string[] = [];
  driven!: Driven<Value>;
  /** Raised at each open; what a handle of an earlier one promised is void. */
  generation = 0;
  waiting: Waiting[] = [];
  failed: unknown;
  operation = 0;
  /** The disk has no room left: writes may be refused. */
  isFull = false;
  private device: SimDevice;
  private readonly hostPrng: Prng;
  private relocatedEarlier = 0;

  constructor(setup: FuzzSetup) {
    this.setup = setup;
    this.prng = new Prng(setup.seed);
    this.hostPrng = new Prng(setup.seed + 1);
    this.device = new SimDevice({ clock: this.clock, seed: setup.seed });
    if (setup.seed % 3 === 0) this.device.shortWrites(4);
    this.keys = makeKeys(this.prng, setup.keyCount, setup.seed % 2 === 0);
    for (const key of this.keys) this.byText.set(key.bytes.toString('utf8'), key);
    this.open();
  }

  get nowMs(): number {
    return this.clock.nowMs();
  }

  get isSealed(): boolean {
    const { durability } = this.setup.options;
    return !this.setup.isInMemory && durability !== 'interval' && durability !== 'none';
  }

  check(condition: boolean, what: () => string): void {
    if (!condition) throw new Error(what());
  }

  below(bound: number): number {
    return this.prng.nextBelow(bound);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.prng.nextBelow(list.length)];
  }

  open(readOnly = false): void {
    const { options, hashBits, isInMemory, segmentPages } = this.setup;
    this.generation++;
    this.relocatedEarlier += this.driven?.store.counters.relocatedBytes ?? 0;
    this.driven = openDriven<Value>(readOnly ? { ...options, readOnly } : options, {
      device: isInMemory ? null : this.device,
      clock: this.clock,
      prng: this.hostPrng,
      hashBits,
      segmentMinBytes: PAGE_BYTES,
      segmentMaxBytes: PAGE_BYTES * segmentPages,
    });
  }

  /** Everything written so far survives a kill. */
  acknowledge(steps = this.model.steps): void {
    this.model.keep(steps);
  }

  /** A promise that must settle well, and says that the model's steps so far are safe. */
  await(promise: Promise<unknown>, then: (result: unknown) => void = () => undefined): void {
    const { generation } = this;
    const steps = this.model.steps;
    const waiting: Waiting = { settled: false, promise: Promise.resolve() };
    waiting.promise = promise.then(
      (result) => {
        waiting.settled = true;
        if (generation !== this.generation) return;
        then(result);
        if (!this.setup.isInMemory) this.acknowledge(steps);
      },
      (error) => {
        waiting.settled = true;
        if (generation === this.generation) this.failed ??= error;
      },
    );
    this.waiting.push(waiting);
  }

  /** Lets asynchronous work go on, until everything awaited has settled if `fully`. */
  async drain(fully: boolean): Promise<void> {
    for (let turn = 0; turn < (fully ? 1000 : DRAIN_TURNS); turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      this.waiting = this.waiting.filter((one) => !one.settled);
      if (this.failed !== undefined) throw this.failed;
      if (this.waiting.length === 0) return;
    }
    this.check(!fully, () => `${this.waiting.length} promises never settle`);
  }

  /** Notes a write of a key that the engine has accepted. */
  put(key: Word, entry: ModelEntry | undefined): void {
    const text = key.bytes.toString('latin1');
    this.model.put(text, entry, this.nowMs);
    this.wrote(text);
  }

  private wrote(text: KeyText): void {
    const version = this.versions.get(text);
    if (version !== undefined) version.isWritten = true;
  }

  get(key: Word): ModelEntry | undefined {
    return this.model.get(key.bytes.toString('latin1'), this.nowMs);
  }

  get relocations(): number {
    return this.setup.isInMemory ? this.operation : this.relocatedEarlier + this.driven.store.counters.relocatedBytes;
  }

  /** Checks the rules of versions: another one after each write, the same one otherwise unless compaction moved the record. */
  sawVersion(key: Word, seen: number): void {
    const text = key.bytes.toString('latin1');
    const { relocations } = this;
    const version = this.versions.get(text);
    if (version === undefined) {
      this.versions.set(text, { last: seen, isWritten: false, relocations, seen: new Set([seen]) });
      return;
    }
    if (version.isWritten) this.check(!version.seen.has(seen), () => `version ${seen} came back after a write`);
    else if (version.relocations === relocations) {
      this.check(seen === version.last, () => `version ${version.last} became ${seen} without a write`);
    }
    version.seen.add(seen);
    Object.assign(version, { last: seen, isWritten: false, relocations });
  }

  /** Leaves the disk `roomBytes` for `run`. Nothing may be waiting for a commit: it would be refused with the rest. */
  withFullDisk(roomBytes: number, run: () => void): void {
    this.device.setCapacity(this.device.usedBytes + roomBytes);
    this.isFull = true;
    run();
    this.isFull = false;
    this.device.setCapacity(Number.POSITIVE_INFINITY);
  }

  /** Commits and opens again; nothing may be missing. */
  async reopen(): Promise<void> {
    this.driven.db.close();
    if (this.setup.isInMemory) {
      this.forgetEverything();
      await this.drain(true);
      this.open();
      return;
    }
    this.acknowledge();
    await this.drain(true);
    if (this.below(4) === 0) {
      this.open(true);
      this.checkAll(true);
      this.driven.db.close();
    }
    this.open();
    this.checkAll();
  }

  private forgetEverything(): void {
    const { model } = this;
    for (const key of [...model.entries.keys()]) model.put(key, undefined, this.nowMs);
    this.acknowledge();
    this.versions.clear();
  }

  /** The process dies: written bytes are there, memory is not. What was acknowledged must be there. */
  async kill(): Promise<void> {
    if (this.setup.isInMemory) return this.reopen();
    this.generation++;
    this.device = this.device.crash('everything', this.prng.nextUint32());
    if (this.setup.seed % 3 === 0) this.device.shortWrites(4);
    this.waiting = [];
    await this.drain(false);
    this.open();
    const found = this.readAll();
    const result = this.model.rollBackTo(found, this.nowMs);
    this.check(typeof result === 'number', () => {
      const keys = (result as KeyText[]).slice(0, 3).map((key) => this.describe(key, found.get(key)));
      return `after a kill no state that was acknowledged, or came later, is there: ${keys.join('; ')}`;
    });
    if ((result as number) > 0) this.versions.clear();
    this.acknowledge();
    this.checkAll();
  }

  private describe(key: KeyText, found: ModelEntry | undefined): string {
    const own = this.model.get(key, this.nowMs);
    return `${JSON.stringify(key.slice(0, 40))}: expected ${show(own)}, found ${show(found)}`;
  }

  /** Every key that is there, with its value and expiry. */
  readAll(db = this.driven.db): Map<KeyText, ModelEntry> {
    const found = new Map<KeyText, ModelEntry>();
    for (const key of this.keys) {
      const value = db.getBuffer(key.given);
      if (value === undefined) continue;
      const ttl = db.ttl(key.given) as number;
      const expiresAtMs = ttl === Number.POSITIVE_INFINITY ? 0 : this.nowMs + ttl;
      found.set(key.bytes.toString('latin1'), { value, expiresAtMs });
    }
    return found;
  }

  /** Compares everything. */
  checkAll(isReadOnly = false): void {
    const live = this.model.keys(this.nowMs);
    // Reading before and after the order of keys was made must be the same.
    if (this.below(2) === 0) this.readAll();
    if (this.setup.options.ordered !== false) this.checkOrder(live);
    const found = this.readAll();
    for (const key of live) {
      const value = found.get(key);
      this.check(sameEntry(this.model.entries.get(key), value), () => this.describe(key, value));
    }
    this.check(found.size === live.length, () => {
      const extra = [...found.keys()].filter((key) => this.model.get(key, this.nowMs) === undefined);
      const some = extra.slice(0, 3).map((key) => this.describe(key, found.get(key)));
      return `${found.size} keys instead of ${live.length}: ${some.join('; ')}`;
    });
    const { keys } = this.driven.db.stats();
    // Read-only, what is due is passed over but not taken out.
    const isRight = keys === live.length || (isReadOnly && keys > live.length);
    this.check(isRight, () => `stats().keys is ${keys} instead of ${live.length}`);
  }

  private checkOrder(live: readonly KeyText[]): void {
    let i = 0;
    for (const text of this.driven.db.keys()) {
      const expected = this.word(live[i])?.bytes.toString('utf8');
      this.check(
        text === expected,
        () => `keys()[${i}] is ${JSON.stringify(text)} instead of ${JSON.stringify(expected)}`,
      );
      i++;
    }
    this.check(i === live.length, () => `keys() ends after ${i} of ${live.length}`);
  }

  private word(key: KeyText | undefined): Word | undefined {
    return key === undefined ? undefined : this.byText.get(Buffer.from(key, 'latin1').toString('utf8'));
  }
}

export function show(entry: ModelEntry | undefined): string {
  if (entry === undefined) return 'nothing';
  return `${entry.value.length} bytes ${JSON.stringify(entry.value.toString('latin1', 0, 20))} until ${entry.expiresAtMs}`;
}
