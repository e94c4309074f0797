/** Random commands on strings, numbers, bits and HyperLogLogs. Values reach from nothing to several chunks of a large value. */
import { type Argument, Draw, type KeyChoice } from './draw.ts';

export class StringDraw extends Draw {
  /** What sizes and offsets are divided by. */
  readonly #shrink: number;

  constructor(seed: number, keys: Partial<KeyChoice> = {}, shrink = 1) {
    super(seed, { prefix: 'k', count: 6 }, keys);
    this.#shrink = shrink;
  }

  #bytes(): Buffer {
    const size = this.pick([0, 1, 3, 20, 500, 5000, 16_384, 40_000, 70_000]) / this.#shrink;
    const bytes = Buffer.alloc(Math.ceil(size) + this.below(5), this.pick([0, 255, 7]));
    for (let i = this.below(20); i < bytes.length; i += 1 + this.below(3000)) bytes[i] = this.below(256);
    return bytes;
  }

  /** Below a bound that is a matter of size. */
  #belowSize(bound: number): number {
    return this.below(Math.ceil(bound / this.#shrink));
  }

  #number(): Argument {
    return this.pick<() => Argument>([
      () => this.below(100),
      () => -this.below(100_000),
      () => this.prng.nextUint32() * this.below(1_000_000),
      () => this.pick(['9223372036854775807', '-9223372036854775808', '9223372036854775806', '9007199254740993']),
      () => this.pick(['x', '', '01', '1.5', '-0']),
    ])();
  }

  #float(): Argument {
    return this.pick<() => Argument>([
      () => this.below(2000) / 8 - 100,
      () => this.prng.nextDouble().toFixed(this.below(12)),
      () => `${this.below(100)}e${this.below(8)}`,
      () => this.pick(['inf', 'nan', '', '1x', '0x1p3', '3.0e-5']),
    ])();
  }

  #value(): Argument {
    return this.pick<() => Argument>([() => this.#bytes(), () => this.#number(), () => this.#float()])();
  }

  #index(): Argument {
    const size = this.pick([10, 1000, 40_000, 100_000]);
    return this.below(50) === 0 ? 'x' : this.#belowSize(size) - this.#belowSize(size);
  }

  #bitOffset(): Argument {
    return this.below(40) === 0 ? this.pick(['x', -1, 4_294_967_296]) : this.#belowSize(this.pick([30, 5000, 900_000]));
  }

  #setOptions(): Argument[] {
    const options: Argument[][] = [
      ['NX'],
      ['XX'],
      ['GET'],
      ['KEEPTTL'],
      ['EX', 1000],
      ['PX', 100_000],
      ['EX', 'x'],
      ['PX'],
    ];
    options.push(['EXAT', 9_999_999_999], ['PXAT', 9_999_999_999_999], ['EX', 0], ['wrong']);
    return [this.pick(options), this.pick([...options, [], [], []])].flat();
  }

  #fieldOperation(): Argument[] {
    const type = this.below(30) === 0 ? 'u64' : `${this.pick(['u', 'i'])}${1 + this.below(63)}`;
    const offset = this.below(3) === 0 ? `#${this.below(300)}` : this.#bitOffset();
    return this.pick<() => Argument[]>([
      () => ['GET', type, offset],
      // Where redis saturates so low a number, its own arithmetic overflows, and it takes the highest one.
      () => ['SET', type, offset, String(this.#number()).replace('-9223372036854775808', '-4611686018427387904')],
      () => ['INCRBY', type, offset, this.#number()],
      () => ['OVERFLOW', this.pick(['wrap', 'SAT', 'fail'])],
    ])();
  }

  #whole(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['GET', key],
      () => ['SET', key, this.#value()],
      () => ['SET', key, this.#value(), ...this.#setOptions()],
      () => ['SETNX', key, this.#value()],
      () => ['SETEX', key, 1000, this.#value()],
      () => ['GETSET', key, this.#value()],
      () => ['GETDEL', key],
      () => ['GETEX', key, ...this.pick([[], ['EX', 1000], ['PERSIST'], ['PX', 'x'], ['PXAT', 1], ['EX', 1, 'PX', 1]])],
      () => ['MGET', ...this.someKeys()],
      () => ['MSET', ...this.someKeys().flatMap((each) => [each, this.#value()])],
      () => ['MSETNX', ...this.someKeys().flatMap((each) => [each, this.#value()])],
      () => ['DEL', key],
    ])();
  }

  #part(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['APPEND', key, this.#value()],
      () => ['STRLEN', key],
      () => ['GETRANGE', key, this.#index(), this.#index()],
      () => ['SETRANGE', key, this.#belowSize(this.pick([10, 1000, 200_000])), this.#value()],
      () => ['INCR', key],
      () => ['DECR', key],
      () => ['INCRBY', key, this.#number()],
      () => ['DECRBY', key, this.#number()],
      () => ['INCRBYFLOAT', key, this.#float()],
    ])();
  }

  #bits(): Argument[] {
    const key = this.key();
    const unit = this.pick([[], ['BIT'], ['byte']]);
    return this.pick<() => Argument[]>([
      () => ['GETBIT', key, this.#bitOffset()],
      () => ['SETBIT', key, this.#bitOffset(), this.pick([0, 1, 1, 2])],
      () => ['BITCOUNT', key],
      () => [
        'BITCOUNT',
        key,
        this.#belowSize(200_000) - this.#belowSize(100_000),
        this.#belowSize(200_000) - this.#belowSize(100_000),
        ...unit,
      ],
      () => ['BITPOS', key, this.below(2), ...this.pick([[], [this.#belowSize(2000) - this.#belowSize(1000)]])],
      () => [
        'BITPOS',
        key,
        this.below(2),
        this.#belowSize(200_000) - this.#belowSize(100_000),
        this.#belowSize(200_000) - this.#belowSize(100_000),
        ...unit,
      ],
      () => ['BITOP', this.pick(['and', 'or', 'xor']), key, ...this.someKeys()],
      () => ['BITOP', 'not', key, this.key()],
      () => ['BITFIELD', key, ...Array.from({ length: 1 + this.below(5) }, () => this.#fieldOperation()).flat()],
      () => ['BITFIELD_RO', key, ...this.#fieldOperation()],
    ])();
  }

  #log(): string {
    return `h${this.below(3)}`;
  }

  #logs(): string[] {
    return Array.from({ length: 1 + this.below(4) }, () => this.#log());
  }

  #hyperLogLog(): Argument[] {
    const key = this.#log();
    const elements = () => Array.from({ length: this.below(80) }, () => this.below(20_000));
    return this.pick<() => Argument[]>([
      () => ['PFADD', key, ...elements()],
      () => ['PFCOUNT', key],
      () => ['PFCOUNT', ...this.#logs()],
      () => ['PFMERGE', key, ...this.#logs()],
      () => [this.pick(['PFADD', 'PFCOUNT', 'PFMERGE']), this.key()],
      () => ['GET', key],
    ])();
  }

  next(): Argument[] {
    const kinds = [() => this.#whole(), () => this.#part(), () => this.#bits(), () => this.#hyperLogLog()];
    return this.pick(kinds)();
  }
}
