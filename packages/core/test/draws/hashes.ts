/** Random commands on hashes. */
import { type Argument, Draw, type KeyChoice } from './draw.ts';

export class HashDraw extends Draw {
  constructor(seed: number, keys: Partial<KeyChoice> = {}) {
    super(seed, { prefix: 'k', count: 5 }, keys);
  }

  #field(): Argument {
    return this.below(10) === 0 ? this.pick(['', '\xff\x00', 'x'.repeat(100), '01']) : `f${this.below(20)}`;
  }

  #fields(): Argument[] {
    return Array.from({ length: 1 + this.below(this.pick([2, 4, 30])) }, () => this.#field());
  }

  #value(): Argument {
    return this.pick<() => Argument>([
      () => this.below(1000) - 500,
      () => this.below(100_000) / 100,
      () => this.pick(['', 'text', '0.1', '1e3', '-0', ' 1', '9223372036854775807', '-9223372036854775808', '3.0e-5']),
      () => 'v'.repeat(this.below(90)),
    ])();
  }

  #pairs(): Argument[] {
    return this.#fields().flatMap((field) => [field, this.#value()]);
  }

  #number(): Argument {
    return this.pick<() => Argument>([
      () => this.below(100) - 50,
      () => this.pick(['x', '', '1.5', '-0.25', '9223372036854775807', 'inf', 'nan', '1e5', '+1', '0']),
    ])();
  }

  #change(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['HSET', key, ...this.#pairs()],
      () => [this.pick(['HSET', 'HMSET']), key, ...this.#pairs()],
      () => ['HSETNX', key, this.#field(), this.#value()],
      () => ['HDEL', key, ...this.#fields()],
      () => ['HINCRBY', key, this.#field(), this.#number()],
      () => ['HINCRBYFLOAT', key, this.#field(), this.#number()],
    ])();
  }

  #question(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => [this.pick(['HGET', 'HEXISTS', 'HSTRLEN']), key, this.#field()],
      () => ['HMGET', key, ...this.#fields()],
      () => [this.pick(['HGETALL', 'HKEYS', 'HVALS', 'HLEN', 'TYPE', 'PTTL']), key],
      () => ['HSCAN', key, '0', 'COUNT', '1000', ...this.pick([[], ['MATCH', 'f1*'], ['COUNT', '0'], ['X']])],
      () => [
        'HRANDFIELD',
        key,
        ...this.pick<Argument[]>([[], [this.#number()], [this.#number(), 'WITHVALUES'], [1, 'X']]),
      ],
      () => ['OBJECT', 'ENCODING', key],
      () => ['DEBUG', 'DIGEST-VALUE', key],
      () => ['DUMP', key],
    ])();
  }

  #rare(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['DEL', key],
      () => ['SET', key, 'text'],
      () => ['RENAME', key, this.key()],
      () => ['COPY', key, this.key(), ...this.pick([[], ['REPLACE']])],
      () => ['EXPIRE', key, 100_000],
      () => ['PERSIST', key],
      () =>
        this.pick([
          ['HSET', key, 'f'],
          ['HGET', key],
          ['HDEL', key],
          ['HINCRBY', key, 'f'],
          ['HRANDFIELD', key, 1, 2, 3],
        ]),
    ])();
  }

  next(): Argument[] {
    const dice = this.below(20);
    if (dice < 9) return this.#change();
    return dice < 18 ? this.#question() : this.#rare();
  }
}
