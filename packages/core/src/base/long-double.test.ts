/** Sums of long doubles: a table of what redis on x86-64 answered, and random ones against it when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { formatSum, parseLongDouble } from './long-double.ts';
import { Prng } from './prng.ts';

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

/** The sum as INCRBYFLOAT answers it. */
function add(a: string, b: string): string {
  const left = parse(a);
  const right = parse(b);
  if (left === undefined || right === undefined) return 'ERR value is not a valid float';
  return formatSum(left, right) ?? 'ERR increment would produce NaN or Infinity';
}

function parse(text: string): ReturnType<typeof parseLongDouble> {
  const bytes = Buffer.from(`-9${text}99`, 'latin1');
  return parseLongDouble(bytes, 2, bytes.length - 2);
}

describe('formatSum', () => {
  it.each([
    ['0', '0', '0'],
    ['0.1', '0.2', '0.3'],
    ['10.50', '0.1', '10.6'],
    ['100.1', '0.1', '100.2'],
    ['1000000.25', '.5', '1000000.75'],
    ['5.0e3', '2.0e2', '5200'],
    ['-1.5', '1.5', '0'],
    ['-0', '-0', '0'],
    ['1e-18', '-2e-18', '0'],
    ['0', '1e-17', '0.00000000000000001'],
    ['17179869184', '1.5', '17179869185.5'],
    ['0x10', '.5', '16.5'],
    ['18446744073709551615', '1', '18446744073709551616'],
    ['18446744073709551616', '1', '18446744073709551616'],
    ['1234567890.123456789', '0', '1234567890.12345678894780576'],
    ['3.0e4000', '0', undefined],
  ])('adds %s and %s', (a, b, sum) => {
    if (sum === undefined) expect(add(a, b)).toMatch(/^3\d{4000}$/);
    else expect(add(a, b)).toBe(sum);
  });

  it('refuses what is no float or out of range, and sums that are', () => {
    for (const text of ['', 'x', '1 ', ' 1', 'nan', '1e5000', '1e-5000', `1${'0'.repeat(5119)}`, '1e999999999999']) {
      expect(parse(text), text).toBeUndefined();
    }
    expect(add('inf', '1')).toContain('NaN or Infinity');
    expect(add('inf', '-inf')).toContain('NaN or Infinity');
    expect(add('1.1e4932', '1.1e4932')).toContain('NaN or Infinity');
  });
});

describe.runIf(redis !== undefined && process.arch === 'x64')('formatSum against redis', () => {
  it('gives the same text for random sums', async () => {
    const seed = 80;
    const prng = new Prng(seed);
    const pairs = Array.from({ length: 3000 }, () => [randomFloat(prng), randomFloat(prng)]);
    const replies = pairs.map(([a, b]) => {
      void redis!.call('SET', 'f', a);
      return redis!.call('INCRBYFLOAT', 'f', b);
    });
    for (const [i, [a, b]] of pairs.entries()) {
      const reply = await replies[i];
      const expected = reply instanceof Error ? reply.message : String(reply);
      expect(add(a, b), `seed ${seed}: ${a} + ${b}`).toBe(expected);
    }
  });
});

function randomFloat(prng: Prng): string {
  const odd = [
    'inf',
    '-inf',
    '1e',
    '1e4932',
    '-1.2e4932',
    '3e-4951',
    '0x1.8p70',
    '1e-4940',
    '0',
    '-0',
    '1e-20',
    '5e4931',
  ];
  if (prng.nextBelow(12) === 0) return odd[prng.nextBelow(odd.length)];
  let text = prng.nextBelow(2) === 0 ? '-' : '';
  const digits = 1 + prng.nextBelow(prng.nextBelow(2) === 0 ? 8 : 28);
  const pointAt = 1 + prng.nextBelow(digits + 4);
  for (let d = 0; d < digits; d++) text += (d === pointAt ? '.' : '') + prng.nextBelow(10);
  return prng.nextBelow(4) === 0 ? `${text}e${prng.nextBelow(60) - 30}` : text;
}
