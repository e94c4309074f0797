/**
 * Random commands on hashes, sent to an instance and to the real redis: replies must be the same, but for the order of
 * fields; so must encodings, under several thresholds, and values that go over as payloads of DUMP, both ways.
 *
 * What is drawn at random cannot be the same: of those replies the shape is compared, and that the fields were there.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestClient, type TestClient } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';
import { ReplyError, type ReplyValue } from '../protocol/reply-parser.ts';

const SEED = Number(process.env.FERRITE_SEED ?? 1);
const ROUNDS = Number(process.env.FERRITE_ROUNDS ?? 2);
const COMMANDS_PER_ROUND = 2000;
const KEYS = 5;

const redis = await startReferenceRedis('--enable-debug-command', 'yes');
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare with');

type Argument = string | number;

/** Makes commands; what it makes depends on the seed alone. */
class Generator {
  readonly #prng: Prng;

  constructor(seed: number) {
    this.#prng = new Prng(seed);
  }

  #below(count: number): number {
    return this.#prng.nextBelow(count);
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)];
  }

  #key(): string {
    return `k${this.#below(KEYS)}`;
  }

  #field(): Argument {
    return this.#below(10) === 0 ? this.#pick(['', '\xff\x00', 'x'.repeat(100), '01']) : `f${this.#below(20)}`;
  }

  #fields(): Argument[] {
    return Array.from({ length: 1 + this.#below(this.#pick([2, 4, 30])) }, () => this.#field());
  }

  #value(): Argument {
    return this.#pick<() => Argument>([
      () => this.#below(1000) - 500,
      () => this.#below(100_000) / 100,
      () => this.#pick(['', 'text', '0.1', '1e3', '-0', ' 1', '9223372036854775807', '-9223372036854775808', '3.0e-5']),
      () => 'v'.repeat(this.#below(90)),
    ])();
  }

  #pairs(): Argument[] {
    return this.#fields().flatMap((field) => [field, this.#value()]);
  }

  #number(): Argument {
    return this.#pick<() => Argument>([
      () => this.#below(100) - 50,
      () => this.#pick(['x', '', '1.5', '-0.25', '9223372036854775807', 'inf', 'nan', '1e5', '+1', '0']),
    ])();
  }

  #change(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => ['HSET', key, ...this.#pairs()],
      () => [this.#pick(['HSET', 'HMSET']), key, ...this.#pairs()],
      () => ['HSETNX', key, this.#field(), this.#value()],
      () => ['HDEL', key, ...this.#fields()],
      () => ['HINCRBY', key, this.#field(), this.#number()],
      () => ['HINCRBYFLOAT', key, this.#field(), this.#number()],
    ])();
  }

  #question(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => [this.#pick(['HGET', 'HEXISTS', 'HSTRLEN']), key, this.#field()],
      () => ['HMGET', key, ...this.#fields()],
      () => [this.#pick(['HGETALL', 'HKEYS', 'HVALS', 'HLEN', 'TYPE', 'PTTL']), key],
      () => ['HSCAN', key, '0', 'COUNT', '1000', ...this.#pick([[], ['MATCH', 'f1*'], ['COUNT', '0'], ['X']])],
      () => [
        'HRANDFIELD',
        key,
        ...this.#pick<Argument[]>([[], [this.#number()], [this.#number(), 'WITHVALUES'], [1, 'X']]),
      ],
      () => ['OBJECT', 'ENCODING', key],
      () => ['DEBUG', 'DIGEST-VALUE', key],
      () => ['DUMP', key],
    ])();
  }

  #rare(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => ['DEL', key],
      () => ['SET', key, 'text'],
      () => ['RENAME', key, this.#key()],
      () => ['COPY', key, this.#key(), ...this.#pick([[], ['REPLACE']])],
      () => ['EXPIRE', key, 100_000],
      () => ['PERSIST', key],
      () =>
        this.#pick([
          ['HSET', key, 'f'],
          ['HGET', key],
          ['HDEL', key],
          ['HINCRBY', key, 'f'],
          ['HRANDFIELD', key, 1, 2, 3],
        ]),
    ])();
  }

  next(): Argument[] {
    const dice = this.#below(20);
    if (dice < 9) return this.#change();
    return dice < 18 ? this.#question() : this.#rare();
  }
}

/** Both sides' replies in one form. */
function plain(reply: Reply | ReplyValue | undefined): unknown {
  if (reply instanceof Buffer) return reply.toString('latin1');
  if (reply instanceof ReplyError || reply instanceof Error) return `-${reply.message}`;
  if (typeof reply === 'bigint') return `:${reply}`;
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

/** The reply of a command, without an order that it does not promise and without what chance decides. */
function comparable(command: readonly Argument[], reply: unknown): unknown {
  const [name] = command;
  if (name === 'HSCAN' && Array.isArray(reply)) return [reply[0], pairsOf(reply[1])];
  if (name === 'HGETALL' && Array.isArray(reply)) return pairsOf(reply);
  if ((name === 'HKEYS' || name === 'HVALS') && Array.isArray(reply)) return [...reply].sort();
  if (name === 'PTTL') return Number(reply) > 0 ? 'some' : reply;
  if (name !== 'HRANDFIELD') return reply;
  if (Array.isArray(reply)) return reply.length;
  return typeof reply === 'string' && !reply.startsWith('-') ? 'a field' : reply;
}

function pairsOf(items: readonly unknown[]): string[] {
  return items.flatMap((item, i) => (i % 2 === 0 ? [`${item}=${items[i + 1]}`] : [])).sort();
}

class Comparison {
  private readonly client: TestClient = makeTestClient();
  private readonly history: string[] = [];

  private async ask(command: readonly Argument[]): Promise<unknown> {
    return plain(await redis?.call(...command.map((part) => Buffer.from(String(part), 'latin1'))));
  }

  private send(command: readonly Argument[]): unknown {
    return plain(this.client.send(...(command as [string])));
  }

  async compare(command: readonly Argument[]): Promise<void> {
    this.history.push(command.join(' '));
    const [name, key] = command;
    // Redis would answer with as many.
    if (name === 'HRANDFIELD' && String(command[2]).length > 10) return;
    const [ours, theirs] = [this.send(command), await this.ask(command)];
    if (name === 'DUMP') await this.exchange(key, ours, theirs);
    else this.expectSame(comparable(command, ours), comparable(command, theirs));
    if (name === 'HRANDFIELD' && command.length < 4 && !String(ours).startsWith('-')) {
      for (const field of [ours].flat())
        if (field !== null) this.expectSame(await this.ask(['HEXISTS', key, field as string]), 1);
    }
  }

  /** Each side takes the other's payload, and has what was dumped. */
  private async exchange(key: Argument, ours: unknown, theirs: unknown): Promise<void> {
    this.expectSame(ours === null, theirs === null);
    if (ours === null) return;
    this.expectSame(this.send(['RESTORE', 'copy', 0, theirs as string, 'REPLACE']), 'OK');
    this.expectSame(await this.ask(['RESTORE', 'copy', 0, ours as string, 'REPLACE']), 'OK');
    const digest = ['DEBUG', 'DIGEST-VALUE', 'copy', key];
    this.expectSame(this.send(digest), await this.ask(digest));
    this.expectSame(this.send(['OBJECT', 'ENCODING', 'copy']), await this.ask(['OBJECT', 'ENCODING', 'copy']));
    this.send(['DEL', 'copy']);
    await this.ask(['DEL', 'copy']);
  }

  private expectSame(ours: unknown, theirs: unknown): void {
    if (JSON.stringify(ours) === JSON.stringify(theirs)) return;
    expect.fail(
      `${this.history.slice(-8).join('\n')}\nours: ${JSON.stringify(ours)}\nredis: ${JSON.stringify(theirs)}`,
    );
  }
}

describe.runIf(redis !== undefined)('hash commands', () => {
  it.each(Array.from({ length: ROUNDS }, (_, i) => SEED + i))(
    'answer as redis does, seed %d',
    async (seed) => {
      const generator = new Generator(seed);
      const comparison = new Comparison();
      await redis?.call('FLUSHALL');
      // Where they change later, redis turns no listpack into a table until the next write, while thresholds are asked here.
      await comparison.compare(['CONFIG', 'SET', 'hash-max-listpack-entries', seed % 2 === 0 ? 16 : 512]);
      await comparison.compare(['CONFIG', 'SET', 'hash-max-ziplist-value', seed % 3 === 0 ? 8 : 64]);
      for (let i = 0; i < COMMANDS_PER_ROUND; i++) await comparison.compare(generator.next());
      for (let i = 0; i < KEYS; i++) await comparison.compare(['HGETALL', `k${i}`]);
    },
    60_000,
  );
});
