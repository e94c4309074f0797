/**
 * Random changes of sets, made in a database and in a model of it: what `collections.fuzz.ts` does to keys that hold sets.
 *
 * The model is changed first, since the power may go during the call. Only what SPOP takes is not known before.
 */
import type { Database } from '@ferrite/core';
import type { Model, Value } from './collection-model.ts';

const SETS = 4;
const MEMBERS = 60;
/** Keys of sets, over which results are stored, and one that may hold a value of another type then. */
export const SET_KEYS = [...Array.from({ length: SETS }, (_, i) => `set${i}`), 'key0'];

/** A SPOP that may be under way: from which key, and of how many members. */
export interface Pop {
  key: string;
  count: number;
}

export class SetChanges {
  /** Set while it is not known what a SPOP has taken. */
  pop: Pop | null = null;
  private readonly model: Model;
  private readonly db: Database<string>;
  private readonly below: (bound: number) => number;

  constructor(model: Model, db: Database<string>, below: (bound: number) => number) {
    this.model = model;
    this.db = db;
    this.below = below;
  }

  /** One change. Throws where the database returns something else than the model would. */
  make(): void {
    const key = `set${this.below(SETS)}`;
    const old = setOf(this.model.get(key));
    const dice = this.below(104);
    if (dice >= 100) this.drop(key);
    else if (dice < 45) this.add(key, old);
    else if (dice < 70) this.remove(key, old);
    else if (dice < 78) this.take(key, old);
    else if (dice < 88) this.move(key, old);
    else this.store();
  }

  private members(): string[] {
    const length = this.below(3) === 0 ? this.below(2000) : 0;
    return Array.from({ length: 1 + this.below(6) }, () => `member${this.below(MEMBERS)}`.padEnd(length, '-'));
  }

  private put(key: string, set: Set<string>): void {
    if (set.size === 0) this.model.delete(key);
    else this.model.set(key, set);
  }

  private add(key: string, old: Set<string>): void {
    const members = this.members();
    const set = new Set([...old, ...members]);
    this.put(key, set);
    same('sadd', this.db.sadd(key, ...members), set.size - old.size);
  }

  private remove(key: string, old: Set<string>): void {
    const members = this.below(12) === 0 ? [...old] : [...this.members(), ...[...old].slice(0, this.below(4))];
    const set = new Set(old);
    for (const member of members) set.delete(member);
    this.put(key, set);
    same('srem', this.db.srem(key, ...members), old.size - set.size);
  }

  private drop(key: string): void {
    const isThere = this.model.delete(key);
    same('del', this.db.del(key), isThere);
  }

  private take(key: string, old: Set<string>): void {
    const count = this.below(8);
    this.pop = { key, count: Math.min(count, old.size) };
    const popped = new Set(this.db.spop(key, count));
    this.pop = null;
    same('spop', popped.size, Math.min(count, old.size));
    const left = new Set(old);
    for (const member of popped)
      if (!left.delete(member)) throw new Error(`spop returned ${member}, which was not there`);
    this.put(key, left);
  }

  private move(key: string, old: Set<string>): void {
    const to = `set${this.below(SETS)}`;
    const member = [...old][this.below(old.size + 1)] ?? 'nobody';
    const isThere = old.has(member);
    if (isThere && to !== key) {
      const target = setOf(this.model.get(to));
      const left = new Set(old);
      left.delete(member);
      this.put(key, left);
      this.put(to, new Set([...target, member]));
    }
    same('smove', this.db.smove(key, to, member), isThere);
  }

  private store(): void {
    const target = SET_KEYS[this.below(SET_KEYS.length)];
    const keys = Array.from({ length: 1 + this.below(3) }, () => `set${this.below(SETS)}`);
    const [first, ...others] = keys.map((key) => setOf(this.model.get(key)));
    const how = this.below(3);
    let result = [...first].filter((member) => others.every((set) => set.has(member) === (how === 0)));
    if (how === 2) result = [first, ...others].flatMap((set) => [...set]);
    this.put(target, new Set(result));
    const size = new Set(result).size;
    const { db } = this;
    if (how === 0) same('sinterstore', db.sinterstore(target, ...keys), size);
    else if (how === 1) same('sdiffstore', db.sdiffstore(target, ...keys), size);
    else same('sunionstore', db.sunionstore(target, ...keys), size);
  }
}

function setOf(value: Value | undefined): Set<string> {
  return value instanceof Set ? value : new Set();
}

function same(what: string, returned: unknown, expected: unknown): void {
  if (returned !== expected) throw new Error(`${what} returned ${returned}, not ${expected}`);
}
