/** What the rows of the command table say, against what the real redis says of the same commands. */
import { afterAll, expect, it } from 'vitest';
import { type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { type CommandRow, FLAG_NAMES, flagsWithKeys, type KeyRange } from './command.ts';
import { hashExpiryCommands } from './hash-expiry.ts';
import { hashFieldValueCommands } from './hash-field-values.ts';
import { allCommands } from './index.ts';

const GROUPS = ['string', 'bitmap', 'hyperloglog', 'hash', 'list', 'set', 'sorted-set', 'geo', 'stream'];
/** Those that may have more arguments since redis 7.2. */
const LONGER = ['zrank', 'zrevrank'];
/** Some of their keys come after an option, wherever that stands: their rows say it in code. */
const OTHER_KEYS = ['georadius', 'georadiusbymember'];
/** They came after redis 7.0. */
const newer = [...hashExpiryCommands, ...hashFieldValueCommands];
const rows = allCommands.filter(
  (row) => GROUPS.includes(row.group) && !OTHER_KEYS.includes(row.name) && !newer.includes(row),
);

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare with');

/** The pairs of a map as RESP2 has it. */
function field(pairs: Reply, name: string): Reply {
  const all = pairs as Reply[];
  return all[all.findIndex((each) => String(each) === name) + 1];
}

function texts(reply: Reply): string[] {
  return (reply as Reply[]).map(String).sort();
}

/** A key specification in the form of ours: `last` and `step` count from the beginning as COMMAND INFO has them. */
function rangeOf(spec: Reply): KeyRange {
  const search = field(field(spec, 'begin_search'), 'spec');
  if (String(field(field(spec, 'begin_search'), 'type')) === 'keyword') {
    const flags = (field(spec, 'flags') as Reply[]).map(String).join(' ');
    const keyword = String(field(search, 'keyword')).toLowerCase();
    return { first: Number(field(search, 'startfrom')), last: -1, step: 1, flags, keyword };
  }
  const first = Number(field(search, 'index'));
  const find = field(field(spec, 'find_keys'), 'spec');
  if (String(field(field(spec, 'find_keys'), 'type')) === 'keynum') {
    const flags = (field(spec, 'flags') as Reply[]).map(String).join(' ');
    return { first: first + Number(field(find, 'firstkey')), last: 0, step: 1, flags, countAt: first };
  }
  const last = Number(field(find, 'lastkey'));
  const flags = (field(spec, 'flags') as Reply[]).map(String).join(' ');
  return { first, last: last < 0 ? last : first + last, step: Number(field(find, 'keystep')), flags };
}

it.runIf(redis !== undefined).each(rows.map((row): [string, CommandRow] => [row.name, row]))(
  '%s: arity, flags and keys are as in redis',
  async (name, row) => {
    const [info] = (await (redis as NonNullable<typeof redis>).call('COMMAND', 'INFO', name)) as Reply[][];
    const flags = FLAG_NAMES.filter((_, bit) => (flagsWithKeys(row) & (1 << bit)) !== 0);
    const arity = LONGER.includes(name) ? Math.abs(row.arity) : row.arity;
    expect({ arity, flags: [...flags].sort() }).toEqual({ arity: info[1], flags: texts(info[2]) });
    expect([row.keys, row.moreKeys].filter((each) => each !== undefined)).toEqual((info[8] as Reply[]).map(rangeOf));
  },
);
