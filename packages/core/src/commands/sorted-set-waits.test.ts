/** Commands that wait for members of sorted sets. */
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestInstance } from '../../test/test-client.ts';

describe('commands that wait for sorted sets', () => {
  it('are answered at once where there is a member, as redis answers them', () => {
    const client = makeTestInstance().connect();
    client.send('ZADD', 'z', '1', 'a', '2', 'b', '3', 'c');
    expect(client.send('BZPOPMIN', 'none', 'z', '0')).toEqual(['z', 'a', '1']);
    expect(client.send('BZPOPMAX', 'z', '1.5')).toEqual(['z', 'c', '3']);
    expect(client.send('BZMPOP', '0', '2', 'none', 'z', 'MIN', 'COUNT', '5')).toEqual(['z', [['b', '2']]]);
    client.send('SET', 's', 'x');
    expect(errorOf(client.send('BZPOPMIN', 'none', 's', '0'))).toMatch(/^WRONGTYPE/);
    expect(errorOf(client.send('BZPOPMIN', 'z', '-1'))).toBe('ERR timeout is negative');
    expect(errorOf(client.send('BZPOPMIN', 'z', 'x'))).toBe('ERR timeout is not a float or out of range');
    expect(errorOf(client.send('BZMPOP', 'x', '1', 'z', 'MID'))).toBe('ERR syntax error');
  });

  it('wait for one, and are served in their turn', async () => {
    const world = makeTestInstance();
    const [first, second, other] = [world.connect(), world.connect(), world.connect()];
    expect(first.send('BZPOPMIN', 'z', '0')).toBeUndefined();
    expect(second.send('BZMPOP', '0', '1', 'z', 'MAX')).toBeUndefined();
    expect(other.send('ZADD', 'z', '1', 'a')).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect([first.received(), second.received()]).toEqual([[['z', 'a', '1']], []]);
    expect(other.send('EXISTS', 'z')).toBe(0);
    expect(other.send('ZINCRBY', 'z', '5', 'b')).toBe('5');
    await new Promise((resolve) => setImmediate(resolve));
    expect(second.received()).toEqual([['z', [['b', '5']]]]);
  });

  it('are not served by a value of another type, and do not wait in a transaction', async () => {
    const world = makeTestInstance();
    const [client, other] = [world.connect(), world.connect()];
    expect(client.send('BZPOPMAX', 'z', '0')).toBeUndefined();
    other.send('SADD', 'z', 'x');
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.received()).toEqual([]);
    other.send('ZADD', 'y', '1', 'a');
    other.send('RENAME', 'y', 'z');
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.received()).toEqual([['z', 'a', '1']]);
    other.send('MULTI');
    other.send('BZPOPMIN', 'none', '0');
    expect(other.send('EXEC')).toEqual([null]);
  });
});
