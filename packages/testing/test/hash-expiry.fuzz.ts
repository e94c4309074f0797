/**
 * The model-based fuzz of fields that expire: hashes against Maps that know when each field is due, with power cuts at any
 * write, checkpoints, compaction in segments of one page, and time that goes on.
 *
 * `always`: what a call returned from is durable. A due field is in no model; whether it was taken out, and its key with it,
 * is seen in the end, when all that is due has to be gone from the tables.
 */
import { CutFuzz } from './cut-fuzz.ts';

const KEYS = 5;
const FIELDS = 40;
const NEVER = Number.POSITIVE_INFINITY;
/** Longer than the wheel may be late. */
const LATE_MS = 10_000;

interface Field {
  value: string;
  dueMs: number;
}
type Hash = Map<string, Field>;
type Model = Map<string, Hash>;

export interface HashExpirySetup {
  seed: number;
  operations: number;
  hashBits: number;
  /** A power cut at one operation in so many. */
  cutOneIn: number;
}

export class HashExpiryFuzz extends CutFuzz {
  private readonly setup: HashExpirySetup;
  private model: Model = new Map();
  override readonly tally = { cuts: 0, checkpoints: 0, compactedSegments: 0, expired: 0 };

  constructor(setup: HashExpirySetup) {
    super(setup.seed, setup.hashBits, { durability: 'always' });
    this.setup = setup;
  }

  async run(): Promise<void> {
    const { setup } = this;
    for (let i = 0; i < setup.operations; i++) {
      try {
        await this.step();
        if (i % 20 === 0) this.compare(this.model);
      } catch (cause) {
        throw new Error(`seed ${setup.seed}, operation ${i}: ${(cause as Error).message}`, { cause });
      }
    }
    this.reopenAtEnd();
    this.compare(this.model);
    this.checkTakenOut();
  }

  protected override count(): void {
    super.count();
    this.tally.expired += this.driven.store.counters.expiredMembers;
  }

  /** One operation, perhaps with the power going during it or the work behind it. */
  private async step(): Promise<void> {
    const { device } = this;
    if (this.below(4) === 0) this.clock.advance(this.below(3000));
    this.cutSoon(this.setup.cutOneIn);
    const before: Model = copyOf(this.model);
    let isDone = false;
    try {
      this.operate();
      isDone = true;
      this.work(30);
      await this.settle();
    } catch (error) {
      if (!device.isCut) throw error;
    }
    if (!device.isCut) return;
    const crash = this.reopenAfterCut();
    const problem = this.differenceTo(this.model);
    if (problem === undefined) return;
    if (!isDone && this.differenceTo(before) === undefined) this.model = before;
    else throw new Error(`after a power cut (${crash}): ${problem}`);
  }

  /** Changes the store and the model: the model first, for the call may not return. */
  private operate(): void {
    const key = `key${this.below(KEYS)}`;
    const hash = this.liveOf(key);
    const dice = this.below(100);
    if (dice < 2) {
      this.model.delete(key);
      this.driven.db.del(key);
    } else if (dice < 25) this.set(key, hash);
    else if (dice < 45) this.setExpiring(key, hash);
    else if (dice < 70) this.expire(key, hash);
    else if (dice < 78) this.persist(key, hash);
    else if (dice < 88) this.increment(key, hash);
    else this.remove(key, hash);
  }

  /** What is not due of a hash. */
  private liveOf(key: string): Hash {
    const nowMs = this.clock.nowMs();
    return new Map([...(this.model.get(key) ?? [])].filter(([, { dueMs }]) => dueMs > nowMs));
  }

  private keep(key: string, hash: Hash): void {
    if (hash.size === 0) this.model.delete(key);
    else this.model.set(key, hash);
  }

  private names(): string[] {
    return Array.from({ length: 1 + this.below(4) }, () => `field${this.below(FIELDS)}`);
  }

  private value(): string {
    return String(this.prng.nextUint32()).padEnd(this.below(3) === 0 ? this.below(9000) : this.below(100), 'x');
  }

  private expectSame(what: string, got: unknown, wanted: unknown): void {
    const [one, other] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (one !== other) throw new Error(`${what} returned ${one}, not ${other}`);
  }

  private set(key: string, hash: Hash): void {
    const fields = this.names().map((name): [string, string] => [name, this.value()]);
    const added = new Set(fields.map(([name]) => name).filter((name) => !hash.has(name))).size;
    for (const [name, value] of fields) hash.set(name, { value, dueMs: NEVER });
    this.keep(key, hash);
    this.expectSame('hset', this.driven.db.hset(key, fields), added);
  }

  private setExpiring(key: string, hash: Hash): void {
    const keepTtl = this.below(3) === 0;
    const ttlMs = this.below(20_000);
    const dueMs = this.clock.nowMs() + ttlMs;
    const fields = this.names().map((name): [string, string] => [name, this.value()]);
    for (const [name, value] of fields) {
      hash.set(name, { value, dueMs: keepTtl ? (hash.get(name)?.dueMs ?? NEVER) : dueMs });
      if (!keepTtl && ttlMs === 0) hash.delete(name);
    }
    this.keep(key, hash);
    this.expectSame('hsetex', this.driven.db.hsetex(key, fields, keepTtl ? { keepTtl } : { ttlMs }), true);
  }

  private expire(key: string, hash: Hash): void {
    const ttlMs = this.below(5) === 0 ? 0 : this.below(30_000);
    const dueMs = this.clock.nowMs() + ttlMs;
    const nx = this.below(3) === 0;
    const names = this.below(4) === 0 ? ['count'] : this.names();
    const wanted = names.map((name) => {
      const field = hash.get(name);
      if (field === undefined || (nx && field.dueMs !== NEVER)) return false;
      if (ttlMs === 0) hash.delete(name);
      else hash.set(name, { ...field, dueMs });
      return true;
    });
    this.keep(key, hash);
    this.expectSame('hexpire', this.driven.db.hexpire(key, ttlMs, names, { nx }), wanted);
  }

  private persist(key: string, hash: Hash): void {
    const names = this.names();
    const wanted = names.map((name) => {
      const field = hash.get(name);
      if (field === undefined || field.dueMs === NEVER) return false;
      hash.set(name, { ...field, dueMs: NEVER });
      return true;
    });
    this.keep(key, hash);
    this.expectSame('hpersist', this.driven.db.hpersist(key, ...names), wanted);
  }

  /** Of a field of its own. */
  private increment(key: string, hash: Hash): void {
    const old = hash.get('count') ?? { value: '0', dueMs: NEVER };
    const value = String(Number(old.value) + 1);
    hash.set('count', { ...old, value });
    this.keep(key, hash);
    this.expectSame('hincrby', this.driven.db.hincrby(key, 'count'), Number(value));
  }

  private remove(key: string, hash: Hash): void {
    const names = this.below(10) === 0 ? [...hash.keys(), 'count'] : this.names();
    const wanted = names.map((name) => hash.get(name)?.value);
    const removed = new Set(names.filter((name) => hash.has(name))).size;
    const isTaken = this.below(2) === 0 && new Set(names).size === names.length;
    for (const name of names) hash.delete(name);
    this.keep(key, hash);
    if (isTaken) this.expectSame('hgetdel', this.driven.db.hgetdel(key, ...names), wanted);
    else this.expectSame('hdel', this.driven.db.hdel(key, ...names), removed);
  }

  private compare(model: Model): void {
    const problem = this.differenceTo(model);
    if (problem !== undefined) throw new Error(problem);
  }

  /** What the store holds other than the model says, values and times. */
  private differenceTo(model: Model): string | undefined {
    const { db } = this.driven;
    const nowMs = this.clock.nowMs();
    for (let i = 0; i < KEYS; i++) {
      const key = `key${i}`;
      const hash = new Map([...(model.get(key) ?? [])].filter(([, { dueMs }]) => dueMs > nowMs));
      const found = db.hgetall(key);
      const times = found.size === 0 ? [] : db.hexpiretime(key, ...found.keys());
      if (found.size !== hash.size) return `${key} has ${found.size} fields, not ${hash.size}`;
      if (db.hlen(key) !== hash.size) return `${key} counts ${db.hlen(key)} fields, not ${hash.size}`;
      for (const [at, [name, value]] of [...found].entries()) {
        const field = hash.get(name);
        if (field?.value !== value) return `${key} ${name} is ${field === undefined ? 'there' : 'another value'}`;
        if (field.dueMs !== times[at]) return `${key} ${name} is due at ${times[at]}, not ${field.dueMs}`;
      }
    }
    return undefined;
  }

  /** After a while all that is due has been taken out, also what an open brought back, and no key is left without fields. */
  private checkTakenOut(): void {
    this.clock.advance(LATE_MS);
    for (let i = 0; i < 100; i++) this.driven.tick();
    const { store, db } = this.driven;
    let slots = 0;
    for (const object of store.large.all()) {
      object.members?.loadAll();
      slots += store.large.isLive(store, object.id) ? (object.members?.count ?? 0) : 0;
    }
    let fields = 0;
    for (let i = 0; i < KEYS; i++) {
      const key = `key${i}`;
      const live = this.liveOf(key).size;
      if (db.has(key) !== live > 0) throw new Error(`${key} is ${live > 0 ? 'not ' : ''}there, with ${live} fields`);
      fields += live;
    }
    // Small hashes have no slots of their own.
    if (slots > fields) throw new Error(`there are ${slots} slots for ${fields} fields`);
  }
}

function copyOf(model: Model): Model {
  return new Map([...model].map(([key, hash]) => [key, new Map(hash)]));
}
