/** Random commands on sets. Few members, so that sets meet each other. */
import { type Argument, Draw, type KeyChoice } from './draw.ts';

export class SetDraw extends Draw {
  constructor(seed: number, keys: Partial<KeyChoice> = {}) {
    super(seed, { prefix: 'k', count: 6 }, keys);
  }

  #member(): Argument {
    return this.pick<() => Argument>([
      () => this.below(40) - 20,
      () => `m${this.below(30)}`,
      () => this.pick(['', '01', '\xff\x00', '9223372036854775807', '9223372036854775808', 'x'.repeat(100)]),
    ])();
  }

  #members(): Argument[] {
    return Array.from({ length: 1 + this.below(this.pick([2, 5, 60])) }, () => this.#member());
  }

  #count(): Argument {
    return this.pick<() => Argument>([
      () => this.below(10),
      () => this.below(100),
      () => -this.below(10),
      () => this.pick(['x', '', '9223372036854775808', '-9223372036854775808', '9223372036854775807', '+1']),
    ])();
  }

  #change(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['SADD', key, ...this.#members()],
      () => ['SADD', key, ...this.#members()],
      () => ['SREM', key, ...this.#members()],
      () => ['SMOVE', key, this.key(), this.#member()],
      () => ['SPOP', key],
      () => ['SPOP', key, this.#count()],
      () => [this.pick(['SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE']), key, ...this.someKeys()],
      () => [this.pick(['SUNIONSTORE', 'SDIFFSTORE']), key, ...this.someKeys()],
    ])();
  }

  #question(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['SISMEMBER', key, this.#member()],
      () => ['SMISMEMBER', key, ...this.#members()],
      () => ['SCARD', key],
      () => ['SMEMBERS', key],
      () => ['SRANDMEMBER', key],
      () => ['SRANDMEMBER', key, this.#count()],
      () => [this.pick(['SINTER', 'SUNION', 'SDIFF']), ...this.someKeys()],
      () => [
        'SINTERCARD',
        this.pick([1, 2, 3, 0, 'x', 5]),
        ...this.someKeys(),
        ...this.pick([[], ['LIMIT', this.#count()]]),
      ],
      () => ['TYPE', key],
      () => ['EXISTS', key],
      () => ['PTTL', key],
    ])();
  }

  #rare(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['DEL', key],
      () => ['SET', key, 'text'],
      () => ['HSET', key, 'f', 'v'],
      () => ['RENAME', key, this.key()],
      () => ['COPY', key, this.key()],
      () => ['PERSIST', key],
      () => ['SADD', key],
      () => ['SMOVE', key],
      () => ['SPOP', key, 1, 2],
      () => ['SRANDMEMBER', key, 1, 2],
      () => ['SINTERCARD', 1],
      () => ['SSCAN', key, 'x', 'COUNT', '10'],
      () => ['SSCAN', key, '0', ...this.pick([['COUNT', '0'], ['COUNT', 'x'], ['BAD'], ['MATCH'], ['']])],
    ])();
  }

  next(): Argument[] {
    const dice = this.below(20);
    if (dice < 10) return this.#change();
    return dice < 19 ? this.#question() : this.#rare();
  }
}
