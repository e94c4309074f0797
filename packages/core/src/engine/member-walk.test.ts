/** A walk through a collection that changes meanwhile. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { type Driven, openDriven } from '../embedded/driven.ts';
import type { LargeValue } from './large-values.ts';
import { MemberWalk } from './member-walk.ts';
import { copyOfMember } from './members.ts';

const COUNT = 5000;
const VISITED_PER_STEP = 256;

function open(device: SimDevice | null): Driven<string> {
  const options = { pageSize: '128kb', mutableRegionSize: '512kb', readOnlyRegionSize: '512kb' } as const;
  return openDriven(device === null ? { pageSize: '128kb' } : { ...options, durability: 'interval' }, {
    device,
    clock: new SimClock(),
    prng: new Prng(1),
  });
}

function fill({ db }: Driven<string>, from: number, until: number, value = 'value'): void {
  for (let i = from; i < until; i++) db.hset('h', { [`m${i}`]: value });
}

function onlyObject({ store }: Driven<string>): LargeValue {
  return [...store.large.all()][0];
}

describe.each([
  ['with a disk', true],
  ['in memory', false],
])('a walk through the members of a collection, %s', (_, hasDisk) => {
  it('visits each one once, a few at a step, in about the order of the log', () => {
    const driven = open(hasDisk ? new SimDevice({ clock: new SimClock() }) : null);
    fill(driven, 0, COUNT);
    const walk = new MemberWalk(driven.store, onlyObject(driven));
    const numbers: number[] = [];
    let before = 0;
    while (!walk.step(() => numbers.push(Number(copyOfMember(driven.store).toString().slice(1))))) {
      expect(numbers.length - before).toBeLessThanOrEqual(VISITED_PER_STEP);
      before = numbers.length;
    }
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
    const ascents = numbers.filter((number, i) => i > 0 && number > numbers[i - 1]).length;
    expect(ascents).toBeGreaterThan(COUNT * 0.9);
  });

  it('visits those that stay, whatever comes, goes and moves meanwhile', () => {
    const driven = open(hasDisk ? new SimDevice({ clock: new SimClock() }) : null);
    fill(driven, 0, COUNT);
    const walk = new MemberWalk(driven.store, onlyObject(driven));
    const met = new Set<string>();
    for (let i = 0; !walk.step(() => met.add(copyOfMember(driven.store).toString())); i++) {
      fill(driven, i * 50, i * 50 + 50, `a longer value ${i}`);
      fill(driven, COUNT + i * 100, COUNT + i * 100 + 100);
      if (i < 20) driven.db.hdel('h', `m${COUNT - 1 - i}`);
      driven.tick();
      driven.stepSync();
    }
    for (let i = 0; i < COUNT - 20; i++) expect(met.has(`m${i}`), `m${i}`).toBe(true);
  });
});
