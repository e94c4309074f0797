/** PFADD, PFCOUNT and PFMERGE, against what redis answers. */
import { expect, it } from 'vitest';
import { logEvents } from '../../test/event-log.ts';
import { makeTestClient, makeTestInstance } from '../../test/test-client.ts';
import { ReplyError } from '../protocol/reply-parser.ts';

const NOT_ONE = new ReplyError('WRONGTYPE Key is not a valid HyperLogLog string value.');
const CORRUPT = new ReplyError('INVALIDOBJ Corrupted HLL object detected');

it('PFADD says whether it changed anything, and PFCOUNT keeps its count until then', () => {
  const instance = makeTestInstance();
  const events = logEvents(instance);
  const client = instance.connect();
  const isStale = () => (client.send('GETRANGE', 'k', 15, 15) as string) === '\x80';
  expect([client.send('PFADD', 'k'), client.send('PFADD', 'k'), isStale()]).toEqual([1, 0, true]);
  expect([client.send('PFADD', 'k', 'a', 'b', 'c'), client.send('PFADD', 'k', 'b'), isStale()]).toEqual([1, 0, true]);
  expect([client.send('PFCOUNT', 'k'), isStale(), client.send('PFCOUNT', 'k')]).toEqual([3, false, 3]);
  expect([client.send('PFADD', 'k', 'd'), isStale(), client.send('PFCOUNT', 'k')]).toEqual([1, true, 4]);
  expect(client.send('PFCOUNT', 'other')).toBe(0);
  expect(events.take()).toEqual(['pfadd k', 'pfadd k', 'pfadd k']);
});

it('many elements make it dense, and a merge counts the union', () => {
  const client = makeTestClient();
  for (let i = 0; i < 5000; i += 100) {
    const from = (first: number) => Array.from({ length: 100 }, (_, at) => `e${first + i + at}`);
    client.send('PFADD', 'a', ...from(0));
    client.send('PFADD', 'b', ...from(2500));
  }
  client.send('PFADD', 'c', 'one');
  expect(client.send('STRLEN', 'a')).toBe(12_304);
  const union = client.send('PFCOUNT', 'a', 'b', 'c', 'other') as number;
  expect(Math.abs(union - 7501)).toBeLessThan(200);
  expect(client.send('PFMERGE', 'c', 'a', 'b')).toBe('OK');
  expect(client.send('PFCOUNT', 'c')).toBe(union);
  expect(client.send('PFMERGE', 'new')).toBe('OK');
  expect(client.send('PFCOUNT', 'new')).toBe(0);
});

it('other strings are refused, and so are those that are corrupt', () => {
  const client = makeTestClient();
  client.send('PFADD', 'good', 'a');
  for (const value of ['', 'text', 'HYLL', 'x'.repeat(100_000), `HYLL\x02${'\x00'.repeat(11)}`]) {
    client.send('SET', 'k', value);
    expect(client.send('PFADD', 'k', 'a')).toEqual(NOT_ONE);
    expect(client.send('PFCOUNT', 'k')).toEqual(NOT_ONE);
    expect(client.send('PFCOUNT', 'good', 'k')).toEqual(NOT_ONE);
    expect(client.send('PFMERGE', 'good', 'k')).toEqual(NOT_ONE);
    expect(client.send('GET', 'k')).toBe(value);
  }
  client.send('SET', 'k', `HYLL\x01${'\x00'.repeat(10)}\x80\x00`);
  expect(client.send('PFCOUNT', 'k')).toEqual(CORRUPT);
  expect(client.send('PFCOUNT', 'good', 'k')).toEqual(CORRUPT);
  expect(client.send('PFMERGE', 'good', 'k')).toEqual(CORRUPT);
});

it('PFDEBUG shows how a value is kept, and makes it dense', () => {
  const client = makeTestClient();
  expect(client.send('PFDEBUG', 'encoding', 'k')).toEqual(new ReplyError('ERR The specified key does not exist'));
  client.send('PFADD', 'k', 'a', 'b', 'c');
  const debug = (what: string) => client.send('PFDEBUG', what, 'k');
  expect([debug('ENCODING'), debug('decode')]).toEqual(['sparse', 'Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603']);
  expect([debug('todense'), debug('todense'), debug('encoding')]).toEqual([1, 0, 'dense']);
  expect([client.send('STRLEN', 'k'), client.send('PFCOUNT', 'k')]).toEqual([12_304, 3]);
  const registers = debug('getreg') as number[];
  expect([registers.length, registers[8436], registers[12_711], registers[0]]).toEqual([16_384, 1, 2, 0]);
  expect(debug('decode')).toEqual(new ReplyError('ERR HLL encoding is not sparse'));
  expect(debug('Foo')).toEqual(new ReplyError("ERR Unknown PFDEBUG subcommand 'Foo'"));
  client.send('SET', 'k', 'text');
  expect(debug('getreg')).toEqual(NOT_ONE);
  client.send('SET', 'k', `HYLL\x01${'\x00'.repeat(10)}\x80\x00`);
  expect([debug('todense'), debug('getreg'), debug('encoding')]).toEqual([CORRUPT, CORRUPT, 'sparse']);
});

it('hll-sparse-max-bytes says from which length on a value is dense', () => {
  const client = makeTestClient();
  const encodingAfter = (bytes: number, ...elements: string[]) => {
    client.send('CONFIG', 'SET', 'hll-sparse-max-bytes', bytes);
    client.send('PFADD', 'k', ...elements);
    return client.send('PFDEBUG', 'ENCODING', 'k');
  };
  expect([encodingAfter(30, 'a'), encodingAfter(20, 'a'), encodingAfter(20, 'b')]).toEqual([
    'sparse',
    'sparse',
    'dense',
  ]);
  expect(client.send('PFCOUNT', 'k')).toBe(2);
});

it('PFSELFTEST finds nothing wrong', () => {
  expect(makeTestClient().send('PFSELFTEST')).toBe('OK');
});
