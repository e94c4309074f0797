import { describe, expect, it } from 'vitest';
import { commandsOf } from './commands-of.ts';
import type { Entry } from './entry.ts';
import { fromJsonLine, toJsonLine } from './json-line.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const common = { database: 2, key: bytes('k'), expiresAtMs: undefined };

const entries: Entry[] = [
  { ...common, type: 'string', value: bytes('\xff\x00') },
  { ...common, expiresAtMs: 1_893_456_000_000, type: 'list', value: [bytes('a'), bytes('\xff'), bytes('a')] },
  { ...common, type: 'set', value: [bytes('a'), bytes('b')] },
  { ...common, type: 'hash', value: [[bytes('f'), bytes('\xfe')]] },
  {
    ...common,
    type: 'zset',
    value: [
      [bytes('m'), '-inf'],
      [bytes('n'), '1.5e+300'],
    ],
  },
  { ...common, type: 'dump', of: 'stream', value: bytes('\x0f\xff') },
];

describe('a line of JSON', () => {
  it.each(entries.map((entry) => [entry.type, entry] as const))('brings a %s back as it was', (_, entry) => {
    const line = toJsonLine(entry);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(fromJsonLine(line)).toEqual(entry);
  });

  it.each([
    ['[]', 'it is no JSON object'],
    ['{"key":"a","type":"string"}', '"value" is neither a text nor {"base64": ...}'],
    ['{"key":"a","type":"string","value":{"base64":"a!=="}}', '"value" is neither'],
    ['{"key":"a","type":"list","value":[]}', '"value" is no array with members'],
    ['{"key":"a","type":"hash","value":[["f"]]}', 'a member of "value" is no pair'],
    ['{"key":"a","type":"zset","value":[["m","much"]]}', "'much' is no score"],
    ['{"key":"a","type":"tree","value":"x"}', '"type" is none of'],
    ['{"db":-1,"key":"a","type":"string","value":"x"}', '"db" is no number'],
    ['{"key":"a","type":"string","value":"x","expiresAt":"soon"}', '"expiresAt" is no time'],
  ])('%s is refused', (line, message) => {
    expect(() => fromJsonLine(line)).toThrow(message);
  });
});

it('the commands of an entry replace what is at its key, in parts of bearable length', () => {
  const [, list] = entries;
  expect(commandsOf(list)).toEqual([
    ['DEL', bytes('k')],
    ['RPUSH', bytes('k'), bytes('a'), bytes('\xff'), bytes('a')],
    ['PEXPIREAT', bytes('k'), 1_893_456_000_000],
  ]);
  const long: Entry = { ...common, type: 'set', value: Array.from({ length: 1200 }, (_, i) => bytes(String(i))) };
  expect(commandsOf(long).map((words) => words.length)).toEqual([2, 502, 502, 202]);
  expect(commandsOf(entries[4])[1].slice(2)).toEqual(['-inf', bytes('m'), '1.5e+300', bytes('n')]);
  expect(commandsOf(entries[5])).toEqual([['RESTORE', bytes('k'), 0, bytes('\x0f\xff'), 'REPLACE']]);
});
