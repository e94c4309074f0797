/** The methods of a database for lists. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, open } from './database.ts';

let db: Database<string>;

beforeEach(() => {
  db = open();
});

afterEach(() => db.close());

describe('methods for lists', () => {
  it('push and pop at both ends, and remove the key with the last element', () => {
    expect(db.rpush('l', 'b', 'c')).toBe(2);
    expect(db.lpush('l', 'a', 'z')).toBe(4);
    expect(db.lrange('l')).toEqual(['z', 'a', 'b', 'c']);
    expect(db.llen('l')).toBe(4);
    expect([db.lpop('l'), db.rpop('l')]).toEqual(['z', 'c']);
    expect(db.rpop('l', 9)).toEqual(['b', 'a']);
    expect(db.has('l')).toBe(false);
    expect([db.lpop('l'), db.lpop('l', 2), db.llen('l')]).toEqual([undefined, [], 0]);
  });

  it('read and change by index, from either end', () => {
    db.rpush('l', 'a', 'b', 'c', 'b');
    expect([db.lindex('l', 0), db.lindex('l', -1), db.lindex('l', 4)]).toEqual(['a', 'b', undefined]);
    expect([db.lset('l', -2, 'C'), db.lset('l', 7, 'x')]).toEqual([true, false]);
    expect([db.linsert('l', 'after', 'a', 'n'), db.linsert('l', 'before', '?', 'n')]).toEqual([5, -1]);
    expect(db.linsert('none', 'before', 'a', 'n')).toBe(0);
    expect(db.lrange('l', 1, -2)).toEqual(['n', 'b', 'C']);
    expect([db.lpos('l', 'b'), db.lpos('l', 'b', { rank: -1 }), db.lpos('l', '?')]).toEqual([2, 4, undefined]);
    expect(db.lpos('l', 'b', { count: 0 })).toEqual([2, 4]);
    expect([db.lrem('l', -1, 'b'), db.lrem('l', 0, '?')]).toEqual([1, 0]);
    db.ltrim('l', 1, -1);
    expect(db.lrange('l')).toEqual(['n', 'b', 'C']);
  });

  it('move elements from list to list, and round one', () => {
    db.rpush('a', '1', '2', '3');
    expect(db.lmove('a', 'b', 'left', 'right')).toBe('1');
    expect(db.lmove('a', 'a', 'left', 'right')).toBe('2');
    expect([db.lrange('a'), db.lrange('b')]).toEqual([['3', '2'], ['1']]);
    expect(db.lmove('b', 'b', 'left', 'left')).toBe('1');
    expect(db.lmove('none', 'b', 'left', 'left')).toBeUndefined();
  });

  it('give all elements of a large list one after the other', () => {
    const elements = Array.from({ length: 1000 }, (_, i) => `element ${i}`);
    db.rpush('l', ...elements);
    expect([...db.lscan('l')]).toEqual(elements);
    expect(db.lindex('l', 777)).toBe('element 777');
  });

  it('keep elements as the codec has them, and the expiry of the key', () => {
    const json = open<{ n: number }>({ codec: 'json' });
    json.rpush('l', { n: 1 }, { n: 2 });
    json.expire('l', 10_000);
    json.lpush('l', { n: 0 });
    expect(json.lrange('l')).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    expect(json.ttl('l')).toBeGreaterThan(0);
    json.close();
  });

  it('say what is wrong with what they are given', () => {
    db.set('text', 'x');
    expect(() => db.lpush('text', 'a')).toThrow(expect.objectContaining({ code: 'FERRITE_WRONG_TYPE' }));
    db.rpush('l', 'a');
    expect(() => db.lindex('l', 0.5)).toThrow('index must be an integer');
    expect(() => db.lpop('l', -1)).toThrow('count must be an integer of 0 or more');
    expect(() => db.lpos('l', 'a', { rank: 0 })).toThrow('rank is 1');
    expect(() => db.lmove('l', 'l', 'top' as 'left', 'left')).toThrow("fromEnd must be 'left' or 'right'");
  });
});
