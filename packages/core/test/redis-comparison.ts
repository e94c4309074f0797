/**
 * Sends commands to an instance and to the real redis, and compares the replies (`reply-rules.ts`).
 *
 * What is drawn at random cannot be the same: of those replies it is compared how many there are, and that they are there
 * on the other side; what SPOP took here is taken there, too. Values go over as payloads of DUMP, both ways.
 *
 * What always holds: redis is sent the commands in order, without waiting for each, so `settle` says whether all were
 * answered alike. The first difference is thrown, with the commands before it that name one of its keys.
 */
import { afterAll, describe, it } from 'vitest';
import type { Argument, Draw } from './draws/draw.ts';
import { type ReferenceRedis, startReferenceRedis } from './reference-redis.ts';
import { isError, isSame, isSameReply, nameOf, plain } from './reply-rules.ts';
import { makeTestClient, type TestClient } from './test-client.ts';

const SHOWN_COMMANDS = 12;
const SHOWN_LENGTH = 600;
const SHOWN_PART_LENGTH = 60;
const BATCH = 100;
/** Redis would answer with as many. */
const DRAWN_MAX = 10_000;
const MEMBERSHIP = new Map([
  ['SRANDMEMBER', 'SMISMEMBER'],
  ['HRANDFIELD', 'HMGET'],
  ['ZRANDMEMBER', 'ZMSCORE'],
]);
const READERS = new Map<unknown, readonly Argument[][]>([
  ['string', [['GET', '']]],
  ['list', [['LRANGE', '', 0, -1]]],
  ['set', [['SMEMBERS', '']]],
  ['hash', [['HGETALL', '']]],
  ['zset', [['ZRANGE', '', 0, -1, 'WITHSCORES']]],
  [
    'stream',
    [
      ['XRANGE', '', '-', '+'],
      ['XINFO', 'GROUPS', ''],
    ],
  ],
]);

type Command = readonly Argument[];

export class RedisComparison {
  private readonly redis: ReferenceRedis;
  private readonly client: TestClient;
  private readonly history: Command[] = [];
  private readonly checks: Promise<void>[] = [];

  constructor(redis: ReferenceRedis) {
    this.redis = redis;
    this.client = makeTestClient();
  }

  /** Sends a command to both; a promise if what comes next has to wait for it. */
  send(command: Command): Promise<void> | undefined {
    const name = nameOf(command);
    for (const before of forerunnersOf(command)) this.send(before);
    // Of a sorted set that it sorts, redis makes a skip list; the digest of one is compared with all that it holds.
    const subject = name === 'DEBUG' ? command[2] : command[1];
    if (/^(SORT|DEBUG)/.test(name) && this.ours(['TYPE', subject]) === 'zset') return undefined;
    this.history.push(command);
    if (name === 'DUMP') return this.exchange(command);
    if (name === 'SPOP') this.pop(command);
    else if (MEMBERSHIP.has(name)) this.drawSome(command);
    else if (name === 'RANDOMKEY') this.drawKey(command);
    else {
      const ours = this.ours(command);
      // Only redis 7.2 refuses that.
      if (name === 'XSETID' && String(ours).includes('current max_deleted_entry_id')) return undefined;
      this.check((theirs) => this.expectSame(command, ours, theirs), command);
      if (name === 'SDIFFSTORE' && !isError(ours)) this.makeAnew(String(command[1]));
    }
    return undefined;
  }

  /** Sends a command to both, and waits for redis. */
  async compare(command: Command): Promise<void> {
    await this.send(command);
    await this.settle();
  }

  /** Sends commands in a transaction. What is drawn at random, or waits, must not be among them. */
  transact(commands: readonly Command[]): void {
    const all = commands.flatMap((command) => [...forerunnersOf(command), command]);
    this.send(['MULTI']);
    const queued = all.filter((command) => {
      this.history.push(command);
      const ours = this.ours(command);
      this.check((theirs) => this.expectSame(command, ours, theirs), command);
      return ours === 'QUEUED';
    });
    const ours = this.ours(['EXEC']);
    this.history.push(['EXEC']);
    this.check(
      (theirs) => {
        if (!Array.isArray(ours) || !Array.isArray(theirs)) this.expectSame(['EXEC'], ours, theirs);
        else for (const [i, command] of queued.entries()) this.expectSame(command, ours[i], theirs[i]);
      },
      ['EXEC'],
    );
  }

  /** Waits until redis has answered all that was sent. */
  async settle(): Promise<void> {
    await Promise.all(this.checks.splice(0));
  }

  /** Compares all that a key holds. */
  async compareValue(key: string): Promise<void> {
    const type = this.ours(['TYPE', key]);
    this.send(['TYPE', key]);
    this.send(['PTTL', key]);
    this.send(['OBJECT', 'ENCODING', key]);
    for (const reader of READERS.get(type) ?? []) this.send(reader.map((part) => (part === '' ? key : part)));
    await this.settle();
    // Redis keeps the sign of zero in its skip lists, and loses it in listpacks: here it is lost.
    const digest = ['DEBUG', 'DIGEST-VALUE', key];
    const ours = this.ours(digest);
    const theirs = plain(await this.redis.call('ZRANGE', key, 0, -1, 'WITHSCORES'));
    if (Array.isArray(theirs) && !theirs.includes('-0')) {
      this.check((reply) => this.expectSame(digest, ours, reply), digest);
      await this.settle();
    }
  }

  /** The instance's reply alone. */
  ours(command: Command): unknown {
    return plain(this.client.send(...command));
  }

  private check(verify: (theirs: unknown) => void, command: Command): void {
    const at = this.history.length;
    const bytes = command.map((part) => (part instanceof Buffer ? part : Buffer.from(String(part), 'latin1')));
    this.checks.push(
      this.redis.call(...bytes).then((reply) => {
        try {
          verify(plain(reply));
        } catch (error) {
          throw new Error(`${this.shownBefore(at)}\n${(error as Error).message}`);
        }
      }),
    );
  }

  private expectSame(command: Command, ours: unknown, theirs: unknown): void {
    if (!isSameReply(command, ours, theirs)) throw difference(command, ours, theirs);
  }

  /** The sizes must be the same, or what was said instead of members. */
  private drawSome(command: Command): void {
    const [, key, count] = command;
    if (count !== undefined && Math.abs(Number(count)) > DRAWN_MAX) return;
    const ours = this.ours(command);
    this.check((theirs) => {
      const areDrawn = !isError(ours) && !isError(theirs) && ours !== null && theirs !== null;
      if (!areDrawn) this.expectSame(command, ours, theirs);
      else if ([ours].flat().length !== [theirs].flat().length) throw difference(command, ours, theirs);
    }, command);
    if (ours === null || isError(ours)) return;
    const hasValues = command.length > 3;
    const all = [ours].flat();
    const drawn = all.filter((_, i) => !hasValues || i % 2 === 0) as string[];
    if (drawn.length === 0) return;
    if (Number(count) > 0 && new Set(drawn).size !== drawn.length) throw difference(command, ours, 'one of each');
    const values = all.filter((_, i) => hasValues && i % 2 === 1);
    const question = [MEMBERSHIP.get(nameOf(command)) as string, key, ...drawn];
    this.check((theirs) => {
      const isThere = (theirs as unknown[]).every((each) => each !== null && each !== 0);
      if (!isThere || (hasValues && !isSame(values, theirs, true))) throw difference(command, ours, theirs);
    }, question);
  }

  private drawKey(command: Command): void {
    const ours = this.ours(command);
    if (ours === null) this.check((theirs) => this.expectSame(command, ours, theirs), command);
    else this.check((theirs) => this.expectSame(command, 1, theirs), ['EXISTS', ours as string]);
  }

  private pop(command: Command): void {
    const ours = this.ours(command);
    const popped = [ours].flat() as string[];
    if (ours === null || isError(ours) || popped.length === 0) {
      this.check((theirs) => this.expectSame(command, ours, theirs), command);
      return;
    }
    const [, key, count = 1] = command;
    this.check(
      (theirs) => this.expectSame(command, popped.length, Math.min(Number(theirs), Number(count))),
      ['SCARD', key],
    );
    this.check((theirs) => this.expectSame(command, popped.length, theirs), ['SREM', key, ...popped]);
    this.makeAnew(String(key));
  }

  /**
   * Where redis keeps a set of numbers as a table, since there was something else in it, that was taken or subtracted
   * meanwhile: it gets the form that it has here.
   */
  private makeAnew(key: string): void {
    if (this.ours(['OBJECT', 'ENCODING', key]) !== 'intset') return;
    const until = Number(this.ours(['PEXPIRETIME', key]));
    this.check(() => undefined, ['SUNIONSTORE', key, key]);
    if (until > 0) this.check(() => undefined, ['PEXPIREAT', key, until]);
  }

  /** Each side takes the other's payload, and has what was dumped. */
  private async exchange(command: Command): Promise<void> {
    const ours = this.ours(command);
    let theirs: unknown;
    this.check((reply) => {
      theirs = reply;
    }, command);
    await this.settle();
    if (typeof ours !== 'string' || typeof theirs !== 'string' || isError(ours)) {
      this.expectSame(command, ours, theirs);
      return;
    }
    const restore = (payload: string): Command => ['RESTORE', 'copy', 0, payload, 'REPLACE'];
    this.expectSame(command, this.ours(restore(theirs)), 'OK');
    this.check((reply) => this.expectSame(command, 'OK', reply), restore(ours));
    await this.compareValue('copy');
    this.send(['DEL', 'copy']);
  }

  /** The last commands before one, those that name a key of its. */
  private shownBefore(at: number): string {
    const last = this.history.slice(0, at);
    const keys = last.at(-1)?.slice(1, 5).map(String) ?? [];
    const related = last.filter((command) => command.some((part) => keys.includes(String(part))));
    return related.slice(-SHOWN_COMMANDS).map(shownCommand).join('\n');
  }
}

/** Redis 7.2 makes the consumer whatever it is given, 7.0 with its first entry: so it is made before. */
function forerunnersOf(command: Command): Command[] {
  const name = nameOf(command);
  if (name === 'XCLAIM' || name === 'XAUTOCLAIM') return [['XGROUP', 'CREATECONSUMER', ...command.slice(1, 4)]];
  if (name !== 'XREADGROUP') return [];
  const after = command.indexOf('STREAMS') + 1;
  const keys = command.slice(after, (after + command.length) / 2);
  return keys.map((key) => ['XGROUP', 'CREATECONSUMER', key, ...command.slice(2, 4)]);
}

function shownCommand(command: Command): string {
  return command.map((part) => String(part).slice(0, SHOWN_PART_LENGTH)).join(' ');
}

function difference(command: Command, ours: unknown, theirs: unknown): Error {
  const [shown, other] = [ours, theirs].map((reply) => JSON.stringify(reply)?.slice(0, SHOWN_LENGTH));
  return new Error(`${shownCommand(command)}\nours:  ${shown}\nredis: ${other}`);
}

export interface ComparisonPlan {
  name: string;
  rounds: number;
  commandsPerRound: number;
  makeDraw(seed: number): Draw;
  /** Before the first command of a round. */
  before?(comparison: RedisComparison, seed: number): Promise<void>;
  /** After each command. */
  each?(comparison: RedisComparison, command: Command): void;
  /** Whose values are compared at the end of a round. */
  keys: readonly string[];
  /** Of redis. */
  options?: readonly string[];
}

/** Tests that random commands are answered as redis answers them. `FERRITE_SEED` and `FERRITE_ROUNDS` choose other runs. */
export async function compareWithRedis(plan: ComparisonPlan): Promise<void> {
  const { name, commandsPerRound, keys, options = [] } = plan;
  const redis = await startReferenceRedis('--enable-debug-command', 'yes', ...options);
  afterAll(() => redis?.stop());
  if (redis === undefined) console.log(`skipped: no redis-server 7.0 on the path to compare ${name} with`);
  const first = Number(process.env.FERRITE_SEED ?? 1);
  const rounds = Number(process.env.FERRITE_ROUNDS ?? plan.rounds);
  describe.runIf(redis !== undefined)(name, () => {
    it.each(Array.from({ length: rounds }, (_, i) => first + i))(
      'answer as redis does, seed %d',
      async (seed) => {
        await redis?.call('FLUSHALL');
        const draw = plan.makeDraw(seed);
        const comparison = new RedisComparison(redis as ReferenceRedis);
        await plan.before?.(comparison, seed);
        for (let i = 0; i < commandsPerRound; i++) {
          const command = draw.next();
          await comparison.send(command);
          plan.each?.(comparison, command);
          if (i % BATCH === 0) await comparison.settle();
        }
        for (const key of keys) await comparison.compareValue(key);
      },
      60_000,
    );
  });
}
