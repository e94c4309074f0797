/**
 * Random commands on strings, numbers, bits and HyperLogLogs, sent to an instance and to the real redis: replies, and in
 * the end all values, must be the same to the byte. Values reach from nothing to several chunks of a large value.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestClient } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';
import { ReplyError, type ReplyValue } from '../protocol/reply-parser.ts';

const SEED = Number(process.env.FERRITE_SEED ?? 1);
const ROUNDS = 12;
const COMMANDS_PER_ROUND = 600;

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare with');

type Argument = string | number | Buffer;

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
    return `k${this.#below(6)}`;
  }

  #keys(): string[] {
    return Array.from({ length: 1 + this.#below(4) }, () => this.#key());
  }

  #bytes(): Buffer {
    const size = this.#pick([0, 1, 3, 20, 500, 5000, 16_384, 40_000, 70_000]);
    const bytes = Buffer.alloc(size + this.#below(5), this.#pick([0, 255, 7]));
    for (let i = this.#below(20); i < bytes.length; i += 1 + this.#below(3000)) bytes[i] = this.#below(256);
    return bytes;
  }

  #number(): Argument {
    return this.#pick<() => Argument>([
      () => this.#below(100),
      () => -this.#below(100_000),
      () => this.#prng.nextUint32() * this.#below(1_000_000),
      () => this.#pick(['9223372036854775807', '-9223372036854775808', '9223372036854775806', '9007199254740993']),
      () => this.#pick(['x', '', '01', '1.5', '-0']),
    ])();
  }

  #float(): Argument {
    return this.#pick<() => Argument>([
      () => this.#below(2000) / 8 - 100,
      () => this.#prng.nextDouble().toFixed(this.#below(12)),
      () => `${this.#below(100)}e${this.#below(8)}`,
      () => this.#pick(['inf', 'nan', '', '1x', '0x1p3', '3.0e-5']),
    ])();
  }

  #value(): Argument {
    return this.#pick<() => Argument>([() => this.#bytes(), () => this.#number(), () => this.#float()])();
  }

  #index(): Argument {
    const size = this.#pick([10, 1000, 40_000, 100_000]);
    return this.#below(50) === 0 ? 'x' : this.#below(size) - this.#below(size);
  }

  #bitOffset(): Argument {
    return this.#below(40) === 0 ? this.#pick(['x', -1, 4_294_967_296]) : this.#below(this.#pick([30, 5000, 900_000]));
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
    return [this.#pick(options), this.#pick([...options, [], [], []])].flat();
  }

  #fieldOperation(): Argument[] {
    const type = this.#below(30) === 0 ? 'u64' : `${this.#pick(['u', 'i'])}${1 + this.#below(63)}`;
    const offset = this.#below(3) === 0 ? `#${this.#below(300)}` : this.#bitOffset();
    return this.#pick<() => Argument[]>([
      () => ['GET', type, offset],
      () => ['SET', type, offset, this.#number()],
      () => ['INCRBY', type, offset, this.#number()],
      () => ['OVERFLOW', this.#pick(['wrap', 'SAT', 'fail'])],
    ])();
  }

  #whole(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => ['GET', key],
      () => ['SET', key, this.#value()],
      () => ['SET', key, this.#value(), ...this.#setOptions()],
      () => ['SETNX', key, this.#value()],
      () => ['SETEX', key, 1000, this.#value()],
      () => ['GETSET', key, this.#value()],
      () => ['GETDEL', key],
      () => [
        'GETEX',
        key,
        ...this.#pick([[], ['EX', 1000], ['PERSIST'], ['PX', 'x'], ['PXAT', 1], ['EX', 1, 'PX', 1]]),
      ],
      () => ['MGET', ...this.#keys()],
      () => ['MSET', ...this.#keys().flatMap((each) => [each, this.#value()])],
      () => ['MSETNX', ...this.#keys().flatMap((each) => [each, this.#value()])],
      () => ['DEL', key],
    ])();
  }

  #part(): Argument[] {
    const key = this.#key();
    return this.#pick<() => Argument[]>([
      () => ['APPEND', key, this.#value()],
      () => ['STRLEN', key],
      () => ['GETRANGE', key, this.#index(), this.#index()],
      () => ['SETRANGE', key, this.#below(this.#pick([10, 1000, 200_000])), this.#value()],
      () => ['INCR', key],
      () => ['DECR', key],
      () => ['INCRBY', key, this.#number()],
      () => ['DECRBY', key, this.#number()],
      () => ['INCRBYFLOAT', key, this.#float()],
    ])();
  }

  #bits(): Argument[] {
    const key = this.#key();
    const unit = this.#pick([[], ['BIT'], ['byte']]);
    return this.#pick<() => Argument[]>([
      () => ['GETBIT', key, this.#bitOffset()],
      () => ['SETBIT', key, this.#bitOffset(), this.#pick([0, 1, 1, 2])],
      () => ['BITCOUNT', key],
      () => ['BITCOUNT', key, this.#below(200_000) - 100_000, this.#below(200_000) - 100_000, ...unit],
      () => ['BITPOS', key, this.#below(2), ...this.#pick([[], [this.#below(2000) - 1000]])],
      () => ['BITPOS', key, this.#below(2), this.#below(200_000) - 100_000, this.#below(200_000) - 100_000, ...unit],
      () => ['BITOP', this.#pick(['and', 'or', 'xor']), key, ...this.#keys()],
      () => ['BITOP', 'not', key, this.#key()],
      () => ['BITFIELD', key, ...Array.from({ length: 1 + this.#below(5) }, () => this.#fieldOperation()).flat()],
      () => ['BITFIELD_RO', key, ...this.#fieldOperation()],
    ])();
  }

  #hyperLogLog(): Argument[] {
    const key = `h${this.#below(3)}`;
    const elements = () => Array.from({ length: this.#below(80) }, () => this.#below(20_000));
    return this.#pick<() => Argument[]>([
      () => ['PFADD', key, ...elements()],
      () => ['PFCOUNT', key],
      () => ['PFCOUNT', ...this.#keys().map((each) => each.replace('k', 'h'))],
      () => ['PFMERGE', key, ...this.#keys().map((each) => each.replace('k', 'h'))],
      () => [this.#pick(['PFADD', 'PFCOUNT', 'PFMERGE']), this.#key()],
      () => ['GET', key],
    ])();
  }

  next(): Argument[] {
    const kinds = [() => this.#whole(), () => this.#part(), () => this.#bits(), () => this.#hyperLogLog()];
    return this.#pick(kinds)();
  }
}

/** Both sides' replies in one form. */
function plain(reply: Reply | ReplyValue | undefined): unknown {
  if (reply instanceof Buffer) return reply.toString('latin1');
  if (reply instanceof ReplyError || reply instanceof Error) return `-${reply.message}`;
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

/** A reply or argument, cut if it is long. */
function shorten(reply: unknown): string {
  const text = JSON.stringify(reply, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return text.length > 200 ? `${text.slice(0, 200)}... (${text.length})` : text;
}

describe.runIf(redis !== undefined)('string commands', () => {
  it.each(Array.from({ length: ROUNDS }, (_, i) => SEED + i))(
    'answer as redis does, seed %d',
    async (seed) => {
      const generator = new Generator(seed);
      const client = makeTestClient();
      await redis?.call('FLUSHALL');
      const history: string[] = [];
      const compare = async (command: Argument[]): Promise<void> => {
        history.push(command.map((part) => shorten(String(part))).join(' '));
        const theirs = plain(await redis?.call(...command));
        const ours = plain(client.send(...command));
        if (isSame(ours, theirs)) return;
        expect.fail(`${history.slice(-6).join('\n')}\nours: ${shorten(ours)}\nredis: ${shorten(theirs)}`);
      };
      for (let i = 0; i < COMMANDS_PER_ROUND; i++) await compare(generator.next());
      for (const key of ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'h0', 'h1', 'h2']) await compare(['GET', key]);
    },
    60_000,
  );
});

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isSame(each, b[i]));
  return a === b;
}
