/**
 * Random commands on sets, sent to an instance and to the real redis: replies must be the same, but for the order of members.
 *
 * What is drawn at random cannot be the same: of those replies the size is compared, and that the members were there; what
 * SPOP removed here is removed there, too. Few members, so that sets meet each other.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestClient, type TestClient } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';
import { ReplyError, type ReplyValue } from '../protocol/reply-parser.ts';

const SEED = Number(process.env.FERRITE_SEED ?? 1);
const ROUNDS = Number(process.env.FERRITE_ROUNDS ?? 4);
const COMMANDS_PER_ROUND = 1500;
const KEYS = 6;
const UNORDERED = ['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF'];

const redis = await startReferenceRedis();
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

  #keys(): string[] {
    return Array.from({ length: 1 + this.#below(4) }, () => this.#key());
  }

  #member(): Argument {
    return this.#pick<() => Argument>([
      () => this.#below(40) - 20,
      () => `m${this.#below(30)}`,
      () => this.#pick(['', '01', '\xff\x00', '9223372036854775807', '9223372036854775808', 'x'.repeat(100)]),
    ])();
  }

  #members(): Argument[] {
    return Array.from({ length: 1 + this.#below(this.#pick([2, 5, 60])) }, () => this.#member());
  }

  #count(): Argument {
    return this.#pick<() => Argument>([
      () => this.#below(10),
      () => this.#below(100),
      () => -this.#below(10),
      () => this.#pick(['x', '', '9223372036854775808', '-9223372036854775808', '9223372036854775807', '+1']),
    ])();
  }

  #change(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => ['SADD', key, ...this.#members()],
      () => ['SADD', key, ...this.#members()],
      () => ['SREM', key, ...this.#members()],
      () => ['SMOVE', key, this.#key(), this.#member()],
      () => ['SPOP', key],
      () => ['SPOP', key, this.#count()],
      () => [this.#pick(['SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE']), key, ...this.#keys()],
      () => [this.#pick(['SUNIONSTORE', 'SDIFFSTORE']), key, ...this.#keys()],
    ])();
  }

  #question(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => ['SISMEMBER', key, this.#member()],
      () => ['SMISMEMBER', key, ...this.#members()],
      () => ['SCARD', key],
      () => ['SMEMBERS', key],
      () => ['SRANDMEMBER', key],
      () => ['SRANDMEMBER', key, this.#count()],
      () => [this.#pick(['SINTER', 'SUNION', 'SDIFF']), ...this.#keys()],
      () => [
        'SINTERCARD',
        this.#pick([1, 2, 3, 0, 'x', 5]),
        ...this.#keys(),
        ...this.#pick([[], ['LIMIT', this.#count()]]),
      ],
      () => ['TYPE', key],
      () => ['EXISTS', key],
      () => ['PTTL', key],
    ])();
  }

  #rare(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => ['DEL', key],
      () => ['SET', key, 'text'],
      () => ['HSET', key, 'f', 'v'],
      () => ['RENAME', key, this.#key()],
      () => ['COPY', key, this.#key()],
      () => ['PERSIST', key],
      () => ['SADD', key],
      () => ['SMOVE', key],
      () => ['SPOP', key, 1, 2],
      () => ['SRANDMEMBER', key, 1, 2],
      () => ['SINTERCARD', 1],
      () => ['SSCAN', key, 'x', 'COUNT', '10'],
      () => ['SSCAN', key, '0', ...this.#pick([['COUNT', '0'], ['COUNT', 'x'], ['BAD'], ['MATCH'], ['']])],
    ])();
  }

  next(): Argument[] {
    const dice = this.#below(20);
    if (dice < 10) return this.#change();
    return dice < 19 ? this.#question() : this.#rare();
  }
}

/** Both sides' replies in one form. */
function plain(reply: Reply | ReplyValue | undefined): unknown {
  if (reply instanceof Buffer) return reply.toString('latin1');
  if (reply instanceof ReplyError || reply instanceof Error) return `-${reply.message}`;
  return Array.isArray(reply) ? reply.map(plain) : reply;
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
    if (name === 'SRANDMEMBER') await this.compareDrawn(command);
    else if (name === 'SPOP') await this.comparePopped(command);
    else {
      const [ours, theirs] = [this.send(command), await this.ask(command)];
      const isUnordered = UNORDERED.includes(String(name)) && Array.isArray(ours);
      this.expectSame(isUnordered ? ours.sort() : ours, isUnordered ? (theirs as unknown[]).sort() : theirs);
    }
    if (name === 'SMEMBERS')
      this.expectSame(this.walk(key).sort(), await this.ask(['SMEMBERS', key]).then(sortedOrNone));
  }

  private async compareDrawn(command: readonly Argument[]): Promise<void> {
    // Redis would answer with as many.
    if (String(command[2]).startsWith('-92233720368547758')) return;
    const [ours, theirs] = [this.send(command), await this.ask(command)];
    this.expectSame(shapeOf(ours), shapeOf(theirs));
    if (typeof ours === 'string' && ours.startsWith('-ERR')) return;
    const drawn = [ours].flat().filter((member) => member !== null) as string[];
    if (ours !== null && !String(ours).startsWith('-') && drawn.length > 0) {
      this.expectSame(
        await this.ask(['SMISMEMBER', command[1], ...drawn]),
        drawn.map(() => 1),
      );
    }
  }

  private async comparePopped(command: readonly Argument[]): Promise<void> {
    const [, key] = command;
    const members = (await this.ask(['SMEMBERS', key])) as unknown;
    const ours = this.send(command);
    const theirs = await this.ask(command);
    this.expectSame(shapeOf(ours), shapeOf(theirs));
    if (!Array.isArray(members) || ours === null || String(ours).startsWith('-ERR')) return;
    await this.ask(['DEL', key]);
    const left = members.filter((member) => ![ours].flat().includes(member));
    this.expectSame(
      [ours].flat().every((member) => members.includes(member)),
      true,
    );
    if (left.length > 0) await this.ask(['SADD', key, ...left]);
  }

  /** What SSCAN gives from the first to the last step. */
  private walk(key: Argument): unknown[] {
    const met: unknown[] = [];
    let cursor = '0';
    do {
      const reply = this.send(['SSCAN', key, cursor, 'COUNT', 3]);
      if (!Array.isArray(reply)) return [];
      cursor = reply[0];
      met.push(...reply[1]);
    } while (cursor !== '0');
    return met;
  }

  private expectSame(ours: unknown, theirs: unknown): void {
    if (JSON.stringify(ours) === JSON.stringify(theirs)) return;
    expect.fail(
      `${this.history.slice(-6).join('\n')}\nours: ${JSON.stringify(ours)}\nredis: ${JSON.stringify(theirs)}`,
    );
  }
}

function sortedOrNone(reply: unknown): unknown[] {
  return Array.isArray(reply) ? reply.sort() : [];
}

/** A reply that is drawn at random, without what chance decides. */
function shapeOf(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.length;
  return typeof reply === 'string' && !reply.startsWith('-ERR') && !reply.startsWith('-WRONG') ? 'a member' : reply;
}

describe.runIf(redis !== undefined)('set commands', () => {
  it.each(Array.from({ length: ROUNDS }, (_, i) => SEED + i))(
    'answer as redis does, seed %d',
    async (seed) => {
      const generator = new Generator(seed);
      const comparison = new Comparison();
      await redis?.call('FLUSHALL');
      for (let i = 0; i < COMMANDS_PER_ROUND; i++) await comparison.compare(generator.next());
      for (let i = 0; i < KEYS; i++) await comparison.compare(['SMEMBERS', `k${i}`]);
    },
    60_000,
  );
});
