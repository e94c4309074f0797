/** Each command on data has a method of its name, or stands here with what does the same. */
import { expect, it } from 'vitest';
import { allCommands } from '../commands/index.ts';
import { Database } from './database.ts';

const GROUPS = ['hash', 'list', 'set', 'sorted-set', 'stream', 'geo', 'bitmap', 'hyperloglog'];

/** Commands without a method: what a program calls instead, or why there is nothing. `apps/docs/embedded-mode.md` says so, too. */
const INSTEAD: Record<string, string> = {
  hmset: 'hset',
  hpexpire: 'hexpire',
  hpexpireat: 'hexpireat',
  hpttl: 'httl',
  hpexpiretime: 'hexpiretime',
  rpoplpush: 'lmove',
  zrangebyscore: 'zrange',
  zrangebylex: 'zrange',
  zrevrange: 'zrange',
  zrevrangebyscore: 'zrange',
  zrevrangebylex: 'zrange',
  zlexcount: 'zcount',
  zremrangebyscore: 'zremrange',
  zremrangebyrank: 'zremrange',
  zremrangebylex: 'zremrange',
  georadius: 'geosearch',
  georadius_ro: 'geosearch',
  georadiusbymember: 'geosearch',
  georadiusbymember_ro: 'geosearch',
  bitfield: 'getBuffer',
  bitfield_ro: 'getBuffer',
  brpoplpush: 'blmove',
};
/** For tests of HyperLogLogs alone. */
const FOR_TESTS = ['pfdebug', 'pfselftest'];

it('each command on data has a method, or another one does the same', () => {
  const methods = new Set<string>();
  for (let at: object = Database.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) methods.add(name);
  }
  const lowered = new Set([...methods].map((name) => name.toLowerCase()));
  const missing: string[] = [];
  for (const row of allCommands) {
    if (!GROUPS.includes(row.group) || FOR_TESTS.includes(row.name)) continue;
    const names = row.subcommands?.map((each) => `${row.name}${each.name}`) ?? [row.name];
    missing.push(...names.filter((name) => !name.endsWith('help') && !lowered.has(name) && !(name in INSTEAD)));
  }
  expect(missing).toEqual([]);
  expect(Object.values(INSTEAD).filter((name) => !methods.has(name))).toEqual([]);
});
