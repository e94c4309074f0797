/**
 * The model-based fuzz of collections: hashes, sets, sorted sets, and strings beside them, against Maps and Sets, with power cuts at any
 * write.
 *
 * `always`: what a call returned from is durable, so after a cut the store must hold the model, or the model with the
 * operation that was cut; nothing else. Few bits of hash make members and keys collide. A checkpoint may be begun after
 * every operation, and compaction goes on all the time, in segments of one page.
 */
import { CutFuzz } from './cut-fuzz.ts';
import {
  copyOf,
  describeDifference,
  isPopped,
  type Model,
  SortedModel,
  sameModel,
  type Value,
} from './collection-model.ts';
import { SET_KEYS, SetChanges } from './set-changes.ts';
import { SORTED_KEYS, SortedSetChanges } from './sorted-set-changes.ts';

const KEYS = 6;
const FIELDS = 80;

export interface CollectionSetup {
  seed: number;
  operations: number;
  hashBits: number;
  /** A power cut at one operation in so many. */
  cutOneIn: number;
}

export class CollectionFuzz extends CutFuzz {
  private readonly setup: CollectionSetup;
  private model: Model = new Map();
  private sets: SetChanges | null = null;
  override readonly tally = { cuts: 0, checkpoints: 0, compactedSegments: 0, members: 0 };

  constructor(setup: CollectionSetup) {
    super(setup.seed, setup.hashBits, { durability: 'always' });
    this.setup = setup;
  }

  async run(): Promise<void> {
    const { setup, tally } = this;
    for (let i = 0; i < setup.operations; i++) {
      try {
        await this.step();
        if (i % 50 === 0) this.compare(this.model);
      } catch (cause) {
        throw new Error(`seed ${setup.seed}, operation ${i}: ${(cause as Error).message}`, { cause });
      }
    }
    this.reopenAtEnd();
    this.compare(this.model);
    for (const value of this.model.values()) if (typeof value !== 'string') tally.members += value.size;
  }

  /** One operation, perhaps with the power going during it or the work behind it. */
  private async step(): Promise<void> {
    const { device } = this;
    this.cutSoon(this.setup.cutOneIn);
    const before = copyOf(this.model);
    let isDone = false;
    try {
      this.operate();
      isDone = true;
      this.work();
      await this.settle();
    } catch (error) {
      if (!device.isCut) throw error;
    }
    if (!device.isCut) return;
    const crash = this.reopenAfterCut();
    const found = this.read();
    if (sameModel(found, this.model)) return;
    if (!isDone && sameModel(found, before)) {
      this.model = before;
      return;
    }
    const pop = this.sets?.pop ?? null;
    if (!isDone && pop !== null && isPopped(found, before, pop)) {
      this.model = found;
      return;
    }
    throw new Error(`after a power cut (${crash}) the store holds ${describeDifference(found, this.model)}`);
  }

  /** Changes the store and the model: the model first, for the call may not return. */
  private operate(): void {
    const { model, driven } = this;
    const { db } = driven;
    const key = `key${this.below(KEYS)}`;
    const old = model.get(key);
    const dice = this.below(100);
    this.sets = null;
    if (this.below(4) === 0) new SortedSetChanges(model, db, (bound) => this.below(bound)).make();
    else if (this.below(3) === 0) {
      this.sets = new SetChanges(model, db, (bound) => this.below(bound));
      this.sets.make();
    } else if (dice < 2) {
      model.delete(key);
      db.del(key);
    } else if (dice < 4) {
      const text = `text${this.prng.nextUint32()}`;
      model.set(key, text);
      db.set(key, text);
    } else if (dice < 6) {
      if (old !== undefined) db.expire(key, 1000 * 3600 * 24 * 365);
    } else if (typeof old === 'string' || old instanceof Set || old instanceof SortedModel) {
      model.delete(key);
      db.del(key);
    } else if (dice < 35) this.remove(key, old);
    else this.set(key, old);
  }

  private set(key: string, old: Map<string, string> | undefined): void {
    const hash = new Map(old);
    const fields: [string, string][] = [];
    for (let left = 1 + this.below(5); left > 0; left--) {
      const length = this.below(3) === 0 ? this.below(9000) : this.below(100);
      fields.push([`field${this.below(FIELDS)}`, String(this.prng.nextUint32()).padEnd(length, 'x')]);
    }
    let added = 0;
    for (const [field, value] of fields) {
      if (!hash.has(field)) added++;
      hash.set(field, value);
    }
    this.model.set(key, hash);
    const result = this.driven.db.hset(key, fields);
    if (result !== added) throw new Error(`hset returned ${result}, not ${added}`);
  }

  private remove(key: string, old: Map<string, string> | undefined): void {
    const hash = new Map(old);
    const fields: string[] = [];
    const count = this.below(20) === 0 ? FIELDS : 1 + this.below(4);
    for (let i = 0; i < count; i++) fields.push(`field${count === FIELDS ? i : this.below(FIELDS)}`);
    let removed = 0;
    for (const field of fields) if (hash.delete(field)) removed++;
    if (hash.size === 0) this.model.delete(key);
    else this.model.set(key, hash);
    const result = this.driven.db.hdel(key, ...fields);
    if (result !== removed) throw new Error(`hdel returned ${result}, not ${removed}`);
  }

  private read(): Model {
    const { db } = this.driven;
    const found: Model = new Map();
    const keys = new Set([...Array.from({ length: KEYS }, (_, i) => `key${i}`), ...SET_KEYS, ...SORTED_KEYS]);
    const read: ((key: string) => unknown)[] = [
      (key: string) => db.hgetall(key),
      (key: string) => db.smembers(key),
      (key: string) => db.get(key),
    ];
    read.push((key: string) => new SortedModel(db.zrangeWithScores(key)));
    for (const key of keys) {
      if (!db.has(key)) continue;
      for (const readAs of read) {
        try {
          found.set(key, readAs(key) as Value);
        } catch (error) {
          if ((error as { code?: string }).code !== 'FERRITE_WRONG_TYPE') throw error;
        }
      }
    }
    return found;
  }

  private compare(model: Model): void {
    const found = this.read();
    if (!sameModel(found, model)) throw new Error(`the store holds ${describeDifference(found, model)}`);
    for (const [key, value] of model) {
      if (value instanceof SortedModel) {
        const order = JSON.stringify(this.driven.db.zrangeWithScores(key));
        if (order !== JSON.stringify(value.sorted())) throw new Error(`the members of ${key} are out of order`);
      } else if (value instanceof Map) {
        for (const [field, expected] of value) {
          if (this.driven.db.hget(key, field) !== expected) throw new Error(`${key} ${field} is not found`);
        }
      }
      if (value instanceof Set && this.driven.db.smismember(key, ...value).includes(false)) {
        throw new Error(`a member of ${key} is not found`);
      }
    }
  }
}
