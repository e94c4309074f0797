import { expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { StreamId } from '../base/stream-id.ts';
import { IdBatch, IdList } from './id-list.ts';

const BATCH = 100;

function idOf(value: number): StreamId {
  const id = new StreamId();
  id.setBig((BigInt(Math.floor(value / 4)) << 64n) | BigInt(value % 4));
  return id;
}

function valueOf(id: StreamId): number {
  return Number(id.big >> 64n) * 4 + Number(id.big & 3n);
}

it('a list of IDs holds what a sorted array holds, wherever IDs come and go', () => {
  const prng = new Prng(7);
  const list = new IdList();
  const model = new Set<number>();
  const batch = new IdBatch(BATCH);
  const id = new StreamId();
  let next = 1000;
  for (let step = 0; step < 30_000; step++) {
    const isGrowing = (step >> 12) % 2 === 0;
    const value = prng.nextBelow(3) > 0 && isGrowing ? (next += prng.nextBelow(3)) : prng.nextBelow(next);
    if (prng.nextBelow(10) < (isGrowing ? 7 : 2)) {
      expect(list.add(idOf(value))).toBe(!model.has(value));
      model.add(value);
    } else {
      const gone = prng.nextBelow(2) === 0 ? ([...model][0] ?? value) : value;
      expect(list.remove(idOf(gone))).toBe(model.delete(gone));
    }
    expect(list.has(idOf(value))).toBe(model.has(value));
    if (step % 500 !== 0) continue;
    const sorted = [...model].sort((one, other) => one - other);
    expect(list.count).toBe(sorted.length);
    const [from, to] = [prng.nextBelow(next), prng.nextBelow(next)];
    const within = sorted.filter((each) => each >= from && each <= to);
    for (const isDownward of [false, true]) {
      list.copy(idOf(from), idOf(to), isDownward, batch);
      const copied = Array.from({ length: batch.count }, (_, i) => {
        batch.load(i, id);
        return valueOf(id);
      });
      expect(copied).toEqual((isDownward ? [...within].reverse() : within).slice(0, BATCH));
    }
    expect(list.countBefore(idOf(from))).toBe(sorted.filter((each) => each < from).length);
    if (sorted.length === 0) continue;
    const at = prng.nextBelow(sorted.length);
    list.loadAt(at, id);
    expect(valueOf(id)).toBe(sorted[at]);
    list.loadLast(id);
    expect(valueOf(id)).toBe(sorted.at(-1));
  }
});
