/** Random commands on sorted sets. Odd seeds have few members and scores, even ones many. */
import { type Argument, Draw, type KeyChoice } from './draw.ts';

export class SortedSetDraw extends Draw {
  readonly #members: number;
  readonly #scores: number;

  constructor(seed: number, keys: Partial<KeyChoice> = {}) {
    super(seed, { prefix: 'z', count: 4 }, keys);
    this.#members = seed % 2 === 0 ? 1000 : 30;
    this.#scores = seed % 3 === 0 ? 1e6 : 8;
  }

  #key(): string {
    return this.below(40) === 0 ? this.pick(['text', 'set']) : this.key();
  }

  /** Keys whose members all have the same score: only there the order of members is a matter of redis's promises. */
  #lexKey(): string {
    return `l${this.below(2)}`;
  }

  #keys(): string[] {
    return Array.from({ length: 1 + this.below(4) }, () => this.#key());
  }

  #member(): string {
    return `${this.pick(['m', 'member:', 'm', 'other'])}${this.below(this.#members)}`;
  }

  #score(): Argument {
    if (this.below(60) === 0) return this.pick(['inf', '-inf', 'nan', 'x', '1e400', '']);
    return this.pick([this.below(this.#scores), -this.below(this.#scores), this.below(this.#scores) / 4]);
  }

  #scoreBound(): Argument {
    const bound = this.pick<Argument>([this.#score(), '-inf', '+inf', this.below(this.#scores)]);
    return this.below(3) === 0 ? `(${bound}` : bound;
  }

  #memberBound(): string {
    return this.pick(['-', '+', `[${this.#member()}`, `(${this.#member()}`, '[m', '(n', 'm', '']);
  }

  #index(): number {
    return this.below(40) - 15;
  }

  #limit(): Argument[] {
    return this.below(2) === 0 ? [] : ['LIMIT', this.below(12) - 1, this.below(12) - 2];
  }

  #pairs(count: number): Argument[] {
    return Array.from({ length: count }, () => [this.#score(), this.#member()]).flat();
  }

  #add(): Argument[] {
    const count = this.pick([1, 1, 2, 5, 40]);
    const options = this.pick([[], [], [], ['NX'], ['XX'], ['GT'], ['LT', 'CH'], ['CH'], ['XX', 'GT'], ['NX', 'LT']]);
    return this.pick<() => Argument[]>([
      () => ['ZADD', this.#key(), ...options, ...this.#pairs(count)],
      () => ['ZADD', this.#key(), ...options, ...this.#pairs(count)],
      () => ['ZADD', this.#key(), ...options, 'INCR', ...this.#pairs(1)],
      () => ['ZINCRBY', this.#key(), this.#score(), this.#member()],
      () => ['ZADD', this.#lexKey(), ...Array.from({ length: count }, () => [0, this.#member()]).flat()],
    ])();
  }

  #ask(): Argument[] {
    const key = this.#key();
    return this.pick<() => Argument[]>([
      () => ['ZSCORE', key, this.#member()],
      () => ['ZMSCORE', key, this.#member(), this.#member()],
      () => ['ZCARD', key],
      () => ['ZRANK', key, this.#member()],
      () => ['ZREVRANK', key, this.#member()],
      () => ['ZCOUNT', key, this.#scoreBound(), this.#scoreBound()],
      () => ['ZLEXCOUNT', this.#lexKey(), this.#memberBound(), this.#memberBound()],
      () => ['ZINTERCARD', 2, key, this.#key(), ...this.pick([[], ['LIMIT', this.below(5)]])],
    ])();
  }

  #range(): Argument[] {
    const key = this.#key();
    const scores = this.pick([[], ['WITHSCORES']]);
    return this.pick<() => Argument[]>([
      () => ['ZRANGE', key, this.#index(), this.#index(), ...scores],
      () => ['ZRANGE', key, this.#index(), this.#index(), 'REV', ...scores],
      () => ['ZREVRANGE', key, this.#index(), this.#index(), ...scores],
      () => ['ZRANGE', key, this.#scoreBound(), this.#scoreBound(), 'BYSCORE', ...scores, ...this.#limit()],
      () => ['ZRANGE', key, this.#scoreBound(), this.#scoreBound(), 'REV', 'BYSCORE', ...this.#limit()],
      () => ['ZRANGEBYSCORE', key, this.#scoreBound(), this.#scoreBound(), ...this.#limit(), ...scores],
      () => ['ZREVRANGEBYSCORE', key, this.#scoreBound(), this.#scoreBound(), ...scores, ...this.#limit()],
      () => ['ZRANGEBYLEX', this.#lexKey(), this.#memberBound(), this.#memberBound(), ...this.#limit()],
      () => ['ZREVRANGEBYLEX', this.#lexKey(), this.#memberBound(), this.#memberBound(), ...this.#limit()],
      () => ['ZRANGESTORE', this.#key(), key, this.#index(), this.#index(), ...this.pick([[], ['REV']])],
      () => ['ZRANGESTORE', this.#key(), key, this.#scoreBound(), this.#scoreBound(), 'BYSCORE', ...this.#limit()],
    ])();
  }

  #remove(): Argument[] {
    const key = this.#key();
    return this.pick<() => Argument[]>([
      () => ['ZREM', key, this.#member(), this.#member()],
      () => ['ZREMRANGEBYRANK', key, this.#index(), this.#index()],
      () => ['ZREMRANGEBYSCORE', key, this.#scoreBound(), this.#scoreBound()],
      () => ['ZREMRANGEBYLEX', this.#lexKey(), this.#memberBound(), this.#memberBound()],
      () => ['ZPOPMIN', key],
      () => ['ZPOPMAX', key, this.below(6)],
      () => ['ZMPOP', 2, key, this.#key(), this.pick(['MIN', 'MAX']), 'COUNT', this.below(5)],
      () => ['DEL', key],
    ])();
  }

  #algebra(): Argument[] {
    const keys = this.#keys();
    const weights = this.pick([[], ['WEIGHTS', ...keys.map(() => this.pick([1, 2, -1, 0.5, 0]))]]);
    const aggregate = this.pick([[], ['AGGREGATE', this.pick(['SUM', 'min', 'MAX'])]]);
    const scores = this.pick([[], ['WITHSCORES']]);
    return this.pick<() => Argument[]>([
      () => ['ZUNION', keys.length, ...keys, ...weights, ...aggregate, ...scores],
      () => ['ZINTER', keys.length, ...keys, ...weights, ...aggregate, ...scores],
      () => ['ZDIFF', keys.length, ...keys, ...scores],
      () => ['ZUNIONSTORE', this.#key(), keys.length, ...keys, ...weights, ...aggregate],
      () => ['ZINTERSTORE', this.#key(), keys.length, ...keys, ...weights, ...aggregate],
      () => ['ZDIFFSTORE', this.#key(), keys.length, ...keys],
    ])();
  }

  next(): Argument[] {
    const add = (): Argument[] => this.#add();
    const kinds = [add, add, add, () => this.#ask(), () => this.#range(), () => this.#range(), () => this.#remove()];
    return this.below(12) === 0 ? this.#algebra() : this.pick(kinds)();
  }
}
