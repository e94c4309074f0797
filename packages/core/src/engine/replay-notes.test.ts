import { expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { COLD_BASE } from './address.ts';
import { sliceOf } from './hash-table.ts';
import { ReplayNotes } from './replay-notes.ts';

interface Note {
  hash: number;
  address: number;
  units: number;
  over: boolean;
  tombstone: boolean;
}

function makeNotes(count: number, seed: number): Note[] {
  const prng = new Prng(seed);
  return Array.from({ length: count }, () => ({
    hash: prng.nextUint32() | 0,
    address: Math.floor(prng.nextDouble() * COLD_BASE),
    units: prng.nextBelow(2 ** 17) + 2,
    over: prng.nextBelow(2) === 0,
    tombstone: prng.nextBelow(4) === 0,
  }));
}

function ofSlice(notes: ReplayNotes, slice: number): Note[] {
  const found: Note[] = [];
  for (let i = notes.first(slice); i >= 0; i = notes.next(i)) {
    found.push({
      hash: notes.hashOf(i),
      address: notes.addressOf(i),
      units: notes.unitsOf(i),
      over: notes.isOver(i),
      tombstone: notes.isTombstone(i),
    });
  }
  return found;
}

it.each([0, 15])('gives back the notes of each slice in order, also when they are cut anew (mask %i)', (mask) => {
  const all = makeNotes(5000, 7);
  const notes = new ReplayNotes(mask);
  for (const { hash, address, units, over, tombstone } of all) notes.push(hash, address, units, over, tombstone);
  expect(notes.count).toBe(all.length);
  expect(notes.freshCount).toBe(all.filter((note) => !note.over).length);
  for (const cut of [mask, 63]) {
    notes.cut(cut);
    for (let slice = 0; slice <= cut; slice++) {
      expect(ofSlice(notes, slice)).toEqual(all.filter((note) => sliceOf(note.hash, cut) === slice));
    }
  }
});

it('keeps where a copy came from', () => {
  const notes = new ReplayNotes(0);
  for (let i = 0; i < 1000; i++) notes.pushCopy(i, COLD_BASE + i, 3, i * 4);
  for (let i = 0; i < 1000; i++) {
    expect([notes.fromOf(i), notes.addressOf(i), notes.isOver(i)]).toEqual([i * 4, COLD_BASE + i, true]);
  }
});
