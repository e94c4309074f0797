/** SORT and SORT_RO; beside the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { errorOf, makeTestClient } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';

const redis = await startReferenceRedis();
if (redis === undefined) console.log('no redis-server 7.0 on the path: SORT is not compared with it');
afterAll(() => redis?.stop());

describe('SORT', () => {
  it('sorts by numbers, texts, other keys and fields, and gives what GET asks for', () => {
    const client = makeTestClient();
    client.send('RPUSH', 'l', '3', '10', '2', '1');
    expect(client.send('SORT', 'l')).toEqual(['1', '2', '3', '10']);
    expect(client.send('SORT_RO', 'l', 'ALPHA', 'DESC')).toEqual(['3', '2', '10', '1']);
    client.send('MSET', 'w1', '9', 'w2', '8', 'w3', '7');
    client.send('HSET', 'h3', 'f', 'three');
    expect(client.send('SORT', 'l', 'BY', 'w*', 'GET', '#', 'GET', 'h*->f', 'LIMIT', 0, 2)).toEqual([
      '10',
      null,
      '3',
      'three',
    ]);
    expect(client.send('SORT', 'l', 'BY', 'nosort', 'LIMIT', 1, 2)).toEqual(['10', '2']);
    expect(client.send('SORT', 'l', 'DESC', 'GET', 'w*', 'STORE', 'to')).toBe(4);
    expect(client.send('LRANGE', 'to', 0, -1)).toEqual(['', '7', '8', '9']);
    expect(client.send('SORT', 'none', 'STORE', 'to')).toBe(0);
    expect(client.send('EXISTS', 'to')).toBe(0);
  });

  it('reads numbers as C does: after spaces, up to a zero byte', () => {
    const client = makeTestClient();
    client.send('RPUSH', 'l', ' 3', '\t\n2', '1\x00x', '', '-1');
    expect(client.send('SORT', 'l')).toEqual(['-1', '', '1\x00x', '\t\n2', ' 3']);
    for (const text of [' ', '1 ', 'x', 'nan']) {
      client.send('RPUSH', 'other', text);
      expect(errorOf(client.send('SORT', 'other'))).toContain("can't be converted into double");
      client.send('DEL', 'other');
    }
  });

  it('refuses what is no number, no option, or no collection of elements', () => {
    const client = makeTestClient();
    client.send('SADD', 's', 'a', '1');
    expect(errorOf(client.send('SORT', 's'))).toBe("ERR One or more scores can't be converted into double");
    expect(errorOf(client.send('SORT_RO', 's', 'STORE', 'x'))).toBe('ERR syntax error');
    expect(errorOf(client.send('SORT', 's', 'LIMIT', 'a', 1))).toBe('ERR value is not an integer or out of range');
    client.send('HSET', 'h', 'a', '1');
    expect(errorOf(client.send('SORT', 'h'))).toMatch(/^WRONGTYPE/);
  });

  it.runIf(redis !== undefined)('answers as redis does', async () => {
    const client = makeTestClient();
    const prng = new Prng(5);
    const pick = <T>(of: readonly T[]): T => of[prng.nextBelow(of.length)];
    const both = async (...parts: (string | number)[]): Promise<void> => {
      const theirs = await redis?.call(...parts);
      const ours = client.send(...parts);
      const shown = (reply: unknown): string =>
        reply instanceof Error
          ? reply.message
          : JSON.stringify(reply, (_, value) =>
              value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
            );
      const [one, other] = [shown(ours), shown(theirs)];
      if (one.includes('ERR') || one.includes('WRONG')) expect(other).toMatch(/ERR|WRONG/);
      else expect(`${parts.join(' ')}: ${one}`).toBe(`${parts.join(' ')}: ${other}`);
    };
    for (let i = 0; i < 30; i++) {
      await both('RPUSH', 'l', prng.nextBelow(12));
      await both('ZADD', 'z', prng.nextBelow(9), `${prng.nextBelow(40)}`);
      await both('SADD', 's', prng.nextBelow(40));
      await both('SET', `w${prng.nextBelow(20)}`, prng.nextBelow(5));
      await both('HSET', `h${prng.nextBelow(20)}`, 'f', `${prng.nextBelow(9)}`);
    }
    for (let i = 0; i < 400; i++) {
      const parts: (string | number)[] = [pick(['SORT', 'SORT_RO']), pick(['l', 'z', 's', 'none'])];
      const by = pick(['', '', 'w*', 'h*->f', 'none*', '*']);
      if (by !== '') parts.push('BY', by);
      else if (parts[1] !== 's' && pick([true, false])) parts.push('BY', 'nosort');
      if (pick([true, false])) parts.push('LIMIT', prng.nextBelow(40) - 2, prng.nextBelow(12) - 1);
      for (let left = prng.nextBelow(3); left > 0; left--) parts.push('GET', pick(['#', 'w*', 'h*->f', 'fixed']));
      if (pick([true, false])) parts.push(pick(['ASC', 'DESC']));
      // Equal texts, and texts that are missing, come in no order that redis promises.
      if (by === '' && pick([true, false])) parts.push('ALPHA');
      if (parts[0] === 'SORT' && prng.nextBelow(4) === 0) {
        await both(...parts, 'STORE', 'to');
        await both('LRANGE', 'to', 0, -1);
      } else await both(...parts);
    }
  });
});
