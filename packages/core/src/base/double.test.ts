/** Doubles in and out: a table, random ones against the language's own parser, and the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { formatDouble, parseDouble } from './double.ts';
import { Prng } from './prng.ts';

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

function parse(text: string): number {
  const bytes = Buffer.from(`-9${text}99`, 'latin1');
  return parseDouble(bytes, 2, bytes.length - 2);
}

const ACCEPTED: [string, number][] = [
  ['0', 0],
  ['-0', -0],
  ['+1', 1],
  ['01', 1],
  ['3.5', 3.5],
  ['.5', 0.5],
  ['-5.', -5],
  ['0.1', 0.1],
  ['123456789012345', 123456789012345],
  ['0.30000000000000004', 0.30000000000000004],
  ['9007199254740993', 9007199254740992],
  ['1e5', 1e5],
  ['1.25E-3', 0.00125],
  ['1.e+2', 100],
  ['1e-310', 1e-310],
  ['1.7976931348623157e308', Number.MAX_VALUE],
  ['5e-324', Number.MIN_VALUE],
  ['0e999999', 0],
  ['inf', Number.POSITIVE_INFINITY],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-INFINITY', Number.NEGATIVE_INFINITY],
  ['0x10', 16],
  ['-0x1.8p3', -12],
  ['0X.8P-1', 0.25],
  ['0x1p1023', 2 ** 1023],
];
const REFUSED = [
  '',
  '-',
  '+',
  '.',
  '-.',
  'e5',
  '1e',
  '1e+',
  ' 1',
  '1 ',
  '\t1',
  '1.2.3',
  '--1',
  '1_0',
  '1,5',
  'nan',
  '-NaN',
  'nan(1)',
  'infinit',
  'in',
  '1e400',
  '-1e400',
  '1e-400',
  '0x',
  '0x1p',
  '0xg',
  '0x1p2000',
  '0x1p-2000',
  '1\x00',
];

describe('parseDouble', () => {
  it.each(ACCEPTED)('reads %j', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each(REFUSED)('refuses %j', (text) => {
    expect(parse(text)).toBeNaN();
  });

  it('rounds like the language on random decimals of all lengths', () => {
    const prng = new Prng(11);
    for (let i = 0; i < 20_000; i++) {
      let text = prng.nextBelow(2) === 0 ? '-' : '';
      const digits = 1 + prng.nextBelow(20);
      const pointAt = prng.nextBelow(digits + 6);
      for (let d = 0; d < digits; d++) text += (d === pointAt ? '.' : '') + prng.nextBelow(10);
      if (prng.nextBelow(4) === 0) text += `e${prng.nextBelow(600) - 300}`;
      const value = Number(text);
      expect(parse(text), text).toBe(Number.isFinite(value) ? value : Number.NaN);
    }
  });
});

describe('formatDouble', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [0.1, '0.1'],
    [-1.5, '-1.5'],
    [3.3, '3.3'],
    [1e-4, '0.0001'],
    [1e-5, '1e-05'],
    [-1.25e-7, '-1.25e-07'],
    [1e15, '1000000000000000'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [1234567890123456.5, '1234567890123456.5'],
    [1.5e300, '1.5e+300'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [Number.MIN_VALUE, '5e-324'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ])('prints %d as %s', (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });

  it('reads back as the same double', () => {
    for (const value of randomDoubles(5000)) {
      expect(parse(formatDouble(value))).toBe(value);
    }
  });
});

describe.runIf(redis !== undefined)('doubles against redis', () => {
  it('accepts and refuses the same texts as a score', async () => {
    for (const text of [...ACCEPTED.map(([each]) => each), ...REFUSED]) {
      void redis!.call('DEL', 'z');
      const reply = await redis!.call('ZADD', 'z', Buffer.from(text, 'latin1'), 'm');
      expect(Number.isNaN(parse(text)), text).toBe(reply instanceof Error);
      if (reply instanceof Error) continue;
      const score = String(await redis!.call('ZSCORE', 'z', 'm'));
      // In a small sorted set redis keeps whole scores as integers, so -0 comes back as 0.
      // Redis 7.0 prints 17 digits, so numbers are compared.
      expect(parse(formatDouble(parse(text) + 0)), text).toBe(Number(score.replace('inf', 'Infinity')));
    }
  });

  it('prints random scores so that redis reads the same', async () => {
    const values = randomDoubles(3000);
    for (const value of values) void redis!.call('ZADD', 'z', formatDouble(value), `m${value}`);
    for (const value of values) expect(Number(await redis!.call('ZSCORE', 'z', `m${value}`))).toBe(value);
  });
});

function randomDoubles(count: number): number[] {
  const prng = new Prng(23);
  const view = new DataView(new ArrayBuffer(8));
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 === 0) return (prng.nextDouble() - 0.5) * 10 ** (prng.nextBelow(44) - 22);
    if (i % 3 === 1) return prng.nextBelow(2_000_000) / 100;
    view.setUint32(0, prng.nextUint32());
    view.setUint32(4, prng.nextUint32());
    return Number.isFinite(view.getFloat64(0)) ? view.getFloat64(0) : 1;
  });
}
