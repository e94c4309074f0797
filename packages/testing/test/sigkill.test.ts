/** A real process, killed with SIGKILL while it writes: each mode keeps its promise. A few kills; the long run has 1,000. */
import type { Durability } from '@ferrite/core';
import { Prng } from '@ferrite/core/module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, bundleWriter, KilledStore } from './kill/killed-store.ts';

const KILLS = 7;
const SEED = 1;

let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleWriter();
});

afterAll(() => bundle.remove());

test.each<Durability>(['always', 'everysec', 'interval', 'none'])(
  'a store with durability %s holds what it promised after each SIGKILL',
  async (durability) => {
    const store = new KilledStore(bundle, durability);
    const prng = new Prng(SEED);
    for (let i = 0; i < KILLS; i++) await store.killOnce(prng);
    console.log(`${durability}: ${store.kills} kills, ${store.operations} operations, seed ${SEED}`);
    expect(store.operations).toBeGreaterThan(0);
    expect(store.openedDirty).toBeGreaterThan(0);
  },
  60_000,
);
