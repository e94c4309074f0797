/**
 * Random commands on streams. IDs are given, or made of a given time: those of `*` would differ. Few IDs, so that commands
 * meet the same entries.
 */
import { type Argument, Draw, type KeyChoice } from './draw.ts';

export class StreamDraw extends Draw {
  #clock = 60;

  constructor(seed: number, keys: Partial<KeyChoice> = {}) {
    super(seed, { prefix: 'k', count: 3 }, keys);
  }

  /** An ID of an entry that may be there. */
  #id(): string {
    const ms = Math.max(0, this.#clock - this.below(60));
    return this.pick([`${ms}-${this.below(3)}`, `${ms}`, `${ms}-1`, `${ms}-0`]);
  }

  #oddId(): string {
    return this.pick([
      'x',
      '',
      '-',
      '+',
      '1-',
      '-1',
      '18446744073709551615',
      '18446744073709551616',
      '01-1',
      '1-01',
      '5-*',
    ]);
  }

  #end(): string {
    if (this.below(20) === 0) return this.#oddId();
    return this.pick(['-', '+', this.#id(), `(${this.#id()}`]);
  }

  #count(): Argument[] {
    return this.pick<Argument[]>([[], ['COUNT', this.below(6)], ['COUNT', -1], ['COUNT', 'x']]);
  }

  #items(): Argument[] {
    const items: Argument[] = [];
    for (let left = 1 + this.below(3); left > 0; left--) items.push(`f${this.below(3)}`, this.pick(['', 'v', 12]));
    return items;
  }

  #trim(): Argument[] {
    return this.pick<() => Argument[]>([
      () => ['MAXLEN', this.below(80)],
      () => ['MAXLEN', '=', this.below(80)],
      () => ['MINID', this.#id()],
      () => ['MINID', this.pick(['x', '1', '=', '~'])],
      () => ['MAXLEN', -1],
      () => ['MAXLEN', 5, 'MINID', 3],
      () => ['MAXLEN', 5, 'LIMIT', 3],
      () => ['LIMIT', 3],
      () => ['MAXLEN'],
    ])();
  }

  #newId(): Argument {
    if (this.below(20) === 0) return this.pick([this.#oddId(), this.#id(), '0-0']);
    if (this.below(3) === 0) this.#clock += this.below(4);
    return this.pick([`${this.#clock}-*`, `${this.#clock}-*`, `${this.#clock}-${this.below(100)}`, ++this.#clock]);
  }

  #change(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['XADD', key, this.#newId(), ...this.#items()],
      () => ['XADD', key, this.#newId(), ...this.#items()],
      () => ['XADD', key, this.#newId(), ...this.#items()],
      () => ['XADD', key, ...this.pick([[], ['NOMKSTREAM']]), ...this.#trim(), this.#newId(), ...this.#items()],
      () => ['XDEL', key, this.#id(), this.#id()],
      () => ['XDEL', key, ...Array.from({ length: 10 }, () => this.#id())],
      () => (this.below(4) === 0 ? ['XTRIM', key, ...this.#trim()] : ['XDEL', key, this.#id()]),
      () => (this.below(4) === 0 ? this.#setId(key) : ['XLEN', key]),
    ])();
  }

  #setId(key: string): Argument[] {
    return [
      'XSETID',
      key,
      this.pick([this.#clock + 1, this.#id()]),
      ...this.pick([
        [],
        ['ENTRIESADDED', this.below(2000)],
        ['MAXDELETEDID', this.#id()],
        ['ENTRIESADDED', -1],
        ['BAD'],
      ]),
    ];
  }

  #question(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['XLEN', key],
      () => [this.pick(['XRANGE', 'XREVRANGE']), key, this.#end(), this.#end(), ...this.#count()],
      () => ['XRANGE', key, '-', '+'],
      () => ['XREAD', ...this.#count(), 'STREAMS', key, this.key(), this.#id(), this.pick(['$', '0', this.#id()])],
      () => ['XREAD', 'STREAMS', key, this.pick([this.#oddId(), '>', this.#id()])],
      () => ['DEBUG', 'DIGEST-VALUE', key],
    ])();
  }

  #group(): string {
    return `g${this.below(2)}`;
  }

  #consumer(): string {
    return `c${this.below(3)}`;
  }

  #ofGroup(): Argument[] {
    const key = this.key();
    const group = this.#group();
    const consumer = this.#consumer();
    const read = (...rest: Argument[]): Argument[] => ['XREADGROUP', 'GROUP', group, consumer, ...rest];
    const some = (): string[] => Array.from({ length: 1 + this.below(6) }, () => this.#id());
    return this.pick<() => Argument[]>([
      () => ['XGROUP', 'CREATE', key, group, this.pick(['$', '0', this.#id()]), ...this.pick([[], ['MKSTREAM']])],
      () => read('STREAMS', key, '>'),
      () => read(...this.#count(), 'STREAMS', key, '>'),
      () => read(...this.#count(), ...this.pick([[], ['NOACK']]), 'STREAMS', key, this.key(), '>', '>'),
      () => read(...this.#count(), 'STREAMS', key, this.pick([this.#id(), '0', '$', this.#oddId()])),
      () => ['XACK', key, group, ...some()],
      () => ['XACK', key, group, this.#id(), this.pick([this.#id(), this.#oddId()])],
      () => ['XPENDING', key, group],
      () => ['XPENDING', key, group, this.#end(), this.#end(), this.below(20), ...this.pick([[], [consumer]])],
      () => ['XPENDING', key, group, 'IDLE', this.pick([0, 100_000, 'x']), '-', '+', 10],
      () => ['XCLAIM', key, group, consumer, this.pick([0, 0, 100_000, 'x']), ...some(), ...this.#claimOptions()],
      () => ['XAUTOCLAIM', key, group, consumer, this.pick([0, 0, 100_000]), this.#end(), ...this.#autoOptions()],
      () => ['XINFO', 'GROUPS', key],
      () => this.#ofGroupRarely(key, group, consumer),
    ])();
  }

  #claimOptions(): Argument[] {
    return this.pick<Argument[]>([[], [], ['FORCE'], ['JUSTID'], ['RETRYCOUNT', 5], ['LASTID', this.#id()], ['BAD']]);
  }

  #autoOptions(): Argument[] {
    return this.pick<Argument[]>([[], ['JUSTID'], ['COUNT', 1 + this.below(5)], ['COUNT', 0], ['BAD']]);
  }

  #ofGroupRarely(key: string, group: string, consumer: string): Argument[] {
    return this.pick<() => Argument[]>([
      () => ['XGROUP', 'SETID', key, group, this.pick(['$', '0', this.#id()])],
      () => ['XGROUP', 'SETID', key, group, this.#id(), 'ENTRIESREAD', this.below(30) - 2],
      () => ['XGROUP', 'CREATECONSUMER', key, group, consumer],
      () => ['XGROUP', 'DELCONSUMER', key, group, consumer],
      () => ['XGROUP', 'DESTROY', key, group],
      () => ['XGROUP', 'CREATE', key, group, '0', 'BAD'],
      () => ['XPENDING', key, group, '-'],
    ])();
  }

  #rare(): Argument[] {
    const key = this.key();
    return this.pick<() => Argument[]>([
      () => ['DEL', key],
      () => ['SET', key, 'text'],
      () => ['RENAME', key, this.key()],
      () => ['COPY', key, this.key()],
      () => ['XADD', key, '*', 'a'],
      () => ['XREAD', 'STREAMS', key],
      () => ['XREAD', 'COUNT', 1, key, 0],
      () => ['XREAD', 'GROUP', 'g', 'c', 'STREAMS', key, 0],
      () => ['XREAD', 'NOACK', 'STREAMS', key, 0],
    ])();
  }

  next(): Argument[] {
    const dice = this.below(40);
    if (dice < 15) return this.#change();
    if (dice < 30) return this.#ofGroup();
    return dice < 39 ? this.#question() : this.#rare();
  }
}
