/** Random commands on lists. */
import { type Argument, Draw, type KeyChoice } from './draw.ts';

export class ListDraw extends Draw {
  constructor(seed: number, keys: Partial<KeyChoice> = {}) {
    super(seed, { prefix: 'k', count: 5 }, keys);
  }

  #index(): Argument {
    return this.below(30) === 0 ? this.pick(['x', '', '9223372036854775808']) : this.below(60) - 30;
  }

  #element(): string {
    const text = `e${this.below(8)}`;
    return this.below(8) === 0 ? text.padEnd(this.below(9000), '+') : text;
  }

  #elements(): string[] {
    return Array.from({ length: 1 + this.below(this.below(10) === 0 ? 60 : 4) }, () => this.#element());
  }

  #end(): string {
    return this.below(25) === 0 ? 'middle' : this.pick(['left', 'RIGHT']);
  }

  #count(): Argument[] {
    return this.pick<() => Argument[]>([() => [], () => [this.below(6)], () => [this.pick([-1, 'x', 100])]])();
  }

  next(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => [this.pick(['LPUSH', 'RPUSH']), key, ...this.#elements()],
      () => [this.pick(['LPUSH', 'RPUSH']), key, ...this.#elements()],
      () => [this.pick(['LPUSHX', 'RPUSHX']), key, ...this.#elements()],
      () => [this.pick(['LPOP', 'RPOP']), key, ...this.#count()],
      () => ['LLEN', key],
      () => ['LRANGE', key, this.#index(), this.#index()],
      () => ['LINDEX', key, this.#index()],
      () => ['LSET', key, this.#index(), this.#element()],
      () => ['LINSERT', key, this.pick(['before', 'AFTER', 'beside']), this.#element(), this.#element()],
      () => ['LREM', key, this.pick([0, 1, 2, -1, -2, 'x']), this.#element()],
      () => ['LTRIM', key, this.below(4), this.pick([-1, -2, -4, 20])],
      () => ['LPOS', key, this.#element(), ...this.#positionOptions()],
      () => ['LMOVE', key, this.key(), this.#end(), this.#end()],
      () => ['RPOPLPUSH', key, this.key()],
      () => ['LMPOP', this.pick([1, 2, 3, 0]), key, this.key(), this.#end(), ...this.#mpopCount()],
      () =>
        this.pick<Argument[]>([
          ['DEL', key],
          ['SET', key, 'text'],
          ['TYPE', key],
          ['COPY', key, this.key()],
        ]),
      () =>
        this.pick<Argument[]>([
          ['RENAME', key, this.key()],
          ['OBJECT', 'ENCODING', key],
          ['SET', this.key(), 'text'],
        ]),
      () => ['DEBUG', 'DIGEST-VALUE', key],
    ])();
  }

  #positionOptions(): Argument[] {
    const options = [
      ['RANK', this.pick([1, 2, -1, -2, 0, 'x'])],
      ['COUNT', this.pick([0, 1, 3, -1])],
      ['MAXLEN', this.pick([0, 5, -1])],
    ];
    return options.filter(() => this.below(3) === 0).flat();
  }

  #mpopCount(): Argument[] {
    return this.below(2) === 0 ? [] : ['COUNT', this.pick([1, 5, 0])];
  }
}
