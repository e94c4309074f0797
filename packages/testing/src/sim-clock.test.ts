/**
 * The simulated clock: who moves it, and what runs when.
 */
import { expect, it } from 'vitest';
import { SimClock } from './sim-clock.ts';

it('stands still until it is advanced', () => {
  const clock = new SimClock();
  const startMs = clock.nowMs();
  clock.advance(1500.5);
  expect(clock.monotonicMs()).toBe(1500.5);
  expect(clock.nowMs()).toBe(startMs + 1500);
});

it('steps the wall clock alone, back too', () => {
  const clock = new SimClock();
  clock.advance(10);
  clock.setNow(1000);
  expect(clock.nowMs()).toBe(1000);
  expect(clock.monotonicMs()).toBe(10);
  clock.advance(5);
  expect(clock.nowMs()).toBe(1005);
});

it('runs callbacks in order of their time, each at its time', () => {
  const clock = new SimClock();
  const ran: string[] = [];
  const note = (name: string) => () => void ran.push(`${name}@${clock.monotonicMs()}`);
  clock.after(30, note('c'));
  clock.after(10, note('a'));
  clock.after(10, note('b'));
  clock.after(10, () => clock.after(5, note('nested')));
  clock.advance(9);
  expect(ran).toEqual([]);
  clock.advance(20);
  expect(ran).toEqual(['a@10', 'b@10', 'nested@15']);
  clock.advance(1);
  expect(ran.at(-1)).toBe('c@30');
});
