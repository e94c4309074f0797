/** SCAN and KEYS: what a walk promises while the database changes under it. */
import { describe, expect, it } from 'vitest';
import { chiSquaredMax, chiSquaredOf } from '../../test/chi-squared.ts';
import { Prng } from '../base/prng.ts';
import { makeTestClient, type TestClient } from '../../test/test-client.ts';

const SEEDS = 15;
const CHANGING_CALLS = 100;

function scanAll(client: TestClient, between: () => void, ...options: (string | number)[]): string[] {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = client.send('SCAN', cursor, ...options) as [string, string[]];
    found.push(...keys);
    cursor = next;
    between();
  } while (cursor !== '0');
  return found;
}

describe('SCAN', () => {
  it('returns every key that is there all the time, while keys come and go by the thousand', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const prng = new Prng(seed);
      const client = makeTestClient();
      const stays = Array.from({ length: 50 + prng.nextBelow(300) }, (_, i) => `stays:${i}`);
      for (const key of stays) client.send('SET', key, 'x');
      let made = 0;
      const most = 20 * prng.nextBelow(40);
      let calls = 0;
      const found = scanAll(
        client,
        () => {
          // A walk in small steps does not catch up with keys that come faster than it goes.
          if (++calls > CHANGING_CALLS) return;
          for (let i = prng.nextBelow(most + 1); i > 0; i--) client.send('SET', `more:${made++}`, 'x');
          for (let i = prng.nextBelow(most + 1); i > 0; i--) client.send('DEL', `more:${prng.nextBelow(made + 1)}`);
        },
        'COUNT',
        1 + prng.nextBelow(50),
      );
      expect(found.filter((key) => key.startsWith('stays')).sort(), `seed ${seed}`).toEqual([...stays].sort());
    }
  });

  it('returns every key that is set again after a flush in the middle', () => {
    const client = makeTestClient();
    const set = () => {
      for (let i = 0; i < 20; i++) client.send('SET', `key:${i}`, 'x');
    };
    for (let i = 0; i < 5000; i++) client.send('SET', `gone:${i}`, 'x');
    set();
    let calls = 0;
    const found = scanAll(client, () => {
      if (++calls !== 30) return;
      client.send('FLUSHDB');
      set();
    });
    for (let i = 0; i < 20; i++) expect(found).toContain(`key:${i}`);
  });

  it('takes COUNT, MATCH and TYPE, and the cursors that redis takes', () => {
    const client = makeTestClient();
    for (let i = 0; i < 1000; i++) client.send('SET', `key:${i}`, 'x');
    const [, few] = client.send('SCAN', 0, 'COUNT', 10) as [string, string[]];
    expect(few.length).toBeGreaterThanOrEqual(10);
    expect(few.length).toBeLessThan(30);
    expect(scanAll(client, () => undefined, 'match', 'key:1?', 'count', 100)).toHaveLength(10);
    expect(scanAll(client, () => undefined, 'TYPE', 'string')).toHaveLength(1000);
    expect(scanAll(client, () => undefined, 'TYPE', 'list')).toHaveLength(0);
    const all = client.send('SCAN', 0, 'COUNT', 100_000) as [string, string[]];
    expect([all[0], all[1].length]).toEqual(['0', 1000]);
    expect(client.send('SCAN', '18446744073709551615')).toEqual(['0', expect.anything()]);
    for (const cursor of ['x', '-1', '1.5', '18446744073709551616', '']) {
      expect(client.send('SCAN', cursor)).toMatchObject({ message: 'ERR invalid cursor' });
    }
    for (const options of [['COUNT'], ['COUNT', 0], ['NOVALUES'], ['MATCH']]) {
      expect(client.send('SCAN', 0, ...options)).toMatchObject({ message: 'ERR syntax error' });
    }
    expect(client.send('SCAN', 0, 'COUNT', 'x')).toMatchObject({
      message: 'ERR value is not an integer or out of range',
    });
  });

  it('leaves out keys whose time is over', async () => {
    const client = makeTestClient();
    client.send('SET', 'short', 'x');
    client.send('SET', 'long', 'x');
    client.send('PEXPIRE', 'short', 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.send('SCAN', 0)).toEqual(['0', ['long']]);
    expect(client.send('KEYS', '*')).toEqual(['long']);
    expect(client.send('RANDOMKEY')).toBe('long');
  });
});

describe('RANDOMKEY', () => {
  it.each([5, 50, 700])('gives each of %i keys as often as any other', (count) => {
    const client = makeTestClient();
    expect(client.send('RANDOMKEY')).toBe(null);
    for (let i = 0; i < count; i++) client.send('SET', `key:${i}`, 'x');
    const counts = new Map<string, number>();
    const draws = 200 * Math.min(count, 100);
    for (let i = 0; i < draws; i++) {
      const key = client.send('RANDOMKEY') as string;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(chiSquaredOf(counts, count, draws)).toBeLessThan(chiSquaredMax(count - 1));
  });
});
