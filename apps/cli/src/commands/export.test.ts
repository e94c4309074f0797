import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@ferrite/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ferrite } from '../../test/run-cli.ts';
import { openInProcess } from '../client/in-process.ts';

const KEYS = 1200;
const HASH_FIELDS = 700;
const SET_MEMBERS = 600;
const SCORES = 300;
const ELEMENTS = 1100;
const EXPIRES_MS = Date.UTC(2400, 0, 1);
const BYTES = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i));

let scratch: string;
let store: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ferrite-export-'));
  store = join(scratch, 'store');
  const { client, close } = await openInProcess({ path: store });
  const sent = Array.from({ length: KEYS }, (_, i) => client.send(['SET', `key:${i}`, `value ${i}`]));
  sent.push(client.send(['SET', BYTES, BYTES]), client.send(['SET', '', '']));
  sent.push(client.send(['SET', 'late', 'on', 'PXAT', EXPIRES_MS]), client.send(['SET', 'text', 'é "\n\u2028']));
  sent.push(client.send(['SELECT', 3]), client.send(['SET', 'other', 'database']));
  sent.push(client.send(['PFADD', 'hll', 'a', 'b', 'c']));
  sent.push(
    client.send(['HSET', 'hash', ...Array.from({ length: HASH_FIELDS }, (_, i) => [`field ${i}`, `${i}`]).flat()]),
  );
  sent.push(client.send(['SADD', 'set', ...Array.from({ length: SET_MEMBERS }, (_, i) => `member ${i}`)]));
  sent.push(
    client.send(['ZADD', 'zset', ...Array.from({ length: SCORES }, (_, i) => [`${i / 8}`, `member ${i}`]).flat()]),
  );
  sent.push(client.send(['RPUSH', 'list', BYTES, ...Array.from({ length: ELEMENTS - 1 }, (_, i) => `element ${i}`)]));
  for (let i = 1; i <= 3; i++) sent.push(client.send(['XADD', 'stream', `${i}-0`, 'field', `value ${i}`]));
  sent.push(client.send(['XGROUP', 'CREATE', 'stream', 'group', '0']));
  sent.push(client.send(['XREADGROUP', 'GROUP', 'group', 'ann', 'COUNT', 2, 'STREAMS', 'stream', '>']));
  sent.push(client.send(['SELECT', 0]), client.send(['RPUSH', 'jobs', 'wash', 'dry']));
  sent.push(client.send(['XADD', 'events', '1-0', 'user', 'ann']));
  await Promise.all(sent);
  await close();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What the store says, key by key, as JSON lines in order. */
async function contentsOf(path: string): Promise<string[]> {
  const { stdout, code } = await ferrite(['export', path, '--format', 'jsonl']);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  // The order of fields and members is each store's own, as SCAN and its kin tell of them.
  return lines.map(withSortedMembers).sort();
}

function withSortedMembers(line: string): string {
  const entry = JSON.parse(line) as { type: string; value: unknown };
  if (entry.type !== 'hash' && entry.type !== 'set' && entry.type !== 'zset') return line;
  return JSON.stringify({ ...entry, value: (entry.value as unknown[]).sort() });
}

describe('ferrite export and import', () => {
  it.each(['resp', 'jsonl'])('bring everything over as %s: bytes, expiries, databases', async (format) => {
    const file = join(scratch, `out.${format}`);
    const copy = join(scratch, `copy-${format}`);
    const exported = await ferrite(['export', store, '--format', format, '--out', file, '--json']);
    expect(JSON.parse(exported.stdout)).toMatchObject({ keys: KEYS + 13, bytes: readFileSync(file).length });
    const imported = await ferrite(['import', file, copy, '--json']);
    expect(JSON.parse(imported.stdout)).toMatchObject({ failed: 0, failures: [] });
    expect(imported.code).toBe(0);
    const contents = await contentsOf(copy);
    expect(contents).toHaveLength(KEYS + 13);
    expect(contents).toEqual(await contentsOf(store));
    const db = open({ path: copy, codec: 'buffer', readOnly: true });
    expect(db.get(BYTES)).toEqual(BYTES);
    expect(db.get('')).toEqual(Buffer.alloc(0));
    expect(db.getEntry('late')?.expiresAt).toBe(EXPIRES_MS);
    db.close();
    const hash = contents.find((line) => line.includes('"key":"hash"')) ?? '{}';
    expect(new Map(JSON.parse(hash).value).size).toBe(HASH_FIELDS);
    const set = contents.find((line) => line.includes('"key":"set"')) ?? '{}';
    expect(new Set(JSON.parse(set).value).size).toBe(SET_MEMBERS);
    const zset = contents.find((line) => line.includes('"key":"zset"')) ?? '{}';
    expect(new Map(JSON.parse(zset).value).get('member 3')).toBe('0.375');
    const list = JSON.parse(contents.find((line) => line.includes('"key":"list"')) ?? '{}').value as unknown[];
    expect([list.length, list[0], list[1]]).toEqual([ELEMENTS, { base64: BYTES.toString('base64') }, 'element 0']);
    const read = open({ path: copy, readOnly: true });
    expect(read.lrange('jobs')).toEqual(['wash', 'dry']);
    expect(read.xrange('events')).toEqual([{ id: '1-0', fields: new Map([['user', 'ann']]) }]);
    read.close();
    expect(readdirSync(scratch).filter((name) => name.includes('unfinished'))).toEqual([]);
    expect(await ferrite(['export', store, '--out', file])).toMatchObject({ code: 1 });
  });

  it('write a line for each key, with base64 where it is no UTF-8', async () => {
    const contents = await contentsOf(store);
    expect(contents).toContain('{"db":0,"key":"key:7","type":"string","value":"value 7"}');
    expect(contents).toContain(`{"db":0,"key":"late","type":"string","value":"on","expiresAt":${EXPIRES_MS}}`);
    expect(contents).toContain('{"db":3,"key":"other","type":"string","value":"database"}');
    const bytes = `{"base64":"${BYTES.toString('base64')}"}`;
    expect(contents).toContain(`{"db":0,"key":${bytes},"type":"string","value":${bytes}}`);
  });

  it('take databases and keys apart', async () => {
    const third = await ferrite(['export', store, '-n', '3', '--match', 'o*', '--format', 'jsonl']);
    expect(third.stdout).toBe('{"db":3,"key":"other","type":"string","value":"database"}\n');
    expect(third.stderr).toMatch(/1 keys, \d+ B\n$/);
    const stream = await ferrite(['export', store, '-n', '3', '--match', 'o*']);
    expect(stream.stdout).toBe('*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*3\r\n$3\r\nSET\r\n$5\r\nother\r\n$8\r\ndatabase\r\n');
  });

  it('go through a pipe', async () => {
    const { bytes } = await ferrite(['export', store]);
    const copy = join(scratch, 'piped');
    expect(await ferrite(['import', '-', copy], { input: bytes })).toMatchObject({ code: 0 });
    expect(await contentsOf(copy)).toEqual(await contentsOf(store));
  });
});

const version = spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout ?? '';

describe.runIf(/\bv=7\./.test(version))('ferrite export and import, with redis', () => {
  let redis: ChildProcess;
  let socket: string;
  beforeAll(async () => {
    socket = join(scratch, 'redis.sock');
    const args = [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--save',
      '',
      '--enable-debug-command',
      'yes',
      '--dir',
      scratch,
    ];
    redis = spawn('redis-server', args, { stdio: 'ignore' });
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  afterAll(() => {
    redis.kill('SIGKILL');
  });

  const ask = async (...words: string[]): Promise<string> => (await ferrite(['cli', '-s', socket, ...words])).stdout;

  it.each(['resp', 'jsonl'])('bring every type over as %s, to the byte', async (format) => {
    const input = [
      'SET s "a\\xff\\n" PX 100000000',
      'RPUSH l 1 2 3 "\\xfe"',
      'HSET h a 1 "\\xff" 2',
      'SADD st a b c',
      'ZADD z 1.5 a -inf b 1e300 c 0.1 d',
      'XADD x 1-1 f v',
      'PEXPIRE h 200000000',
      'SELECT 4',
      'SADD ints 1 2 3',
    ];
    await ask('FLUSHALL');
    expect((await ferrite(['cli', '-s', socket], { input: input.join('\n') })).code).toBe(0);
    const before = await ask('DEBUG', 'DIGEST');
    const { bytes } = await ferrite(['export', '-s', socket, '--format', format]);
    await ask('FLUSHALL');
    expect(await ask('DEBUG', 'DIGEST')).not.toBe(before);
    expect((await ferrite(['import', '-s', socket, '-'], { input: bytes })).code).toBe(0);
    // The digest is of keys, values and the times of their ends.
    expect(await ask('DEBUG', 'DIGEST')).toBe(before);
  });

  it('brings the strings of redis into a store', async () => {
    await ask('FLUSHALL');
    await ask('SET', 'city', 'Seattle');
    const { bytes } = await ferrite(['export', '-s', socket]);
    const copy = join(scratch, 'from-redis');
    expect((await ferrite(['import', '-', copy], { input: bytes })).code).toBe(0);
    expect(await contentsOf(copy)).toEqual(['{"db":0,"key":"city","type":"string","value":"Seattle"}']);
  });
});

describe('ferrite import', () => {
  it('stops at a line that makes no sense, says which, and goes on there', async () => {
    const file = join(scratch, 'bad.jsonl');
    const copy = join(scratch, 'bad');
    const line = (i: number): string => `{"key":"k${i}","type":"string","value":"${i}"}`;
    writeFileSync(file, [line(1), '', line(3), '{"key":5}', line(5), 'nonsense', line(7), ''].join('\n'));
    const first = await ferrite(['import', file, copy]);
    expect(first).toMatchObject({ code: 1 });
    expect(first.stderr).toMatch('line 4: "key" is neither a text');
    expect(first.stdout).toMatch(/2 lines taken, 1 failed; go on with --from 5\n/);
    const second = await ferrite(['import', file, copy, '--from', '5', '--keep-going', '--json']);
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({
      done: 2,
      failed: 1,
      failures: [{ number: 6, error: expect.stringMatching('it is no JSON') }],
    });
    expect((await contentsOf(copy)).map((each) => JSON.parse(each).key)).toEqual(['k1', 'k3', 'k5', 'k7']);
  });

  it('tells what a command of a stream was answered, and where a stream makes no sense', async () => {
    const copy = join(scratch, 'stream');
    const command = (...words: string[]): string =>
      `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
    const set = command('SET', 'a', '1');
    const refused = await ferrite(['import', '-', copy], { input: set + command('INCR', 'a', 'b') + set });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^command 2: ERR wrong number/) });
    const cut = await ferrite(['import', '-', copy], { input: set + set.slice(0, 12) });
    expect(cut).toMatchObject({ code: 1, stderr: 'command 2: the stream ends in the middle of a command\n' });
    const inline = await ferrite(['import', '-', copy], { input: `${set}SET a 2\r\n` });
    expect(inline.stderr).toMatch('command 2: it is no command of a RESP stream');
    const middle = command('SELECT', '5') + set + set;
    await ferrite(['import', '-', copy, '--from', '3'], { input: middle });
    expect((await contentsOf(copy)).map((each) => JSON.parse(each).db)).toEqual([0, 5]);
  });
});
