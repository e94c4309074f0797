/** Random commands on keys of any type: what is there, names, times, copies, payloads, encodings. */
import { type Argument, Draw } from './draw.ts';

const FAR_MS = 10_000_000;

export class KeyDraw extends Draw {
  readonly #names: readonly string[];

  /** `names`: the keys that may have any value. */
  constructor(seed: number, names: readonly string[]) {
    super(seed, { prefix: 'k', count: 1 }, {});
    this.#names = names;
  }

  protected override key(): string {
    return this.pick(this.#names);
  }

  #time(): Argument[] {
    const inMs = this.pick<Argument>([FAR_MS, FAR_MS + this.below(FAR_MS), FAR_MS, -1, 0, 'x']);
    const at = 4_000_000_000 + this.below(1000);
    const options = this.pick<Argument[]>([[], [], [], ['NX'], ['XX'], ['GT'], ['LT'], ['NX', 'GT'], ['bad']]);
    // Whether a time from now is later than the one before is a matter of each server's clock.
    const clockless = options[0] === 'GT' || options[0] === 'LT' ? [] : options;
    return this.pick<() => Argument[]>([
      () => ['PEXPIRE', this.key(), inMs, ...clockless],
      () => ['EXPIRE', this.key(), inMs, ...clockless],
      () => ['EXPIREAT', this.key(), at, ...options],
      () => ['PEXPIREAT', this.key(), at * 1000, ...options],
      () => ['PEXPIREAT', this.key(), 1000 + this.below(1000)],
      () => ['PERSIST', this.key()],
      () => [this.pick(['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME']), this.key()],
    ])();
  }

  #move(): Argument[] {
    return this.pick<() => Argument[]>([
      () => ['RENAME', this.key(), this.key()],
      () => ['RENAMENX', this.key(), this.key()],
      () => ['COPY', this.key(), this.key()],
      () => ['COPY', this.key(), this.key(), 'REPLACE'],
      () => ['COPY', this.key(), this.key(), 'DB', 1, 'REPLACE'],
      () => ['MOVE', this.key(), 1],
      () => ['COPY', this.key(), this.key(), this.pick(['DB', 'bad', 'REPLACE'])],
    ])();
  }

  /** Where two weights are the same, redis compares the elements, but with ALPHA only if there is no BY. */
  #sort(): Argument[] {
    const options = this.pick<Argument[]>([
      [],
      ['DESC'],
      ['LIMIT', 1, 3],
      ['GET', '#', 'GET', 'str*'],
      ['GET', 'hash*->f1'],
    ]);
    const store = this.below(4) === 0 ? ['STORE', this.key()] : [];
    return this.pick<() => Argument[]>([
      () => ['SORT', this.key(), ...options, 'ALPHA', ...store],
      () => ['SORT', this.key(), ...options, ...store],
      () => ['SORT_RO', this.key(), 'BY', this.pick(['*', 'str*', 'hash*->f1', 'none*']), ...options],
    ])();
  }

  next(): Argument[] {
    const dice = this.below(24);
    if (dice < 5) return this.#time();
    if (dice < 8) return this.#move();
    if (dice < 9) return this.#sort();
    return this.pick<() => Argument[]>([
      () => [this.pick(['DEL', 'UNLINK']), ...this.someKeys()],
      () => [this.pick(['EXISTS', 'TOUCH']), ...this.someKeys()],
      () => ['TYPE', this.key()],
      () => ['TYPE', this.key()],
      () => ['OBJECT', 'ENCODING', this.key()],
      () => ['OBJECT', 'ENCODING', this.key()],
      () => ['DUMP', this.key()],
      () => this.pick([['DBSIZE'], ['RANDOMKEY'], ['KEYS', '*'], ['KEYS', 'h*'], ['KEYS', '*1']]),
      () => ['SCAN', 0, 'COUNT', 1000, 'MATCH', this.pick(['*', 's*', '*[0-2]'])],
    ])();
  }
}
