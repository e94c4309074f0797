/** SORT as methods of a database. */
import { expect, it } from 'vitest';
import { open } from './database.ts';

it('lists, sets and sorted sets are sorted as numbers, as texts, or by other keys', () => {
  using db = open();
  db.rpush('l', '10', '9', '1.5', '9');
  db.sadd('s', 'pear', 'apple', 'fig');
  db.zadd('z', { a: 3, b: 1 });
  expect(db.sort('l')).toEqual(['1.5', '9', '9', '10']);
  expect(db.sort('l', { reverse: true, offset: 1, limit: 2 })).toEqual(['9', '9']);
  expect(db.sort('s', { alpha: true })).toEqual(['apple', 'fig', 'pear']);
  db.set('price:apple', '3');
  db.set('price:fig', '1');
  db.hset('stock:fig', { count: '7' });
  expect(db.sort('s', { by: 'price:*' })).toEqual(['pear', 'fig', 'apple']);
  expect(db.sort('s', { alpha: true, limit: 2, get: ['#', 'stock:*->count'] })).toEqual([
    'apple',
    undefined,
    'fig',
    '7',
  ]);
  expect(db.sort('z', { by: 'nosort' })).toEqual(['b', 'a']);
  expect(db.sort('none')).toEqual([]);
});

it('what was sorted is stored as a list', () => {
  using db = open();
  db.rpush('l', '3', '1', '2');
  expect(db.sortstore('l', 'l')).toBe(3);
  expect(db.lrange('l')).toEqual(['1', '2', '3']);
  expect([db.sortstore('l', 'none'), db.has('l')]).toEqual([0, false]);
});

it('what cannot be sorted is said', () => {
  using db = open();
  db.rpush('l', 'a');
  db.set('text', 'x');
  expect(() => db.sort('l')).toThrow(expect.objectContaining({ code: 'FERRITE_INVALID_ARGUMENT' }));
  expect(() => db.sort('l', { limit: -1 })).toThrow(expect.objectContaining({ code: 'FERRITE_INVALID_ARGUMENT' }));
  expect(() => db.sort('text')).toThrow(expect.objectContaining({ code: 'FERRITE_WRONG_TYPE' }));
});
