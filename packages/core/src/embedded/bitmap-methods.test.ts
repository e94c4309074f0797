/** The methods of a database for bits and HyperLogLogs. */
import { expect, it } from 'vitest';
import { codeOf } from '../../test/code-of.ts';
import { open } from './database.ts';

it('bits are set, counted and found', () => {
  using db = open();
  expect([db.setbit('b', 7, 1), db.setbit('b', 7, 1), db.setbit('b', 100_000_000, 1)]).toEqual([0, 1, 0]);
  expect([db.getbit('b', 7), db.getbit('b', 8), db.getbit('b', 10 ** 9), db.getbit('none', 0)]).toEqual([1, 0, 0, 0]);
  expect([db.bitcount('b'), db.bitcount('b', { start: 1 }), db.bitcount('none')]).toEqual([2, 1, 0]);
  expect(db.bitcount('b', { start: 0, end: 7, unit: 'bit' })).toBe(1);
  expect([db.bitpos('b', 1), db.bitpos('b', 1, { start: 1 }), db.bitpos('b', 0)]).toEqual([7, 100_000_000, 0]);
  expect([db.bitpos('b', 1, { start: 1, end: 100 }), db.bitpos('none', 1)]).toEqual([undefined, undefined]);
});

it('bits of several keys are combined, and stored', () => {
  using db = open();
  db.set('a', Buffer.from([0b1100]));
  db.set('b', Buffer.from([0b1010, 0xff]));
  expect(db.bitop('and', 'c', 'a', 'b')).toBe(2);
  expect(db.getBuffer('c')).toEqual(Buffer.from([0b1000, 0]));
  db.bitop('xor', 'c', 'a', 'b');
  expect(db.getBuffer('c')).toEqual(Buffer.from([0b0110, 0xff]));
  db.bitop('not', 'c', 'a');
  expect(db.getBuffer('c')).toEqual(Buffer.from([0xf3]));
  expect([db.bitop('or', 'c', 'none'), db.has('c')]).toEqual([0, false]);
});

it('HyperLogLogs tell about how many different elements there were', () => {
  using db = open();
  expect([db.pfadd('h', 'a', 'b', 'a'), db.pfadd('h', 'a'), db.pfcount('h'), db.pfcount('none')]).toEqual([
    true,
    false,
    2,
    0,
  ]);
  for (let i = 0; i < 20_000; i++) db.pfadd('many', `user ${i}`);
  expect(Math.abs(db.pfcount('many') - 20_000)).toBeLessThan(800);
  expect([db.pfadd('i', 'b', 'c'), db.pfcount('h', 'i')]).toEqual([true, 3]);
  db.pfmerge('all', 'h', 'i');
  expect([db.pfcount('all'), db.pfcount('h')]).toEqual([3, 2]);
});

it('what is wrong with bits and HyperLogLogs is said', () => {
  using db = open();
  db.set('text', 'x');
  db.sadd('set', 'x');
  const wrongs: (() => unknown)[] = [
    () => db.setbit('b', -1, 1),
    () => db.setbit('b', 2 ** 33, 1),
    () => db.setbit('b', 1, 2 as 1),
    () => db.getbit('b', 1.5),
    () => db.bitpos('b', 2 as 1),
    () => db.bitcount('b', { start: Number.NaN }),
    () => db.bitcount('b', { unit: 'bits' as 'bit' }),
    () => db.bitop('nand' as 'and', 'c', 'a'),
    () => db.bitop('not', 'c', 'a', 'b'),
    () => db.pfcount(),
  ];
  for (const wrong of wrongs) expect(codeOf(wrong), String(wrong)).toBe('FERRITE_INVALID_ARGUMENT');
  for (const wrong of [
    () => db.getbit('set', 1),
    () => db.bitop('or', 'c', 'set'),
    () => db.pfadd('text', 'a'),
    () => db.pfcount('set'),
  ])
    expect(codeOf(wrong), String(wrong)).toBe('FERRITE_WRONG_TYPE');
});
