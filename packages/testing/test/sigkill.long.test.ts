/** 1,000 kills of a writing process, over all durability modes. */
import type { Durability } from '@ferrite/core';
import { Prng } from '@ferrite/core/module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, bundleWriter, KilledStore } from './kill/killed-store.ts';

const KILLS = 250;
const SEED = Number(process.env.FERRITE_SEED ?? Date.now() % 2 ** 31);

let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleWriter();
});

afterAll(() => bundle.remove());

test.each<Durability>(['always', 'everysec', 'interval', 'none'])(
  'a store with durability %s holds what it promised after each of 250 SIGKILLs',
  async (durability) => {
    console.log(`FERRITE_SEED=${SEED}`);
    const store = new KilledStore(bundle, durability);
    const prng = new Prng(SEED);
    for (let i = 0; i < KILLS; i++) await store.killOnce(prng);
    console.log(`${durability}: ${store.kills} kills, ${store.operations} operations`);
    expect(store.operations).toBeGreaterThan(KILLS * 10);
    expect(store.openedDirty).toBeGreaterThan(KILLS / 4);
  },
);
