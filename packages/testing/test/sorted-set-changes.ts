/**
 * Random changes of sorted sets, made in a database and in a model of it, and ranks and ranges asked for in between: what
 * `collections.fuzz.ts` does to keys that hold sorted sets. Scores are few, so that the order of members counts.
 *
 * The model is changed first, since the power may go during the call.
 */
import type { Database } from '@ferrite/core';
import { type Model, SortedModel, type Value } from './collection-model.ts';

const SETS = 4;
const MEMBERS = 300;
const SCORES = 12;
/** Keys of sorted sets, over which results are stored, and one that may hold a value of another type then. */
export const SORTED_KEYS = [...Array.from({ length: SETS }, (_, i) => `sorted${i}`), 'key1'];

export class SortedSetChanges {
  private readonly model: Model;
  private readonly db: Database<string>;
  private readonly below: (bound: number) => number;

  constructor(model: Model, db: Database<string>, below: (bound: number) => number) {
    this.model = model;
    this.db = db;
    this.below = below;
  }

  /** One change or question. Throws where the database returns something else than the model would. */
  make(): void {
    const key = `sorted${this.below(SETS)}`;
    const old = sortedOf(this.model.get(key));
    const dice = this.below(100);
    if (dice < 40) this.add(key, old);
    else if (dice < 50) this.increment(key, old);
    else if (dice < 62) this.remove(key, old);
    else if (dice < 68) this.removeRange(key, old);
    else if (dice < 74) this.pop(key, old);
    else if (dice < 80) this.store();
    else if (dice < 81) this.drop(key);
    else this.ask(key, old);
  }

  private member(): string {
    const length = this.below(40) === 0 ? this.below(2000) : 0;
    return `${['m', 'member:', 'm', 'n'][this.below(4)]}${this.below(MEMBERS)}`.padEnd(length, '-');
  }

  private score(): number {
    return this.below(10) === 0 ? this.below(1e9) / 7 : this.below(SCORES) - SCORES / 2;
  }

  private put(key: string, set: SortedModel): void {
    if (set.size === 0) this.model.delete(key);
    else this.model.set(key, set);
  }

  private add(key: string, old: SortedModel): void {
    const set = new SortedModel(old);
    const count = this.below(6) === 0 ? 60 : 1 + this.below(5);
    const pairs = Array.from({ length: count }, (): [string, number] => [this.member(), this.score()]);
    const options = [{}, {}, {}, { nx: true }, { xx: true }, { gt: true }, { lt: true }][this.below(7)];
    let added = 0;
    for (const [member, score] of pairs) {
      const before = set.get(member);
      if (before === undefined ? options.xx : options.nx) continue;
      if (before !== undefined && ((options.gt && score <= before) || (options.lt && score >= before))) continue;
      if (before === undefined) added++;
      set.set(member, score);
    }
    this.put(key, set);
    same('zadd', this.db.zadd(key, pairs, options), added);
  }

  private increment(key: string, old: SortedModel): void {
    const member = this.some(old);
    const by = this.score();
    const sum = (old.get(member) ?? 0) + by;
    this.put(key, new SortedModel(old).set(member, sum) as SortedModel);
    same('zincrby', this.db.zincrby(key, by, member), sum);
  }

  /** A member, or one that may not be there. */
  private some(old: SortedModel): string {
    return [...old.keys()][this.below(old.size + 1)] ?? this.member();
  }

  private remove(key: string, old: SortedModel): void {
    const set = new SortedModel(old);
    const members = this.below(15) === 0 ? [...old.keys()] : [this.some(old), this.some(old), this.member()];
    let removed = 0;
    for (const member of members) if (set.delete(member)) removed++;
    this.put(key, set);
    same('zrem', this.db.zrem(key, ...members), removed);
  }

  private removeRange(key: string, old: SortedModel): void {
    const start = this.below(old.size + 1);
    const stop = start + this.below(8);
    const gone = old.sorted().slice(start, stop + 1);
    const set = new SortedModel(old);
    for (const [member] of gone) set.delete(member);
    this.put(key, set);
    same('zremrange', this.db.zremrange(key, { start, stop }), gone.length);
  }

  private pop(key: string, old: SortedModel): void {
    const count = this.below(5);
    const isMax = this.below(2) === 0;
    const sorted = isMax ? old.sorted().reverse() : old.sorted();
    const popped = sorted.slice(0, count);
    const set = new SortedModel(old);
    for (const [member] of popped) set.delete(member);
    this.put(key, set);
    const returned = isMax ? this.db.zpopmax(key, count) : this.db.zpopmin(key, count);
    same('zpop', JSON.stringify(returned), JSON.stringify(popped));
  }

  private drop(key: string): void {
    const isThere = this.model.delete(key);
    same('del', this.db.del(key), isThere);
  }

  private store(): void {
    const target = SORTED_KEYS[this.below(SORTED_KEYS.length)];
    const keys = [`sorted${this.below(SETS)}`, `sorted${this.below(SETS)}`];
    const [first, second] = keys.map((key) => sortedOf(this.model.get(key)));
    const { db } = this;
    const dice = this.below(3);
    if (dice === 0) {
      const result = new SortedModel(first.sorted().slice(2, 40));
      this.put(target, result);
      same('zrangestore', db.zrangestore(target, keys[0], { start: 2, stop: 39 }), result.size);
      return;
    }
    const result = new SortedModel();
    for (const [member, score] of first) {
      const other = second.get(member);
      if (other !== undefined) result.set(member, Math.max(score, other));
      else if (dice === 1) result.set(member, score);
    }
    if (dice === 1) for (const [member, score] of second) if (!result.has(member)) result.set(member, score);
    this.put(target, result);
    const size = (dice === 1 ? db.zunionstore : db.zinterstore).call(db, target, keys, { aggregate: 'max' });
    same('store', size, result.size);
  }

  private ask(key: string, old: SortedModel): void {
    const { db } = this;
    const sorted = old.sorted();
    const member = this.some(old);
    const rank = sorted.findIndex(([each]) => each === member);
    same('zrank', db.zrank(key, member), rank < 0 ? undefined : rank);
    same('zscore', db.zscore(key, member), old.get(member));
    const [gte, lt] = [this.score(), this.score()];
    const between = sorted.filter(([, score]) => score >= gte && score < lt);
    same('zcount', db.zcount(key, { by: 'score', gte, lt }), between.length);
    const found = db.zrangeWithScores(key, { by: 'score', gte, lt, reverse: true });
    same('zrange', JSON.stringify(found), JSON.stringify(between.reverse()));
  }
}

function sortedOf(value: Value | undefined): SortedModel {
  return value instanceof SortedModel ? value : new SortedModel();
}

function same(what: string, returned: unknown, expected: unknown): void {
  if (returned !== expected) throw new Error(`${what} returned ${returned}, not ${expected}`);
}
