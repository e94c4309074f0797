/** Generic commands, drawn at random, answered as the real redis answers them: replies, errors, and what is left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreValue } from '../types/dump.ts';
import { FLAG_NAMES } from './command.ts';
import { Draw } from '../../test/draws/draw.ts';
import { plain } from '../../test/reply-rules.ts';
import { type ReferenceRedis, type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestClient, makeTestInstance, type TestClient } from '../../test/test-client.ts';

const COMMANDS = 20_000;
const CLOCK_TOLERANCE_MS = 3000;
const SEED = Number(process.env.FERRITE_SEED ?? 1);
const FAR_S = 4_000_000_000;

const reference = await startReferenceRedis();
if (reference === undefined) console.log('no redis-server 7.0 on the path: generic commands are not compared with it');

type Part = string | number;

class GenericDraw extends Draw {
  constructor(seed: number) {
    super(seed, { prefix: 'k', count: 8 }, {});
  }

  private oneOf<T>(...from: T[]): T {
    return this.pick(from);
  }

  some(...parts: Part[]): Part[] {
    return parts.filter(() => this.below(4) === 0);
  }

  value(): string {
    const text = this.oneOf('', '1', '-7', '0012', '9223372036854775807', 'text', `${this.below(100_000)}`, 'a b');
    return this.below(4) === 0 ? text.repeat(1 + this.below(60)) : text;
  }

  /** For a command that sets a time. None is between what a record can hold and what redis refuses: that is cut. */
  time(name: string): Part {
    const isMs = name.startsWith('p');
    const far = FAR_S + this.below(1_000_000);
    return this.oneOf<Part>(
      100 + this.below(100),
      far,
      isMs ? far * 1000 : far,
      -1,
      0,
      'x',
      name === 'pexpireat' ? '9223372036854775808' : '9223372036854775807',
      '-9223372036854775808',
      isMs ? '-9223372036854775' : '9223372036854776',
      name === 'expire' ? '9223372036854775' : '-9223372036854776',
    );
  }

  database(): Part {
    return this.oneOf<Part>(0, 1, 2, 3, this.oneOf<Part>(15, 16, -1, 'x', '99999999999'));
  }

  next(): Part[] {
    const name = this.pick(NAMES);
    return [this.below(2) === 0 ? name : name.toUpperCase(), ...this.arguments(name), ...this.stray()];
  }

  private stray(): Part[] {
    return this.below(60) === 0 ? [this.oneOf<Part>('x', 1, 'nx', 'replace')] : [];
  }

  private arguments(name: string): Part[] {
    switch (name) {
      case 'set':
        return [this.key(), this.value()];
      case 'del':
      case 'unlink':
      case 'exists':
      case 'touch':
        return Array.from({ length: 1 + this.below(4) }, () => this.key());
      case 'rename':
      case 'renamenx':
        return [this.key(), this.key()];
      case 'copy':
        return [this.key(), this.key(), ...(this.below(2) ? ['DB', this.database()] : []), ...this.some('REPLACE')];
      case 'move':
        return [this.key(), this.database()];
      case 'select':
        return [this.below(4)];
      case 'swapdb':
        return [this.database(), this.database()];
      case 'expire':
      case 'pexpire':
      case 'expireat':
      case 'pexpireat':
        return [this.key(), this.time(name), ...this.some('NX', 'xx', 'GT', 'lt', 'bad')];
      case 'object':
        return [this.oneOf('encoding', 'ENCODING', 'refcount', 'freq', 'idletime', 'help', 'nonsense'), this.key()];
      case 'keys':
        return [this.oneOf('*', 'k?', 'k[1-3]', 'none*', '\\k1')];
      case 'flushdb':
      case 'flushall':
        return this.some('ASYNC', 'sync', 'bad');
      case 'dbsize':
      case 'randomkey':
        return [];
      case 'wait':
        return [0, this.oneOf<Part>(0, 1, -1, 'x')];
      case 'restore':
        return [this.key(), this.oneOf<Part>(0, 0, 5000, -1, 'x'), this.pick(PAYLOADS), ...this.restoreOptions()];
      default:
        return [this.key()];
    }
  }

  private restoreOptions(): Part[] {
    return this.some('REPLACE', 'absttl', this.oneOf('bad', 'idletime', 'freq')).flatMap((option) =>
      option === 'idletime' || option === 'freq' ? [option, this.oneOf<Part>(1, 255, 256, -1, 'x')] : [option],
    );
  }
}

/** Of redis, in latin1: `text`, 12, and one whose sum is wrong. */
const PAYLOADS: string[] = ['', 'nonsense', '\0\u0004text\u000a\0xxxxxxxx'];

const NAMES = [
  ...Array.from({ length: 8 }, () => 'set'),
  'del unlink exists touch type rename renamenx copy copy move move select select expire pexpire expireat pexpireat'.split(
    ' ',
  ),
  'ttl pttl expiretime pexpiretime persist object dump restore restore keys dbsize wait'.split(' '),
].flat();
const RARE = ['swapdb', 'swapdb', 'swapdb', 'flushdb', 'flushall'];
NAMES.push(...RARE);

function isTime(name: string): boolean {
  return /^p?(ttl|expiretime)$/.test(name);
}

/** The compressors differ. */
function isCompressed(payload: unknown): payload is string {
  return typeof payload === 'string' && payload.charCodeAt(1) === 0xc3;
}

function restored(payload: string): string {
  const restored = restoreValue(Buffer.from(payload, 'latin1'));
  if (typeof restored === 'string' || restored.type !== 'string') throw new Error('no string was dumped');
  return Buffer.from(restored.value).toString('latin1');
}

async function sameReply(client: TestClient, redis: ReferenceRedis, command: Part[], trace: string[]): Promise<void> {
  const name = String(command[0]).toLowerCase();
  const bytes = command.map((part) => Buffer.from(String(part), 'latin1'));
  const [mine, theirs] = [plain(client.send(...bytes)), plain(await redis.call(...bytes))];
  trace.push(command.join(' '));
  const why = `seed ${SEED}, after: ${trace.slice(-12).join(' | ')}`;
  if (name === 'keys' && Array.isArray(mine) && Array.isArray(theirs)) {
    expect(mine.sort(), why).toEqual(theirs.sort());
  } else if (isTime(name) && typeof mine === 'number' && typeof theirs === 'number' && mine > 0) {
    const unitMs = name.startsWith('p') ? 1 : 1000;
    expect(Math.abs(mine - theirs) * unitMs, why).toBeLessThan(CLOCK_TOLERANCE_MS);
  } else if (name === 'object' && typeof mine === 'number' && typeof theirs === 'number') {
    // Seconds of idleness: the two servers were asked a moment apart.
    expect(Math.abs(mine - theirs), why).toBeLessThanOrEqual(String(command[1]).toLowerCase() === 'idletime' ? 1 : 0);
  } else if (name === 'dump' && isCompressed(mine) && isCompressed(theirs)) {
    expect(restored(mine), why).toEqual(restored(theirs));
  } else expect(mine, why).toEqual(theirs);
}

async function sameKeys(client: TestClient, redis: ReferenceRedis, trace: string[]): Promise<void> {
  for (let database = 0; database < 4; database++) {
    await sameReply(client, redis, ['select', database], trace);
    await sameReply(client, redis, ['keys', '*'], trace);
    await sameReply(client, redis, ['dbsize'], trace);
    for (let i = 0; i < 8; i++) {
      await sameReply(client, redis, ['get', `k${i}`], trace);
      await sameReply(client, redis, ['pttl', `k${i}`], trace);
    }
  }
}

describe.runIf(reference !== undefined)('generic commands against redis', { timeout: 120_000 }, () => {
  const redis = reference as ReferenceRedis;

  beforeAll(async () => {
    await redis.call('SET', 'p', 'text');
    await redis.call('SET', 'q', '12');
    await redis.call('SET', 'r', 'abc'.repeat(100));
    for (const key of ['p', 'q', 'r']) PAYLOADS.push((await redis.bytes('DUMP', key)).toString('latin1'));
    await redis.call('FLUSHALL');
  });

  afterAll(() => redis.stop());

  it(`answer alike, ${COMMANDS} of them`, async () => {
    const client = makeTestClient();
    const draw = new GenericDraw(SEED);
    const trace: string[] = [];
    for (let i = 0; i < COMMANDS; i++) {
      await sameReply(client, redis, draw.next(), trace);
      if (i % 500 === 499) await sameKeys(client, redis, trace);
    }
  });

  it('have the arity, flags and keys that COMMAND INFO tells', async () => {
    const rows = makeTestInstance().instance.commands;
    for (const row of rows) {
      if (row.group !== 'generic' && row.group !== 'server') continue;
      const [info] = (await redis.call('COMMAND', 'INFO', row.name)) as Reply[];
      // WAIT and WAITAOF are as in 7.2.
      if (info === null || row.name === 'wait') continue;
      const [, arity, flags, first, last, step] = plain(info) as unknown[];
      const { keys, moreKeys } = row;
      const range = [keys?.first ?? 0, moreKeys?.last ?? keys?.last ?? 0, keys?.step ?? 0];
      expect([row.name, row.arity, ...range]).toEqual([row.name, arity, first, last, step]);
      const names = FLAG_NAMES.filter((_, bit) => (row.flags & (1 << bit)) !== 0);
      expect([row.name, ...names].sort()).toEqual([row.name, ...(flags as string[])].sort());
    }
  });
});
