/** Keys whose time ends while a checkpoint is being written: after the next open they go by themselves, as others do. */
import { openDriven, Prng } from '@ferrite/core/module';
import { expect, test } from 'vitest';
import { SimClock, SimDevice } from '../src/index.ts';

const KEYS = 20_000;
const EXPIRING = 500;
const LIFE_MS = 60_000;

/** Keys left after an open, where the time of some ended after so many steps of a checkpoint. */
function keysLeft(stepsBefore: number): { keys: number; steps: number } {
  const clock = new SimClock();
  const device = new SimDevice({ clock });
  const open = (): ReturnType<typeof openDriven<string>> =>
    openDriven<string>({ durability: 'everysec', lock: 'steal' }, { device, clock, prng: new Prng(1) });
  const { db, store, tick } = open();
  for (let i = 0; i < KEYS; i++) db.set(`key:${i}`, 'value');
  for (let i = 0; i < EXPIRING; i++) db.set(`brief:${i}`, 'value', { ttlMs: LIFE_MS });
  clock.advance(1000);
  tick();
  store.checkpointer?.request();
  let steps = 0;
  while (store.checkpointer?.step('now') === true) {
    if (++steps !== stepsBefore) continue;
    clock.advance(LIFE_MS);
    for (let i = 0; i < 20; i++) tick();
    expect(store.countKeys()).toBe(KEYS);
  }
  const again = open();
  for (let i = 0; i < 20; i++) {
    clock.advance(100);
    again.tick();
    while (again.step());
  }
  return { keys: again.store.countKeys(), steps };
}

test('keys that expire between two parts of a checkpoint go by themselves after the next open', () => {
  const { keys, steps } = keysLeft(0);
  expect(keys).toBe(KEYS + EXPIRING);
  expect(steps).toBeGreaterThan(3);
  for (let at = 1; at < steps; at++) expect(keysLeft(at).keys, `expired after ${at} of ${steps} steps`).toBe(KEYS);
});
