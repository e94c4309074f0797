/**
 * All entries of a server, or of a store that is served within this process: database by database, a step of SCAN at a time.
 *
 * Whatever is there from the beginning to the end is met; what comes or goes meanwhile may be met or not, as SCAN has it.
 * A server may give a key twice.
 */
import { ReplyError, type ReplyValue } from '@ferrite/core/tools';
import type { RespClient } from '../client/resp-client.ts';
import { must } from '../client/server-target.ts';
import type { Entry, EntryValue } from './entry.ts';

/** Keys of one step; all of their values are in memory together. */
const STEP_KEYS = 500;
const NO_SUCH_KEY = -2;
const NO_EXPIRY = -1;

/** Keys by database, of those that have any. */
export async function countKeys(client: RespClient): Promise<Map<number, number>> {
  const text = String(must(await client.send(['INFO', 'keyspace'])));
  const found = text.matchAll(/^db(\d+):keys=(\d+)/gm);
  return new Map([...found].map(([, database, keys]) => [Number(database), Number(keys)]));
}

export async function* readEntries(
  client: RespClient,
  databases: readonly number[],
  pattern?: string,
): AsyncGenerator<Entry[]> {
  const match = pattern === undefined ? [] : ['MATCH', pattern];
  for (const database of databases) {
    must(await client.send(['SELECT', database]));
    let cursor = '0';
    do {
      const reply = must(await client.send(['SCAN', cursor, ...match, 'COUNT', STEP_KEYS])) as ReplyValue[];
      cursor = String(reply[0]);
      yield await readStep(client, database, reply[1] as Buffer[]);
    } while (cursor !== '0');
  }
}

async function readStep(client: RespClient, database: number, keys: readonly Buffer[]): Promise<Entry[]> {
  const types = await Promise.all(keys.map((key) => client.send(['TYPE', key])));
  const found = await Promise.all(
    keys.map(async (key, i): Promise<Entry | undefined> => {
      const expiry = client.send(['PEXPIRETIME', key]);
      const value = await readValue(client, key, String(must(types[i])));
      const expiresAtMs = await expiryOf(client, key, await expiry);
      if (value === undefined || expiresAtMs === NO_SUCH_KEY) return undefined;
      return { ...value, database, key, expiresAtMs: expiresAtMs === NO_EXPIRY ? undefined : expiresAtMs };
    }),
  );
  return found.filter((entry) => entry !== undefined);
}

/** Servers before redis 7 tell only how long there is left. */
async function expiryOf(client: RespClient, key: Buffer, reply: ReplyValue): Promise<number> {
  if (!(reply instanceof ReplyError)) return Number(reply);
  const leftMs = Number(must(await client.send(['PTTL', key])));
  return leftMs < 0 ? leftMs : Date.now() + leftMs;
}

/** Undefined when the key is gone. */
async function readValue(client: RespClient, key: Buffer, type: string): Promise<EntryValue | undefined> {
  const ask = async (...words: (string | Buffer)[]): Promise<ReplyValue> => must(await client.send(words));
  const list = async (...words: (string | Buffer)[]): Promise<Buffer[]> => flat(await ask(...words));
  if (type === 'none') return undefined;
  if (type === 'string') {
    const value = await ask('GET', key);
    return value === null ? undefined : { type, value: value as Buffer };
  }
  if (type === 'list') return unlessEmpty(type, await list('LRANGE', key, '0', '-1'));
  if (type === 'set') return unlessEmpty(type, await list('SMEMBERS', key));
  if (type === 'hash') return unlessEmpty(type, inPairs(await list('HGETALL', key)));
  if (type === 'zset') {
    const pairs = inPairs(await list('ZRANGE', key, '0', '-1', 'WITHSCORES'));
    return unlessEmpty(
      type,
      pairs.map(([member, score]) => [member, String(score)] as const),
    );
  }
  const value = await ask('DUMP', key);
  return value === null ? undefined : { type: 'dump', of: type, value: value as Buffer };
}

function unlessEmpty<T extends 'list' | 'set' | 'hash' | 'zset', V>(type: T, value: readonly V[]) {
  return value.length === 0 ? undefined : ({ type, value } as Extract<EntryValue, { type: T }>);
}

function flat(reply: ReplyValue): Buffer[] {
  return reply as Buffer[];
}

function inPairs(list: readonly Buffer[]): (readonly [Buffer, Buffer])[] {
  return Array.from({ length: list.length / 2 }, (_, i) => [list[i * 2], list[i * 2 + 1]] as const);
}
