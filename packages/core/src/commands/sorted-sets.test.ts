/** Commands on sorted sets. */
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestClient, type TestClient } from '../../test/test-client.ts';

function withMembers(...pairs: (string | number)[]): TestClient {
  const client = makeTestClient();
  client.send('ZADD', 'z', ...pairs);
  return client;
}

describe('ZADD', () => {
  it('stay in the form that redis gave them when they were stored, though members go', () => {
    const client = makeTestClient();
    client.send('CONFIG', 'SET', 'zset-max-listpack-entries', '2');
    client.send('CONFIG', 'SET', 'set-max-intset-entries', '2');
    client.send('ZADD', 'z', '1', 'a', '2', 'b', '3', 'c');
    client.send('SADD', 's', '1', '2', '3');
    for (const command of [
      ['ZUNIONSTORE', 'stored', '1', 'z'],
      ['ZRANGESTORE', 'stored', 'z', '0', '-1'],
    ]) {
      expect(client.send(...command)).toBe(3);
      client.send('ZPOPMIN', 'stored', '2');
      expect([client.send('ZCARD', 'stored'), client.send('OBJECT', 'ENCODING', 'stored')]).toEqual([1, 'skiplist']);
    }
    client.send('ZRANGESTORE', 'stored', 'z', '0', '1');
    expect(client.send('OBJECT', 'ENCODING', 'stored')).toBe('listpack');
    client.send('SUNIONSTORE', 'stored', 's');
    client.send('SREM', 'stored', '1', '2');
    expect(client.send('SMEMBERS', 'stored')).toEqual(['3']);
    expect(client.send('OBJECT', 'ENCODING', 'stored')).toBe('listpack');
  });

  it('gives members scores, and tells new ones from those that were there', () => {
    const client = makeTestClient();
    expect(client.send('ZADD', 'z', '1', 'a', '2.5', 'b')).toBe(2);
    expect(client.send('ZADD', 'z', '3', 'a', '4', 'c')).toBe(1);
    expect(client.send('ZADD', 'z', 'CH', '5', 'a', '4', 'c', '6', 'd')).toBe(2);
    expect(client.send('ZSCORE', 'z', 'a')).toBe('5');
    expect(client.send('ZSCORE', 'z', 'x')).toBeNull();
    expect(client.send('ZMSCORE', 'z', 'b', 'x', 'd')).toEqual(['2.5', null, '6']);
    expect(client.send('ZCARD', 'z')).toBe(4);
    expect(client.send('TYPE', 'z')).toBe('zset');
    expect(client.send('OBJECT', 'ENCODING', 'z')).toBe('listpack');
    expect(client.send('MEMORY', 'USAGE', 'z')).toBeGreaterThan(60);
    expect(client.send('ZRANGE', 'z', '0', '-1', 'WITHSCORES')).toEqual(['b', '2.5', 'c', '4', 'a', '5', 'd', '6']);
  });

  it('obeys NX, XX, GT, LT and INCR', () => {
    const client = withMembers(10, 'a');
    expect(client.send('ZADD', 'z', 'NX', '1', 'a', '1', 'b')).toBe(1);
    expect(client.send('ZADD', 'z', 'XX', 'CH', '2', 'b', '2', 'c')).toBe(1);
    expect(client.send('ZADD', 'z', 'GT', 'CH', '5', 'a', '5', 'b')).toBe(1);
    expect(client.send('ZADD', 'z', 'LT', 'CH', '5', 'a', '6', 'b')).toBe(1);
    expect(client.send('ZMSCORE', 'z', 'a', 'b', 'c')).toEqual(['5', '5', null]);
    expect(client.send('ZADD', 'z', 'INCR', '1.5', 'a')).toBe('6.5');
    expect(client.send('ZADD', 'z', 'INCR', 'NX', '1.5', 'a')).toBeNull();
    expect(client.send('ZADD', 'z', 'INCR', 'LT', '1', 'a')).toBeNull();
    expect(client.send('ZINCRBY', 'z', '-2', 'new')).toBe('-2');
    expect(client.send('ZADD', 'none', 'XX', '1', 'a')).toBe(0);
    expect(client.send('ZADD', 'none', 'XX', 'INCR', '1', 'a')).toBeNull();
    expect(client.send('EXISTS', 'none')).toBe(0);
  });

  it.each([
    [['ZADD', 'z', 'NX', 'XX', '1', 'a'], 'ERR XX and NX options at the same time are not compatible'],
    [['ZADD', 'z', 'GT', 'LT', '1', 'a'], 'ERR GT, LT, and/or NX options at the same time are not compatible'],
    [['ZADD', 'z', 'NX', 'GT', '1', 'a'], 'ERR GT, LT, and/or NX options at the same time are not compatible'],
    [['ZADD', 'z', 'INCR', '1', 'a', '2', 'b'], 'ERR INCR option supports a single increment-element pair'],
    [['ZADD', 'z', '1', 'a', '2'], 'ERR syntax error'],
    [['ZADD', 'z', 'x', 'a'], 'ERR value is not a valid float'],
    [['ZADD', 'z', 'nan', 'a'], 'ERR value is not a valid float'],
    [['ZINCRBY', 'z', '-inf', 'most'], 'ERR resulting score is not a number (NaN)'],
    [['ZRANGEBYSCORE', 'z', 'x', '1'], 'ERR min or max is not a float'],
    [['ZRANGEBYLEX', 'z', 'x', '+'], 'ERR min or max not valid string range item'],
    [
      ['ZRANGE', 'z', '0', '1', 'LIMIT', '0', '1'],
      /LIMIT is only supported in combination with either BYSCORE or BYLEX$/,
    ],
    [['ZRANGE', 'z', '-', '+', 'BYLEX', 'WITHSCORES'], /WITHSCORES not supported in combination with BYLEX$/],
    [['ZRANGE', 'z', '0', 'x'], 'ERR value is not an integer or out of range'],
    [['ZRANK', 'z', 'a', 'WITHSCORES'], 'ERR syntax error'],
    [['ZUNION', '0', 'z'], "ERR at least 1 input key is needed for 'zunion' command"],
    [['ZUNION', '2', 'z'], 'ERR syntax error'],
    [['ZUNIONSTORE', 'd', '1', 'z', 'WITHSCORES'], 'ERR syntax error'],
    [['ZINTER', '1', 'z', 'WEIGHTS', 'x'], 'ERR weight value is not a float'],
    [['ZINTERCARD', '1', 'z', 'LIMIT', '-1'], "ERR LIMIT can't be negative"],
    [['ZMPOP', '0', 'z', 'MIN'], 'ERR numkeys should be greater than 0'],
    [['ZMPOP', '1', 'z', 'MID'], 'ERR syntax error'],
    [['ZMPOP', '1', 'z', 'MIN', 'COUNT', '0'], 'ERR count should be greater than 0'],
    [['ZPOPMIN', 'z', '-1'], 'ERR value is out of range, must be positive'],
  ])('%s is refused as redis does it', (command, error) => {
    const client = withMembers('1', 'a', 'inf', 'most');
    expect(errorOf(client.send(...(command as [string])))).toMatch(error);
    expect(client.send('ZRANGE', 'z', '0', '-1', 'WITHSCORES')).toEqual(['a', '1', 'most', 'inf']);
  });
});

describe('ranges of sorted sets', () => {
  it('are by rank, score and member, upwards and downwards, in part', () => {
    const client = withMembers(1, 'a', 2, 'b', 3, 'c', 4, 'd', 5, 'e');
    expect(client.send('ZRANGE', 'z', '1', '-2')).toEqual(['b', 'c', 'd']);
    expect(client.send('ZRANGE', 'z', '0', '1', 'REV')).toEqual(['e', 'd']);
    expect(client.send('ZREVRANGE', 'z', '-2', '-1')).toEqual(['b', 'a']);
    expect(client.send('ZRANGE', 'z', '(1', '4', 'BYSCORE')).toEqual(['b', 'c', 'd']);
    expect(client.send('ZRANGE', 'z', '4', '(1', 'BYSCORE', 'REV', 'LIMIT', '1', '1')).toEqual(['c']);
    expect(client.send('ZRANGEBYSCORE', 'z', '-inf', '+inf', 'LIMIT', '3', '-1')).toEqual(['d', 'e']);
    expect(client.send('ZREVRANGEBYSCORE', 'z', 'inf', '(3', 'WITHSCORES')).toEqual(['e', '5', 'd', '4']);
    expect(client.send('ZRANGEBYSCORE', 'z', '3', '1')).toEqual([]);
    expect(client.send('ZRANGEBYSCORE', 'z', '1', '3', 'LIMIT', '-1', '2')).toEqual([]);
    expect(client.send('ZCOUNT', 'z', '(1', '(5')).toBe(3);
    expect(client.send('ZRANGE', 'z', '5', '3')).toEqual([]);
    expect(client.send('ZRANGE', 'none', '0', '-1')).toEqual([]);
  });

  it('are by member where all scores are equal', () => {
    const client = withMembers(0, 'alpha', 0, 'bar', 0, 'cool', 0, 'down', 0, 'elephant');
    expect(client.send('ZRANGEBYLEX', 'z', '-', '[cool')).toEqual(['alpha', 'bar', 'cool']);
    expect(client.send('ZRANGEBYLEX', 'z', '[bar', '(down')).toEqual(['bar', 'cool']);
    expect(client.send('ZREVRANGEBYLEX', 'z', '+', '[d')).toEqual(['elephant', 'down']);
    expect(client.send('ZRANGEBYLEX', 'z', '+', '-')).toEqual([]);
    expect(client.send('ZLEXCOUNT', 'z', '(bar', '+')).toBe(3);
    expect(client.send('ZREMRANGEBYLEX', 'z', '[b', '(cool')).toBe(1);
    expect(client.send('ZRANGE', 'z', '-', '+', 'BYLEX', 'LIMIT', '1', '2')).toEqual(['cool', 'down']);
  });

  it('are removed, and the key with the last member', () => {
    const client = withMembers(1, 'a', 2, 'b', 3, 'c', 4, 'd', 5, 'e');
    expect(client.send('ZREMRANGEBYRANK', 'z', '0', '1')).toBe(2);
    expect(client.send('ZREMRANGEBYSCORE', 'z', '(3', '4')).toBe(1);
    expect(client.send('ZREM', 'z', 'x', 'c')).toBe(1);
    expect(client.send('ZRANGE', 'z', '0', '-1')).toEqual(['e']);
    expect(client.send('ZREMRANGEBYRANK', 'z', '0', '-1')).toBe(1);
    expect(client.send('EXISTS', 'z')).toBe(0);
  });

  it('are stored, in place of what was there', () => {
    const client = withMembers(1, 'a', 2, 'b', 3, 'c');
    client.send('SET', 'd', 'text');
    expect(client.send('ZRANGESTORE', 'd', 'z', '0', '1')).toBe(2);
    expect(client.send('ZRANGE', 'd', '0', '-1', 'WITHSCORES')).toEqual(['a', '1', 'b', '2']);
    expect(client.send('ZRANGESTORE', 'z', 'z', '(1', '+inf', 'BYSCORE')).toBe(2);
    expect(client.send('ZRANGE', 'z', '0', '-1')).toEqual(['b', 'c']);
    expect(client.send('ZRANGESTORE', 'd', 'none', '0', '1')).toBe(0);
    expect(client.send('EXISTS', 'd')).toBe(0);
  });
});

describe('ranks of sorted sets', () => {
  it('are counted from either end, with scores if asked for', () => {
    const client = withMembers(1, 'a', 2, 'b', 3, 'c');
    expect(client.send('ZRANK', 'z', 'c')).toBe(2);
    expect(client.send('ZREVRANK', 'z', 'c')).toBe(0);
    expect(client.send('ZRANK', 'z', 'x')).toBeNull();
    expect(client.send('ZRANK', 'z', 'b', 'WITHSCORE')).toEqual([1, '2']);
    expect(client.send('ZRANK', 'z', 'x', 'WITHSCORE')).toBeNull();
    expect(client.send('ZRANK', 'none', 'x')).toBeNull();
  });
});

describe('members of sorted sets', () => {
  it('are popped from either end, and of the first key that has any', () => {
    const client = withMembers(1, 'a', 2, 'b', 3, 'c', 4, 'd', 5, 'e');
    expect(client.send('ZPOPMIN', 'z')).toEqual(['a', '1']);
    expect(client.send('ZPOPMAX', 'z', '2')).toEqual(['e', '5', 'd', '4']);
    expect(client.send('ZMPOP', '2', 'none', 'z', 'MAX')).toEqual(['z', [['c', '3']]]);
    expect(client.send('ZMPOP', '2', 'none', 'z', 'MIN', 'COUNT', '5')).toEqual(['z', [['b', '2']]]);
    expect(client.send('ZMPOP', '2', 'none', 'z', 'MIN')).toBeNull();
    expect(client.send('ZPOPMIN', 'z')).toEqual([]);
  });

  it('are drawn at random and walked by ZSCAN', () => {
    const client = makeTestClient();
    for (let i = 0; i < 1000; i++) client.send('ZADD', 'z', i, `m${i}`);
    expect(new Set(client.send('ZRANDMEMBER', 'z', '600') as string[]).size).toBe(600);
    expect((client.send('ZRANDMEMBER', 'z', '-20', 'WITHSCORES') as string[]).length).toBe(40);
    expect(client.send('ZRANDMEMBER', 'none')).toBeNull();
    const met = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, pairs] = client.send('ZSCAN', 'z', cursor, 'COUNT', '50') as [string, string[]];
      for (let i = 0; i < pairs.length; i += 2) met.set(pairs[i], pairs[i + 1]);
      cursor = next;
    } while (cursor !== '0');
    expect([met.size, met.get('m500')]).toEqual([1000, '500']);
    client.send('ZREMRANGEBYRANK', 'z', '5', '-1');
    expect(client.send('OBJECT', 'ENCODING', 'z')).toBe('skiplist');
  });
});

describe('sorted sets together', () => {
  it('make unions, intersections and differences, with weights', () => {
    const client = withMembers(1, 'a', 2, 'b', 3, 'c');
    client.send('ZADD', 'y', 10, 'b', 20, 'c', 30, 'd');
    expect(client.send('ZUNION', '2', 'z', 'y', 'WITHSCORES')).toEqual(['a', '1', 'b', '12', 'c', '23', 'd', '30']);
    expect(client.send('ZINTER', '2', 'z', 'y', 'WEIGHTS', '2', '1', 'AGGREGATE', 'MAX', 'WITHSCORES')).toEqual([
      'b',
      '10',
      'c',
      '20',
    ]);
    expect(client.send('ZDIFF', '2', 'z', 'y')).toEqual(['a']);
    expect(client.send('ZINTERCARD', '2', 'z', 'y')).toBe(2);
    expect(client.send('ZINTERCARD', '2', 'z', 'y', 'LIMIT', '1')).toBe(1);
    expect(client.send('ZUNIONSTORE', 'y', '2', 'z', 'y', 'AGGREGATE', 'MIN')).toBe(4);
    expect(client.send('ZRANGE', 'y', '0', '-1', 'WITHSCORES')).toEqual(['a', '1', 'b', '2', 'c', '3', 'd', '30']);
    expect(client.send('ZDIFFSTORE', 'y', '2', 'z', 'z')).toBe(0);
    expect(client.send('EXISTS', 'y')).toBe(0);
    client.send('SADD', 's', 'b', 'e');
    expect(client.send('ZUNION', '2', 'z', 's', 'WEIGHTS', '1', '5', 'WITHSCORES')).toEqual([
      ...['a', '1', 'c', '3', 'e', '5', 'b', '7'],
    ]);
    expect(client.send('ZINTER', '2', 's', 'z')).toEqual(['b']);
    client.send('ZADD', 'inf', '+inf', 'x');
    client.send('ZADD', 'minus', '-inf', 'x');
    expect(client.send('ZUNION', '2', 'inf', 'minus', 'WITHSCORES')).toEqual(['x', '0']);
  });
});

describe('replies about sorted sets in RESP3', () => {
  it('have scores as doubles, and members with them in pairs', () => {
    const client = withMembers(1, 'a', 2.5, 'b');
    client.send('HELLO', '3');
    expect(client.send('ZSCORE', 'z', 'b')).toBe(2.5);
    expect(client.send('ZRANGE', 'z', '0', '-1', 'WITHSCORES')).toEqual([
      ['a', 1],
      ['b', 2.5],
    ]);
    expect(client.send('ZUNION', '1', 'z', 'WITHSCORES')).toEqual([
      ['a', 1],
      ['b', 2.5],
    ]);
    expect(client.send('ZRANDMEMBER', 'z', '-1', 'WITHSCORES')).toHaveLength(1);
    expect(client.send('ZSCAN', 'z', '0', 'MATCH', 'b')).toEqual(['0', ['b', '2.5']]);
    expect(client.send('ZPOPMIN', 'z')).toEqual(['a', 1]);
    expect(client.send('ZPOPMIN', 'z', '1')).toEqual([['b', 2.5]]);
  });
});

describe('sorted sets as values of keys', () => {
  it('are renamed, copied, moved, and refused by commands of other types', () => {
    const client = withMembers(1, 'a', 2, 'b');
    expect(client.send('COPY', 'z', 'c')).toBe(1);
    client.send('ZADD', 'c', '9', 'a');
    expect(client.send('ZRANGE', 'z', '0', '-1')).toEqual(['a', 'b']);
    expect(client.send('ZRANGE', 'c', '0', '-1')).toEqual(['b', 'a']);
    expect(client.send('RENAME', 'z', 'r')).toBe('OK');
    expect(client.send('ZRANK', 'r', 'b')).toBe(1);
    expect(errorOf(client.send('GET', 'r'))).toMatch(/^WRONGTYPE/);
    expect(errorOf(client.send('HGET', 'r', 'a'))).toMatch(/^WRONGTYPE/);
    client.send('SET', 's', 'v');
    for (const command of [
      ['ZADD', 's', '1', 'a'],
      ['ZRANGE', 's', '0', '1'],
      ['ZUNION', '2', 'r', 's'],
      ['ZPOPMIN', 's'],
    ]) {
      expect(errorOf(client.send(...(command as [string])))).toMatch(/^WRONGTYPE/);
    }
    expect(client.send('PEXPIRE', 'r', '100000')).toBe(1);
    client.send('ZADD', 'r', '0', 'first');
    expect(client.send('ZRANGE', 'r', '0', '0')).toEqual(['first']);
    expect(client.send('PTTL', 'r')).toBeGreaterThan(90_000);
  });
});
