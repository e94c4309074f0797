/**
 * Random commands on positions, sent to an instance and to the real redis: replies must be the same, but for the order of what
 * was not asked for in order.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestClient } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';
import { ReplyError, type ReplyValue } from '../protocol/reply-parser.ts';

const SEED = Number(process.env.FERRITE_SEED ?? 1);
const ROUNDS = Number(process.env.FERRITE_ROUNDS ?? 4);
const COMMANDS_PER_ROUND = 300;

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare with');

type Argument = string | number;

/** Makes commands; what it makes depends on the seed alone. Places are all over the world, or all in one city. */
class Generator {
  readonly #prng: Prng;
  readonly #spread: number;

  constructor(seed: number) {
    this.#prng = new Prng(seed);
    this.#spread = seed % 2 === 0 ? 1 : 0.002;
  }

  #below(count: number): number {
    return this.#prng.nextBelow(count);
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)];
  }

  #member(): string {
    return `m${this.#below(400)}`;
  }

  #position(): Argument[] {
    if (this.#below(30) === 0)
      return this.#pick([
        [200, 10],
        ['x', 1],
        [180, 85.05112878],
        [-180, -85.05112878],
        [0, 90],
      ]);
    const spread = this.#spread;
    const longitude = 13 * (1 - spread) + (this.#prng.nextDouble() * 360 - 180) * spread;
    const latitude = 52 * (1 - spread) + (this.#prng.nextDouble() * 170 - 85) * spread;
    return [longitude.toFixed(6), latitude.toFixed(6)];
  }

  #unit(): string {
    return this.#pick(['m', 'km', 'ft', 'mi', 'KM', 'yd']);
  }

  #length(): number {
    return this.#pick([0, 10, 1000, 50_000, 1e6, 5.5, -1]) * (1 + this.#below(5));
  }

  #from(): Argument[] {
    return this.#below(2) === 0 ? ['FROMMEMBER', this.#member()] : ['FROMLONLAT', ...this.#position()];
  }

  #by(): Argument[] {
    const circle = ['BYRADIUS', this.#length(), this.#unit()];
    return this.#below(2) === 0 ? circle : ['BYBOX', this.#length(), this.#length(), this.#unit()];
  }

  #shown(): Argument[] {
    return ['WITHDIST', 'WITHCOORD', 'WITHHASH'].filter(() => this.#below(2) === 0);
  }

  #order(): Argument[] {
    return this.#pick([['ASC'], ['DESC'], ['ASC', 'COUNT', 5], ['COUNT', 3], ['COUNT', 0], []]);
  }

  next(): Argument[] {
    const key = this.#below(20) === 0 ? 'none' : 'g';
    const member = this.#member();
    return this.#pick<() => Argument[]>([
      () => ['GEOADD', 'g', ...this.#pick([[], ['NX'], ['XX', 'CH'], ['CH']]), ...this.#position(), member],
      () => ['GEOADD', 'g', ...this.#position(), member, ...this.#position(), this.#member()],
      () => ['GEODIST', key, member, this.#member(), ...this.#pick([[], [this.#unit()]])],
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
        this.#pick(['STORE', 'STOREDIST']),
        's',
      ],
      () => ['GEOSEARCHSTORE', 's', key, ...this.#from(), ...this.#by(), ...this.#pick([[], ['STOREDIST']])],
      () => ['ZRANGE', 's', 0, -1],
      () => ['GEOSEARCH', key, ...this.#from(), ...this.#shown()],
    ])();
  }
}

/** Both sides' replies in one form. */
function plain(reply: Reply | ReplyValue | undefined): unknown {
  if (reply instanceof Buffer) return reply.toString('latin1');
  if (reply instanceof ReplyError || reply instanceof Error) return `-${reply.message}`;
  return Array.isArray(reply) ? reply.map(plain) : typeof reply === 'bigint' ? Number(reply) : reply;
}

/** What was not asked for in order, in one. */
function inOrder(command: readonly Argument[], reply: unknown): unknown {
  if (!Array.isArray(reply) || command.some((part) => ['ASC', 'DESC', 'COUNT'].includes(String(part)))) return reply;
  return /^GEO(SEARCH|RADIUS)/.test(String(command[0])) ? reply.map((each) => JSON.stringify(each)).sort() : reply;
}

describe.runIf(redis !== undefined)('commands on positions', () => {
  it.each(Array.from({ length: ROUNDS }, (_, i) => SEED + i))(
    'answer as redis does, seed %d',
    async (seed) => {
      const generator = new Generator(seed);
      const client = makeTestClient();
      await redis?.call('FLUSHALL');
      const compare = async (command: Argument[]): Promise<void> => {
        const theirs = inOrder(command, plain(await redis?.call(...command)));
        const ours = inOrder(command, plain(client.send(...command)));
        expect([command.join(' '), ours]).toEqual([command.join(' '), theirs]);
      };
      for (let i = 0; i < COMMANDS_PER_ROUND; i++) await compare(generator.next());
      await compare(['ZRANGE', 'g', 0, -1, 'WITHSCORES']);
    },
    60_000,
  );
});
