/** Random commands on positions, all over the world, or all in one city. */
import { type Argument, Draw, type KeyChoice } from './draw.ts';

export class GeoDraw extends Draw {
  readonly #spread: number;

  constructor(seed: number, keys: Partial<KeyChoice> = {}) {
    super(seed, { prefix: 'g', count: 1 }, keys);
    this.#spread = seed % 2 === 0 ? 1 : 0.002;
  }

  #member(): string {
    return `m${this.below(400)}`;
  }

  #position(): Argument[] {
    if (this.below(30) === 0)
      return this.pick([
        [200, 10],
        ['x', 1],
        // Never the same place twice: the order of those that are equally far away is not promised.
        [180, 85.05112878 - this.prng.nextDouble() / 1000],
        [-180, this.prng.nextDouble() / 1000 - 85.05112878],
        [0, 90],
      ]);
    const spread = this.#spread;
    const longitude = 13 * (1 - spread) + (this.prng.nextDouble() * 360 - 180) * spread;
    const latitude = 52 * (1 - spread) + (this.prng.nextDouble() * 170 - 85) * spread;
    return [longitude.toFixed(6), latitude.toFixed(6)];
  }

  #unit(): string {
    return this.pick(['m', 'km', 'ft', 'mi', 'KM', 'yd']);
  }

  #length(): number {
    return this.pick([0, 10, 1000, 50_000, 1e6, 5.5, -1]) * (1 + this.below(5));
  }

  #from(): Argument[] {
    return this.below(2) === 0 ? ['FROMMEMBER', this.#member()] : ['FROMLONLAT', ...this.#position()];
  }

  #by(): Argument[] {
    const circle = ['BYRADIUS', this.#length(), this.#unit()];
    return this.below(2) === 0 ? circle : ['BYBOX', this.#length(), this.#length(), this.#unit()];
  }

  #shown(): Argument[] {
    return ['WITHDIST', 'WITHCOORD', 'WITHHASH'].filter(() => this.below(2) === 0);
  }

  #order(): Argument[] {
    return this.pick([['ASC'], ['DESC'], ['ASC', 'COUNT', 5], ['COUNT', 3], ['COUNT', 0], []]);
  }

  next(): Argument[] {
    const key = this.below(20) === 0 ? 'none' : this.key();
    const target = this.key();
    const member = this.#member();
    return this.pick<() => Argument[]>([
      () => ['GEOADD', target, ...this.pick([[], ['NX'], ['XX', 'CH'], ['CH']]), ...this.#position(), member],
      () => ['GEOADD', target, ...this.#position(), member, ...this.#position(), this.#member()],
      () => ['GEODIST', key, member, this.#member(), ...this.pick([[], [this.#unit()]])],
      () => ['GEOPOS', key, member, this.#member()],
      () => ['GEOHASH', key, member, this.#member()],
      () => ['GEOSEARCH', key, ...this.#from(), ...this.#by(), ...this.#order(), ...this.#shown()],
      () => ['GEOSEARCH', key, ...this.#from(), ...this.#by(), ...this.#order(), ...this.#shown()],
      () => ['GEORADIUS', key, ...this.#position(), this.#length(), this.#unit(), ...this.#order(), ...this.#shown()],
      () => ['GEORADIUSBYMEMBER_RO', key, member, this.#length(), this.#unit(), ...this.#order()],
      () => [
        'GEORADIUS',
        key,
        ...this.#position(),
        this.#length(),
        this.#unit(),
        this.pick(['STORE', 'STOREDIST']),
        's',
      ],
      () => ['GEOSEARCHSTORE', 's', key, ...this.#from(), ...this.#by(), ...this.pick([[], ['STOREDIST']])],
      () => ['ZRANGE', 's', 0, -1],
      () => ['GEOSEARCH', key, ...this.#from(), ...this.#shown()],
    ])();
  }
}
