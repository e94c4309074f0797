/** Members of a small sorted set beside a sorted list: they come, move and go until there is no room. */
import { expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { KeyScratch } from './key-scratch.ts';
import { PackedMembers } from './packed-members.ts';
import { addPackedScore, forEachPacked, movePackedScore, PackedRanks } from './packed-scores.ts';
import { makeIdentity } from './store-file.ts';

type Entry = [member: string, score: number];

const SCORES = [
  0,
  1,
  -1,
  127,
  128,
  -128,
  -129,
  255,
  256,
  65_535,
  -65_536,
  2 ** 31,
  -(2 ** 31),
  2 ** 47 - 1,
  1 - 2 ** 47,
  2 ** 47,
  -(2 ** 47),
  2 ** 53,
  1e300,
  0.1,
  -2.5,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

const member = new KeyScratch(makeIdentity(() => 7, 128 * 1024, 0, 32));

function entriesOf(packed: PackedMembers, isDownward = false): Entry[] {
  const entries: Entry[] = [];
  const from = isDownward ? packed.count - 1 : 0;
  forEachPacked(packed, from, packed.count, isDownward ? -1 : 1, (bytes, start, end, score) =>
    entries.push([bytes.toString('latin1', start, end), score]),
  );
  return entries;
}

function sorted(model: Map<string, number>): Entry[] {
  return [...model].sort(([a, one], [b, other]) => (one === other ? (a < b ? -1 : 1) : one < other ? -1 : 1));
}

function put(packed: PackedMembers, name: string, score: number): boolean {
  member.set(name);
  const place = packed.find(member);
  return place < 0 ? addPackedScore(packed, member, score) : movePackedScore(packed, member, place, score);
}

it('every score is what was put, in its place', () => {
  const packed = new PackedMembers();
  const model = new Map<string, number>();
  for (const [i, score] of SCORES.entries()) {
    expect(put(packed, `m${i}`, score)).toBe(true);
    model.set(`m${i}`, score);
  }
  expect(entriesOf(packed)).toEqual(sorted(model));
});

it.each([1, 2, 3, 4])('members come, move and go, and stand in order: seed %i', (seed) => {
  const prng = new Prng(seed);
  const packed = new PackedMembers();
  const model = new Map<string, number>();
  let refused = 0;
  for (let i = 0; i < 3000; i++) {
    const name = `${prng.nextBelow(90)}`.padEnd(prng.nextBelow(2) * seed * 9, '-');
    const score = SCORES[prng.nextBelow(seed === 1 ? 3 : SCORES.length)];
    member.set(name);
    const place = packed.find(member);
    if (prng.nextBelow(4) === 0 && place >= 0) {
      packed.remove(place);
      model.delete(name);
    } else if (put(packed, name, score)) model.set(name, score);
    else refused++;
    const expected = sorted(model);
    if (i % 5 === 0) expect(entriesOf(packed)).toEqual(expected);
    if (i % 25 === 0) expect(entriesOf(packed, true)).toEqual(expected.reverse());
  }
  expect(refused).toBeGreaterThan(0);
});

it('tells ranks of scores and of members', () => {
  const packed = new PackedMembers();
  for (const [i, name] of ['a', 'b', 'c', 'd', 'e'].entries()) put(packed, name, i < 2 ? 1 : 300);
  const ranks = new PackedRanks(packed);
  const rankOf = (name: string, isAfter: boolean): number => ranks.rankOfMember(Buffer.from(name), 0, 1, isAfter);
  expect(ranks.count).toBe(5);
  expect([0, 1, 2, 300, 301].map((score) => ranks.rankOfScore(score, false))).toEqual([0, 0, 2, 2, 5]);
  expect([0, 1, 2, 300, 301].map((score) => ranks.rankOfScore(score, true))).toEqual([0, 2, 2, 5, 5]);
  expect([rankOf('b', false), rankOf('b', true), rankOf('c', false), rankOf('z', true)]).toEqual([1, 2, 2, 5]);
});
