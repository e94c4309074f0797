/** The methods of a database for sorted sets. */
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../test/code-of.ts';
import { open } from './database.ts';

describe('sorted sets of a program', () => {
  it('give members scores and ranks', () => {
    using db = open();
    expect(db.zadd('board', { ann: 30, bob: 10 })).toBe(2);
    expect(
      db.zadd(
        'board',
        [
          ['cat', 20],
          ['ann', 31],
        ],
        { ch: true },
      ),
    ).toBe(2);
    expect(db.zadd('board', { ann: 1, dan: 5 }, { nx: true })).toBe(1);
    expect(db.zadd('board', { ann: 1, bob: 15 }, { gt: true, ch: true })).toBe(1);
    expect([db.zscore('board', 'ann'), db.zscore('board', 'x'), db.zcard('board')]).toEqual([31, undefined, 4]);
    expect(db.zmscore('board', 'x', 'bob')).toEqual([undefined, 15]);
    expect(db.zincrby('board', 2.5, 'dan')).toBe(7.5);
    expect([db.zrank('board', 'dan'), db.zrevrank('board', 'dan'), db.zrank('board', 'x')]).toEqual([0, 3, undefined]);
    expect([db.zrem('board', 'dan', 'x'), db.zcard('board'), db.zcard('none')]).toEqual([1, 3, 0]);
  });

  it('give ranges by rank, score and member', () => {
    using db = open();
    db.zadd('board', { ann: 31, bob: 15, cat: 20, dan: 7 });
    expect(db.zrange('board')).toEqual(['dan', 'bob', 'cat', 'ann']);
    expect(db.zrange('board', { start: 0, stop: 1, reverse: true })).toEqual(['ann', 'cat']);
    expect(db.zrangeWithScores('board', { start: -1 })).toEqual([['ann', 31]]);
    expect(db.zrange('board', { by: 'score', gt: 7, lte: 20 })).toEqual(['bob', 'cat']);
    expect(db.zrange('board', { by: 'score', reverse: true, offset: 1, limit: 2 })).toEqual(['cat', 'bob']);
    expect([db.zcount('board', { by: 'score', gte: 15 }), db.zcount('board'), db.zcount('none')]).toEqual([3, 4, 0]);
    db.zadd('names', { ann: 0, bob: 0, cat: 0 });
    expect(db.zrange('names', { by: 'member', gte: 'b', lt: 'cat' })).toEqual(['bob']);
    expect(db.zrangestore('top', 'board', { start: 0, stop: 1, reverse: true })).toBe(2);
    expect(db.zrange('top')).toEqual(['cat', 'ann']);
    expect(db.zremrange('board', { by: 'score', lt: 16 })).toBe(2);
    expect(db.zpopmin('board')).toEqual(['cat', 20]);
    expect(db.zpopmax('board', 5)).toEqual([['ann', 31]]);
    expect([db.zpopmin('board'), db.zpopmax('board', 2), db.has('board')]).toEqual([undefined, [], false]);
  });

  it('are combined, and stored over whatever the key held', () => {
    using db = open();
    db.zadd('a', { x: 1, y: 2 });
    db.zadd('b', { y: 10, z: 20 });
    db.sadd('s', 'y');
    expect(db.zunion(['a', 'b'])).toEqual([
      ['x', 1],
      ['y', 12],
      ['z', 20],
    ]);
    expect(db.zinter(['a', 'b', 's'], { weights: [2], aggregate: 'max' })).toEqual([['y', 10]]);
    expect(db.zdiff(['a', 'b'])).toEqual([['x', 1]]);
    expect([db.zintercard(['a', 'b']), db.zintercard(['a', 'none'])]).toEqual([1, 0]);
    db.set('d', 'text');
    expect(db.zunionstore('d', ['a', 'b'], { aggregate: 'min' })).toBe(3);
    expect(db.zrangeWithScores('d')).toEqual([
      ['x', 1],
      ['y', 2],
      ['z', 20],
    ]);
    expect(db.zinterstore('a', ['a', 'b'])).toBe(1);
    expect(db.zdiffstore('d', ['a', 'b'])).toBe(0);
    expect(db.has('d')).toBe(false);
  });

  it('are walked through while they change, and drawn from', () => {
    using db = open();
    for (let i = 0; i < 2000; i++) db.zadd('z', [[`m${i}`, i]]);
    const met = new Map<string, number>();
    let steps = 0;
    for (const [member, score] of db.zscan('z')) {
      met.set(member, score);
      if (++steps % 2 === 0) db.zadd('z', [[`new${steps}`, steps]]);
    }
    for (let i = 0; i < 2000; i++) expect(met.get(`m${i}`)).toBe(i);
    expect(new Set(db.zrandmember('z', 50)).size).toBe(50);
    expect(typeof db.zrandmember('z')).toBe('string');
    expect(db.zrandmember('none')).toBeUndefined();
  });

  it('hold what the codec makes of a member', () => {
    using json = open<{ id: number }>({ codec: 'json' });
    json.zadd('z', [
      [{ id: 2 }, 1],
      [{ id: 1 }, 2],
    ]);
    expect(json.zrange('z')).toEqual([{ id: 2 }, { id: 1 }]);
    expect(json.zrank('z', { id: 1 })).toBe(1);
  });

  it('refuse what is none of theirs, and change nothing then', () => {
    using db = open();
    db.set('text', 'x');
    db.zadd('z', { a: Number.POSITIVE_INFINITY });
    const wrong: (() => unknown)[] = [
      () => db.zadd('z', { a: Number.NaN }),
      () => db.zadd('z', { a: 1 }, { nx: true, gt: true }),
      () => db.zadd('z', { a: 1 }, { nope: true } as object),
      () => db.zincrby('z', Number.NEGATIVE_INFINITY, 'a'),
      () => db.zrange('z', { start: 0.5 }),
      () => db.zrange('z', { by: 'name' } as object),
      () => db.zrange('z', { by: 'score', limit: -1 }),
      () => db.zunion([]),
      () => db.zunion(['z'], { aggregate: 'mean' as 'sum' }),
      () => db.zpopmin('z', -1),
      () => db.zadd('z', [['m'.repeat(65_537), 1]]),
    ];
    for (const call of wrong) expect(codeOf(call)).toBe('FERRITE_INVALID_ARGUMENT');
    for (const call of [() => db.zadd('text', { a: 1 }), () => db.zrange('text'), () => db.zunion(['z', 'text'])]) {
      expect(codeOf(call)).toBe('FERRITE_WRONG_TYPE');
    }
    expect(db.zrangeWithScores('z')).toEqual([['a', Number.POSITIVE_INFINITY]]);
  });
});
