/** What tables say of a range of the log must be what each record's slot says, while tables are split. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { expect, it } from 'vitest';
import { makeTestInstance } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';
import { openDriven } from '../embedded/driven.ts';
import { LiveAddresses } from './live-addresses.ts';

it('the addresses in a range are those that slots hold, though keys come and go while they are collected', () => {
  const clock = new SimClock();
  const { connect, driven } = makeTestInstance({ durability: 'none' }, { device: new SimDevice({ clock }), clock });
  const { store, db } = driven;
  const clients = [connect(), connect()];
  clients[1].send('SELECT', 3);
  for (let i = 0; i < 60_000; i++) clients[i % 2].send('SET', `key:${i}`, `${i}`);
  const { tail } = store.log;
  const [base, end] = [Math.floor(tail / 4), Math.floor(tail / 2)];
  const live = LiveAddresses.of(store, base, end, tail) as LiveAddresses;
  expect(live.covers({ base, end })).toBe(true);
  expect(live.covers({ base, end: end + 1 })).toBe(false);
  let steps = 0;
  for (let more = true; more; steps++) {
    more = live.step();
    for (let k = 0; k < 5000; k++) db.set(`new:${steps}:${k}`, 'value that takes more room than the old one');
    for (let k = steps; k < 60_000; k += 100) clients[k % 2].send('DEL', `key:${k}`);
  }
  expect(steps).toBeGreaterThan(2);
  const held: number[] = [];
  for (const database of store.databases()) {
    store.table(database).forEachInSlice(0, 0, (_hash, address) => {
      if (address >= base && address < end) held.push(address);
    });
  }
  held.sort((a, b) => a - b);
  expect(held.length).toBeGreaterThan(10_000);
  expect(held.every((address) => live.has(address))).toBe(true);
  expect(live.has(end - 1)).toBe(false);
  db.close();
});

it('many keys and a short range are left to single lookups', () => {
  const clock = new SimClock();
  const { db, store } = openDriven<string>({}, { device: new SimDevice({ clock }), clock, prng: new Prng(1) });
  for (let i = 0; i < 10_000; i++) db.set(`key:${i}`, `${i}`);
  expect(LiveAddresses.of(store, 0, 1000, store.log.tail)).toBeNull();
  db.close();
});
