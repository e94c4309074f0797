/** Random commands on lists, against the real redis: replies, events and what is there in the end are the same. */
import { afterAll, describe, expect, it } from 'vitest';
import { type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestClient } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';
import { ReplyError, type ReplyValue } from '../protocol/reply-parser.ts';

const ROUNDS = 4;
const COMMANDS_PER_ROUND = 1500;
const SEED = Number(process.env.FERRITE_SEED ?? 1);

type Argument = string | number;

const redis = await startReferenceRedis('--enable-debug-command', 'yes');
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare with');

class Generator {
  readonly #prng: Prng;

  constructor(seed: number) {
    this.#prng = new Prng(seed);
  }

  #below(bound: number): number {
    return this.#prng.nextBelow(bound);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)];
  }

  #key(): string {
    return `k${this.#below(5)}`;
  }

  #index(): Argument {
    return this.#below(30) === 0 ? this.#pick(['x', '', '9223372036854775808']) : this.#below(60) - 30;
  }

  #element(): string {
    const text = `e${this.#below(8)}`;
    return this.#below(8) === 0 ? text.padEnd(this.#below(9000), '+') : text;
  }

  #elements(): string[] {
    return Array.from({ length: 1 + this.#below(this.#below(10) === 0 ? 60 : 4) }, () => this.#element());
  }

  #end(): string {
    return this.#below(25) === 0 ? 'middle' : this.#pick(['left', 'RIGHT']);
  }

  #count(): Argument[] {
    return this.#pick<() => Argument[]>([() => [], () => [this.#below(6)], () => [this.#pick([-1, 'x', 100])]])();
  }

  next(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => [this.#pick(['LPUSH', 'RPUSH']), key, ...this.#elements()],
      () => [this.#pick(['LPUSH', 'RPUSH']), key, ...this.#elements()],
      () => [this.#pick(['LPUSHX', 'RPUSHX']), key, ...this.#elements()],
      () => [this.#pick(['LPOP', 'RPOP']), key, ...this.#count()],
      () => ['LLEN', key],
      () => ['LRANGE', key, this.#index(), this.#index()],
      () => ['LINDEX', key, this.#index()],
      () => ['LSET', key, this.#index(), this.#element()],
      () => ['LINSERT', key, this.#pick(['before', 'AFTER', 'beside']), this.#element(), this.#element()],
      () => ['LREM', key, this.#pick([0, 1, 2, -1, -2, 'x']), this.#element()],
      () => ['LTRIM', key, this.#below(4), this.#pick([-1, -2, -4, 20])],
      () => ['LPOS', key, this.#element(), ...this.#positionOptions()],
      () => ['LMOVE', key, this.#key(), this.#end(), this.#end()],
      () => ['RPOPLPUSH', key, this.#key()],
      () => ['LMPOP', this.#pick([1, 2, 3, 0]), key, this.#key(), this.#end(), ...this.#mpopCount()],
      () =>
        this.#pick<Argument[]>([
          ['DEL', key],
          ['SET', key, 'text'],
          ['TYPE', key],
          ['COPY', key, this.#key()],
        ]),
      () =>
        this.#pick<Argument[]>([
          ['RENAME', key, this.#key()],
          ['OBJECT', 'ENCODING', key],
          ['SET', 'k4', 'text'],
        ]),
      () => ['DEBUG', 'DIGEST-VALUE', key],
    ])();
  }

  #positionOptions(): Argument[] {
    const options = [
      ['RANK', this.#pick([1, 2, -1, -2, 0, 'x'])],
      ['COUNT', this.#pick([0, 1, 3, -1])],
      ['MAXLEN', this.#pick([0, 5, -1])],
    ];
    return options.filter(() => this.#below(3) === 0).flat();
  }

  #mpopCount(): Argument[] {
    return this.#below(2) === 0 ? [] : ['COUNT', this.#pick([1, 5, 0])];
  }
}

/** Both sides' replies in one form. */
function plain(reply: Reply | ReplyValue | undefined): unknown {
  if (reply instanceof Buffer) return reply.toString('latin1');
  if (reply instanceof ReplyError || reply instanceof Error) return `-${reply.message}`;
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

describe.runIf(redis !== undefined)('list commands', () => {
  it.each(Array.from({ length: ROUNDS }, (_, i) => SEED + i))(
    'answer as redis does, seed %d',
    async (seed) => {
      const generator = new Generator(seed);
      const client = makeTestClient();
      await redis?.call('FLUSHALL');
      const history: string[] = [];
      const compare = async (command: Argument[]): Promise<void> => {
        history.push(command.map((part) => String(part).slice(0, 40)).join(' '));
        const theirs = plain(await redis?.call(...command));
        const ours = plain(client.send(...command));
        if (JSON.stringify(ours) === JSON.stringify(theirs)) return;
        const shown = [ours, theirs].map((reply) => JSON.stringify(reply)?.slice(0, 200));
        expect.fail(`${history.slice(-8).join('\n')}\nours: ${shown[0]}\nredis: ${shown[1]}`);
      };
      for (let i = 0; i < COMMANDS_PER_ROUND; i++) await compare(generator.next());
      for (const key of ['k0', 'k1', 'k2', 'k3', 'k4']) await compare(['LRANGE', key, 0, -1]);
    },
    60_000,
  );
});
