/** Glob patterns: a table of cases, and random ones against the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { matchGlob } from './glob.ts';
import { Prng } from './prng.ts';

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

function matches(pattern: string, text: string, ignoreCase = false): boolean {
  const bytes = Buffer.from(`~~${text}~~`);
  return matchGlob(Buffer.from(pattern), bytes, 2, bytes.length - 2, ignoreCase);
}

describe('matchGlob', () => {
  it.each([
    ['', ''],
    ['*', ''],
    ['***', ''],
    ['*', 'anything'],
    ['h?llo', 'hello'],
    ['h*llo', 'hllo'],
    ['h*llo', 'heeeello'],
    ['*a*b*c*', 'xxaxxbxxcxx'],
    ['a*', 'a'],
    ['h[ae]llo', 'hallo'],
    ['h[^e]llo', 'hallo'],
    ['h[a-c]llo', 'hbllo'],
    ['h[c-a]llo', 'hbllo'],
    ['h\\*llo', 'h*llo'],
    ['h\\', 'h\\'],
    ['h\\?', 'h?'],
    ['[a\\]]', ']'],
    ['[\\a-]', '-'],
    ['[abc', 'c'],
    ['[^', 'x'],
    ['[a-', '-'],
    ['[^]', 'x'],
    ['[^]*', 'xy'],
    ['[a-]', '_'],
  ])('%j matches %j', (pattern, text) => {
    expect(matches(pattern, text)).toBe(true);
  });

  it.each([
    ['', 'a'],
    ['a', ''],
    ['?', ''],
    ['*?', ''],
    ['a*b', 'abc'],
    ['h?llo', 'hllo'],
    ['h[^e]llo', 'hello'],
    ['h\\*llo', 'hello'],
    ['[]', 'x'],
    ['[', '['],
    ['[]a]', 'a'],
    ['hello', 'Hello'],
    ['a\\', 'a'],
  ])('%j does not match %j', (pattern, text) => {
    expect(matches(pattern, text)).toBe(false);
  });

  it('pays no regard to case when asked, except in escaped members of a class', () => {
    expect(matches('hELLo', 'HellO', true)).toBe(true);
    expect(matches('[a-c]x', 'BX', true)).toBe(true);
    expect(matches('[ABC]', 'b', true)).toBe(true);
    expect(matches('\\a', 'A', true)).toBe(true);
    expect(matches('[\\a]', 'A', true)).toBe(false);
    expect(matches('@', '`', true)).toBe(false);
  });

  it('compares bytes, not characters, and bytes above 127 are large', () => {
    const text = Uint8Array.of(0xff);
    expect(matchGlob(Uint8Array.of(0x3f), text, 0, 1)).toBe(true);
    expect(matchGlob(Uint8Array.of(0x5b, 0x61, 0x2d, 0xff, 0x5d), Uint8Array.of(0x80), 0, 1)).toBe(true);
    expect(matchGlob(Uint8Array.of(0x5b, 0x61, 0x2d, 0xff, 0x5d), Uint8Array.of(0x60), 0, 1)).toBe(false);
  });

  it('matches nothing when a text comes to more than a thousand stars', () => {
    expect([matches('*?'.repeat(1000), 'a'.repeat(1000)), matches('*?'.repeat(1001), 'a'.repeat(1001))]).toEqual([
      true,
      false,
    ]);
  });

  it('does not blow up on many stars', () => {
    const text = Buffer.from('a'.repeat(20_000));
    const pattern = Buffer.from('a*'.repeat(60) + 'b');
    const start = process.cpuUsage().user;
    expect(matchGlob(pattern, text, 0, text.length)).toBe(false);
    expect(process.cpuUsage().user - start).toBeLessThan(2_000_000);
  });
});

describe.runIf(redis !== undefined)('matchGlob against redis', () => {
  it.each([false, true])('agrees on random patterns; case ignored: %s', async (ignoreCase) => {
    const seed = 20_240_801;
    const prng = new Prng(seed);
    // COMMAND LIST FILTERBY PATTERN ignores case; KEYS does not.
    const texts = ignoreCase ? await commandNames() : randomTexts(prng, 300);
    const pieces = ['*', '**', '?', '[', ']', '^', '\\', '-', '[^', '[a-c]', 'a', 'b', 'c', 'A', 'B', 'e', 's', 'et'];
    for (let round = 0; round < 1500; round++) {
      let pattern = '';
      for (let i = prng.nextBelow(7); i >= 0; i--) pattern += pieces[prng.nextBelow(pieces.length)];
      const reply = ignoreCase
        ? await redis!.call('COMMAND', 'LIST', 'FILTERBY', 'PATTERN', pattern)
        : await redis!.call('KEYS', pattern);
      const expected = (reply as Buffer[]).map(String).sort();
      const found = texts.filter((text) => matches(pattern, text, ignoreCase)).sort();
      expect(found, `seed ${seed}, pattern ${JSON.stringify(pattern)}`).toEqual(expected);
    }
  });

  async function commandNames(): Promise<string[]> {
    return ((await redis!.call('COMMAND', 'LIST')) as Buffer[]).map(String);
  }

  function randomTexts(prng: Prng, count: number): string[] {
    const letters = 'aabbccABe^-]\\[*?';
    const texts = new Set<string>();
    while (texts.size < count) {
      let text = '';
      for (let i = prng.nextBelow(7); i >= 0; i--) text += letters[prng.nextBelow(letters.length)];
      texts.add(text);
    }
    for (const text of texts) void redis!.call('SET', text, '');
    return [...texts];
  }
});
