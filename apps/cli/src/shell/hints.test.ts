import { expect, it } from 'vitest';
import { ownCommands } from './command-table.ts';
import { completionsFor, hintFor } from './hints.ts';

const table = ownCommands();

it.each([
  ['GET', ' key'],
  ['get ', 'key'],
  ['GET a', ''],
  ['SETRANGE a ', 'offset value'],
  ['MSET', ' key value [key value ...]'],
  ['MSET a 1 ', 'key value [key value ...]'],
  ['nosuch ', ''],
  ['', ''],
])('%j is followed by %j', (line, hint) => {
  expect(hintFor(table, line)).toBe(hint);
});

it('leaves out the options that were given', () => {
  const before = hintFor(table, 'SET a b ');
  expect(before).toContain('NX | XX');
  expect(before).toContain('EX seconds');
  const after = hintFor(table, 'SET a b ex 10 ');
  expect(after).toContain('NX | XX');
  expect(after).not.toContain('EX seconds');
});

it('completes in the letters that were typed', () => {
  expect(completionsFor(table, 'setr', [])).toEqual([['setrange '], 'setr']);
  expect(completionsFor(table, 'CLIENT SETN', [])).toEqual([['CLIENT SETNAME '.slice(7)], 'SETN']);
  expect(completionsFor(table, 'EXI', ['EXIT'])[0]).toContain('EXIT ');
  expect(completionsFor(table, 'SET a b K', [])).toEqual([['KEEPTTL '], 'K']);
});
