/** COMMAND, against what the real redis says of the same commands. */
import { afterAll, describe, expect, it } from 'vitest';
import { type Reply, startReferenceRedis } from '../../test/reference-redis.ts';
import { makeTestInstance } from '../../test/test-client.ts';
import { commandDocs } from '../docs.ts';
import { hashExpiryCommands } from './hash-expiry.ts';
import { hashFieldValueCommands } from './hash-field-values.ts';
import { allCommands } from './index.ts';

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());
if (redis === undefined) console.log('skipped: no redis-server 7.0 on the path to compare with');

const { instance, connect } = makeTestInstance();
instance.docs = commandDocs;
const client = connect();

const names = allCommands.flatMap(({ name, subcommands }) => [
  name,
  ...(subcommands ?? []).map((each) => `${name}|${each.name}`),
]);
/** Of redis 7.2 and later, or other than redis on purpose: its 7.0 says something else. */
const NEW = [
  'wait',
  'waitaof',
  'client|setinfo',
  'client|no-touch',
  'module|loadex',
  'command|getkeys',
  'command|getkeysandflags',
  'client|pause',
  'zrank',
  'zrevrank',
  'georadius',
  'georadiusbymember',
  ...[...hashExpiryCommands, ...hashFieldValueCommands].map(({ name }) => name),
];

/** Replies with buffers as text, and flags, which are sets, in one order. */
function plain(reply: unknown): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString('latin1');
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

function messageOf(reply: unknown): string {
  return (reply as { message: string }).message;
}

function sorted(reply: unknown): unknown[] {
  return [...(reply as unknown[])].sort();
}

function fieldsOf(reply: unknown): Map<string, unknown> {
  const pairs = reply as unknown[];
  return new Map(Array.from({ length: pairs.length / 2 }, (_, i) => [String(pairs[i * 2]), pairs[i * 2 + 1]]));
}

function keySpecs(reply: unknown): unknown[] {
  return (reply as unknown[]).map((spec) => {
    const fields = fieldsOf(spec);
    return [sorted(fields.get('flags')), fields.get('begin_search'), fields.get('find_keys')];
  });
}

function comparedInfo(info: unknown): unknown {
  const [name, arity, flags, first, last, step, categories, , specs] = info as unknown[];
  return {
    name,
    arity,
    flags: sorted(flags),
    keys: [first, last, step],
    categories: sorted(categories),
    specs: keySpecs(specs),
  };
}

describe.runIf(redis !== undefined)('COMMAND INFO', () => {
  it.each(names.filter((name) => !NEW.includes(name)))('%s is as in redis', async (name) => {
    const [theirs] = plain(await redis?.call('COMMAND', 'INFO', name)) as unknown[];
    const [ours] = client.send('COMMAND', 'INFO', name) as unknown[];
    expect(comparedInfo(ours)).toEqual(comparedInfo(theirs));
  });
});

describe.runIf(redis !== undefined)('COMMAND DOCS', () => {
  it.each(names.filter((name) => !NEW.includes(name)))(
    '%s has the version and group that it has in redis',
    async (name) => {
      const theirs = fieldsOf((plain(await redis?.call('COMMAND', 'DOCS', name)) as unknown[])[1]);
      const ours = fieldsOf((client.send('COMMAND', 'DOCS', name) as unknown[])[1]);
      expect(ours.get('since')).toBe(theirs.get('since'));
      expect(ours.get('group')).toBe(theirs.get('group'));
    },
  );
});

it('documents all commands, and nothing else', () => {
  const rest = Object.keys(commandDocs).filter((name) => !names.includes(name) && !/^(config|shutdown)/.test(name));
  expect(rest).toEqual([]);
  expect(names.filter((name) => commandDocs[name] === undefined)).toEqual([]);
});

it('COMMAND DOCS answers with nothing where there is no documentation', () => {
  const bare = makeTestInstance().connect();
  expect(bare.send('COMMAND', 'DOCS', 'GET', 'nosuch')).toEqual([]);
  expect(bare.send('COMMAND', 'DOCS')).toEqual([]);
});

it('COMMAND and COMMAND INFO describe all commands, those that are named, or none', () => {
  expect(client.send('COMMAND')).toHaveLength(allCommands.length);
  expect(client.send('COMMAND', 'COUNT')).toBe(allCommands.length);
  expect(client.send('COMMAND', 'INFO')).toHaveLength(allCommands.length);
  expect(client.send('COMMAND', 'INFO', 'get|key', 'client|list|x', 'nosuch')).toEqual([null, null, null]);
});

it('COMMAND LIST takes a filter', () => {
  const list = (...rest: string[]) => client.send('COMMAND', 'LIST', ...rest);
  expect(list()).toEqual(names);
  expect(list('FILTERBY', 'PATTERN', 'xpir*')).toEqual([]);
  expect(list('filterby', 'pattern', 'CLIENT|*re*')).toEqual(['client|reply', 'client|getredir']);
  expect(list('FILTERBY', 'ACLCAT', 'hyperloglog')).toEqual(['pfadd', 'pfcount', 'pfmerge', 'pfdebug', 'pfselftest']);
  expect(list('FILTERBY', 'MODULE', 'any')).toEqual([]);
  for (const wrong of [['bad'], ['filterby', 'bad'], ['filterby', 'bad', 'bad']]) {
    expect(String(list(...wrong))).toContain('ERR syntax error');
  }
});

describe.runIf(redis !== undefined)('COMMAND GETKEYS and GETKEYSANDFLAGS answer as redis', () => {
  const calls = [
    'GET key',
    'SET k1 v1',
    'SET k1 v1 GET',
    'MSET k1 v1 k2 v2',
    'BITOP AND d a b',
    'BITFIELD k GET u8 0',
    'BITFIELD k SET u8 0 1',
    'MEMORY USAGE key',
    'LCS key1 key2',
    'COPY a b',
    'PING x',
    'GET a b',
    'NOSUCH a',
    'OBJECT NOSUCH a',
    'PFMERGE d',
  ];
  for (const command of ['GETKEYS', 'GETKEYSANDFLAGS']) {
    it.each(calls)(`${command} %s`, async (text) => {
      const parts = text.split(' ');
      const theirs: Reply = (await redis?.call('COMMAND', command, ...parts)) ?? null;
      const ours = client.send('COMMAND', command, ...parts);
      if (theirs instanceof Error) expect(messageOf(ours)).toBe(theirs.message);
      else expect(ours).toEqual(plain(theirs));
    });
  }
});

it('the arguments of a command are read from one line', () => {
  const docs = fieldsOf((client.send('COMMAND', 'DOCS', 'GETEX') as unknown[])[1]);
  const [key, expiration] = docs.get('arguments') as unknown[];
  expect(key).toEqual(['name', 'key', 'type', 'key', 'display_text', 'key', 'key_spec_index', 0]);
  const fields = fieldsOf(expiration);
  expect([fields.get('name'), fields.get('type'), fields.get('flags')]).toEqual(['expiration', 'oneof', ['optional']]);
  expect((fields.get('arguments') as unknown[])[0]).toEqual([
    'name',
    'seconds',
    'type',
    'integer',
    'display_text',
    'seconds',
    'token',
    'EX',
  ]);
  const [message] = fieldsOf((client.send('COMMAND', 'DOCS', 'MSET') as unknown[])[1]).get('arguments') as unknown[];
  expect(fieldsOf(message).get('flags')).toEqual(['multiple']);
});

it('HELP and wrong arguments', () => {
  expect(String((client.send('COMMAND', 'HELP') as unknown[])[0])).toContain('COMMAND <subcommand>');
  expect(String(client.send('COMMAND', 'BAD'))).toContain("unknown subcommand 'BAD'. Try COMMAND HELP.");
});
