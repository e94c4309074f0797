/** Longest common subsequences: redis's own examples, a plain table, and the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { Prng } from '../base/prng.ts';
import { isLcsTooLarge, lcsBytes, lcsLength, lcsMatches } from './lcs.ts';

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

function randomText(prng: Prng, lengthMax: number): Uint8Array {
  const letters = 2 + prng.nextBelow(4);
  return Uint8Array.from({ length: prng.nextBelow(lengthMax + 1) }, () => 97 + prng.nextBelow(letters));
}

function plainLength(a: Uint8Array, b: Uint8Array): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i][j] = a[i - 1] === b[j - 1] ? table[i - 1][j - 1] + 1 : Math.max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[a.length][b.length];
}

describe('LCS', () => {
  it('finds what the documentation of the command shows', () => {
    const a = Buffer.from('ohmytext');
    const b = Buffer.from('mynewtext');
    expect(String(Buffer.from(lcsBytes(a, b)))).toBe('mytext');
    expect(lcsLength(a, b)).toBe(6);
    const matches = [
      { aFirst: 4, aLast: 7, bFirst: 5, bLast: 8 },
      { aFirst: 2, aLast: 3, bFirst: 0, bLast: 1 },
    ];
    expect(lcsMatches(a, b, 0)).toEqual({ length: 6, matches });
    expect(lcsMatches(a, b, 4)).toEqual({ length: 6, matches: matches.slice(0, 1) });
  });

  it('finds nothing in nothing', () => {
    const empty = new Uint8Array(0);
    expect(lcsMatches(empty, Buffer.from('x'), 0)).toEqual({ length: 0, matches: [] });
    expect(lcsLength(Buffer.from('x'), empty)).toBe(0);
    expect(lcsBytes(Buffer.from('x'), Buffer.from('y'))).toEqual(empty);
  });

  it('is as long as the plain table says, and a subsequence of both', () => {
    const prng = new Prng(6);
    for (let round = 0; round < 300; round++) {
      const a = randomText(prng, 90);
      const b = randomText(prng, 90);
      const length = plainLength(a, b);
      expect(lcsLength(a, b)).toBe(length);
      const common = lcsBytes(a, b);
      expect(common.length).toBe(length);
      for (const each of [a, b]) {
        let at = 0;
        for (const byte of each) if (byte === common[at]) at++;
        expect(at).toBe(length);
      }
    }
  });

  it('is refused when the table of redis would not fit the limit', () => {
    expect(isLcsTooLarge(9, 9, 400)).toBe(false);
    expect(isLcsTooLarge(9, 10, 400)).toBe(true);
    expect(isLcsTooLarge(2 ** 29, 2 ** 29, 2 ** 29)).toBe(true);
  });
});

describe.runIf(redis !== undefined)('LCS against redis', () => {
  it('answers the same with every option', async () => {
    const prng = new Prng(66);
    for (let round = 0; round < 500; round++) {
      const a = randomText(prng, 70);
      const b = randomText(prng, 70);
      await redis!.call('MSET', 'a', a, 'b', b);
      expect(Buffer.compare(await redis!.bytes('LCS', 'a', 'b'), lcsBytes(a, b))).toBe(0);
      expect(await redis!.call('LCS', 'a', 'b', 'LEN')).toBe(lcsLength(a, b));
      const lengthMin = prng.nextBelow(4);
      const reply = await redis!.call('LCS', 'a', 'b', 'IDX', 'MINMATCHLEN', lengthMin, 'WITHMATCHLEN');
      const { length, matches } = lcsMatches(a, b, lengthMin);
      const expected = matches.map((each) => [
        [each.aFirst, each.aLast],
        [each.bFirst, each.bLast],
        each.aLast - each.aFirst + 1,
      ]);
      expect(reply).toEqual([Buffer.from('matches'), expected, Buffer.from('len'), length]);
    }
  });
});
