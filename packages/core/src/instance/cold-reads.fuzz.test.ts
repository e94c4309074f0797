/** A few seeds of the fuzz of cold reads, and the bugs that it must find. */
import { expect, it } from 'vitest';
import type { ColdStore } from '../../test/cold-store.ts';
import { GATE_OPEN } from '../engine/read-gate.ts';
import { fuzzColdReads } from './cold-reads.fuzz.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

it.each(SEEDS)('replies are those of some order of the commands, and no pin is left, with seed %d', async (seed) => {
  const { driven } = await fuzzColdReads({ seed, steps: 600 });
  expect(driven.store.counters.syncReads).toBe(0);
});

/** Some seed has to fail. */
async function expectFound(plant: (world: ColdStore) => void): Promise<void> {
  let failures = 0;
  for (const seed of SEEDS) {
    await fuzzColdReads({ seed, steps: 600, plant }).catch(() => failures++);
    if (failures > 0) return;
  }
  expect(failures).toBeGreaterThan(0);
}

it('finds a command that goes on with the address it found before it waited', async () => {
  await expectFound(({ driven: { store } }) => {
    const table = store.table(0);
    const find = table.find.bind(table);
    const before = new Map<number, number>();
    table.find = (hash) => {
      const address = find(hash);
      if (store.gate.state === GATE_OPEN) return address;
      if (store.gate.rounds === 0) before.set(hash, address);
      return before.get(hash) ?? address;
    };
  });
});

it('finds a client that goes on with its next command while one waits', async () => {
  await expectFound(({ instance }) => {
    const suspend = instance.coldReads.suspend.bind(instance.coldReads);
    instance.coldReads.suspend = (client) => {
      suspend(client);
      client.isSuspended = client.parser.pendingBytes === 0;
      client.hasCommandAtHand = client.isSuspended;
    };
  });
});

it('finds pins that stay', async () => {
  await expectFound(({ driven: { store } }) => {
    store.fetcher.release = (fetch) => {
      fetch.isReleased = true;
    };
  });
});

it('finds a record that was read from another place', async () => {
  await expectFound(({ driven: { store } }) => {
    const insert = store.cache.insert.bind(store.cache);
    let first: { bytes: Uint8Array; length: number } | undefined;
    store.cache.insert = (source, offset, length, address) => {
      first ??= { bytes: source.slice(offset, offset + length), length };
      return insert(first.bytes, 0, first.length, address);
    };
  });
});
