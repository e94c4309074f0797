/**
 * Large strings that are changed in part: a power cut at any write leaves each command done or not done, never a value of
 * which some chunks are of another time; a refused write changes nothing; compaction and reopening lose no chunk.
 */
import { Prng } from '../module.ts';
import { expect, it } from 'vitest';
import { makeTestInstance, type TestClient } from '../../test/test-client.ts';
import { SimClock, SimDevice } from '@ferrite/testing';

const SEED = Number(process.env.FERRITE_SEED ?? 1);
const KEYS = ['a', 'b', 'c'];
const OPTIONS = { mutableRegionSize: '128kb', readOnlyRegionSize: '512kb', readCacheSize: '256kb' };

type Durability = 'always' | 'everysec' | 'interval';
/** What each key holds, as text in latin1. */
type State = Map<string, Buffer>;

function openOn(device: SimDevice, clock: SimClock, durability: Durability) {
  const instance = makeTestInstance({ ...OPTIONS, durability }, { device, clock, seed: SEED });
  return { ...instance, client: instance.connect() };
}

/** Changes a key of both at random. */
function act(prng: Prng, client: TestClient, state: State): void {
  const key = KEYS[prng.nextBelow(KEYS.length)];
  const old = state.get(key) ?? Buffer.alloc(0);
  const patch = Buffer.alloc(1 + prng.nextBelow(prng.nextBelow(4) === 0 ? 50_000 : 300), 33 + prng.nextBelow(90));
  const write = (offset: number): void => {
    const bytes = Buffer.alloc(Math.max(old.length, offset + patch.length));
    old.copy(bytes);
    patch.copy(bytes, offset);
    state.set(key, bytes);
  };
  const choice = prng.nextBelow(12);
  if (choice === 0) {
    client.send('DEL', key);
    state.delete(key);
  } else if (choice === 1) {
    client.send('SET', key, patch);
    state.set(key, patch);
  } else if (choice < 6) {
    write(old.length);
    client.send('APPEND', key, patch);
  } else if (choice === 6) {
    client.send('GETEX', key, 'EX', 1_000_000);
  } else {
    const offset = prng.nextBelow(prng.nextBelow(3) === 0 ? 400_000 : Math.max(1, old.length));
    write(offset);
    client.send('SETRANGE', key, offset, patch);
  }
}

function read(client: TestClient): State {
  const state: State = new Map();
  for (const key of KEYS) {
    const value = client.send('GET', key);
    if (typeof value === 'string') state.set(key, Buffer.from(value, 'latin1'));
  }
  return state;
}

function isSame(a: State, b: State): boolean {
  return KEYS.every((key) => {
    const [left, right] = [a.get(key), b.get(key)];
    return left === undefined || right === undefined ? left === right : left.equals(right);
  });
}

it.each<Durability>(['always', 'everysec', 'interval'])(
  'a power cut at any write leaves whole commands only (%s)',
  async (durability) => {
    const prng = new Prng(SEED);
    const clock = new SimClock();
    const device = new SimDevice({ clock, seed: SEED });
    const { client, driven } = openOn(device, clock, durability);
    const state: State = new Map();
    const history: State[] = [new Map()];
    let cuts: { image: SimDevice; until: number }[] = [];
    device.onStep = () => {
      const prefix = prng.nextBelow(device.unsyncedUnits + 1);
      for (const model of ['nothing', 'everything', 'subset', `prefix:${prefix}`] as const) {
        if (prng.nextBelow(4) === 0)
          cuts.push({ image: device.crash(model, prng.nextUint32()), until: history.length });
      }
    };
    let checked = 0;
    for (let i = 0; i < 150; i++) {
      act(prng, client, state);
      history.push(new Map(state));
      if (prng.nextBelow(3) === 0) await client.settled();
      clock.advance(prng.nextBelow(400));
      driven.tick();
      while (prng.nextBelow(4) !== 0 && driven.step());
      if (prng.nextBelow(30) === 0) driven.store.checkpointer?.request();
      const due = cuts;
      cuts = [];
      for (const { image, until } of due) {
        const survivor = openOn(image, clock, durability);
        const found = read(survivor.client);
        const isPrefix = history.slice(0, until + 1).some((each) => isSame(each, found));
        expect(isPrefix, `seed ${SEED}, action ${i}`).toBe(true);
        survivor.driven.db.close();
        checked++;
      }
    }
    device.onStep = undefined;
    await client.settled();
    expect(isSame(read(client), state)).toBe(true);
    driven.db.close();
    const again = openOn(device, clock, durability);
    expect(isSame(read(again.client), state)).toBe(true);
    expect(checked).toBeGreaterThan(50);
    console.log(`large strings, power cuts, ${durability}, seed ${SEED}: ${checked} disks checked`);
  },
  60_000,
);

it('a refused write leaves the value as it was, and the next one is taken', async () => {
  const clock = new SimClock();
  const device = new SimDevice({ clock, seed: SEED });
  const { client } = openOn(device, clock, 'everysec');
  const value = Buffer.alloc(300_000, 'abc');
  client.send('SET', 'a', value);
  await client.settled();
  for (const command of [
    ['SETRANGE', 'a', 20_000],
    ['SETRANGE', 'a', 400_000],
    ['APPEND', 'a'],
  ]) {
    device.fail({ operation: 'write', code: 'ENOSPC', times: Number.POSITIVE_INFINITY });
    client.send(...command, Buffer.alloc(20_000, 'x'));
    const [reply] = await client.settled();
    expect(String(reply)).toContain('MISCONF');
    device.repair();
    expect(Buffer.from(client.send('GET', 'a') as string, 'latin1').equals(value)).toBe(true);
  }
  client.send('APPEND', 'a', 'more');
  expect(await client.settled()).toEqual([300_004]);
});

it('compaction keeps the chunks that count, and drops those that were replaced', async () => {
  const clock = new SimClock();
  const device = new SimDevice({ clock, seed: SEED });
  const prng = new Prng(SEED);
  const { client, driven } = openOn(device, clock, 'interval');
  const value = Buffer.alloc(500_000, 'abc');
  client.send('SET', 'a', value);
  for (let i = 0; i < 1500; i++) {
    const offset = prng.nextBelow(value.length);
    value[offset] = prng.nextBelow(256);
    client.send('SETRANGE', 'a', offset, value.subarray(offset, offset + 1));
    clock.advance(20);
    driven.tick();
    driven.step();
    if (i % 100 === 0) await client.settled();
  }
  const compacted = driven.db.compact();
  while (driven.store.compactor?.isFull === true) {
    clock.advance(1000);
    driven.stepSync();
  }
  await compacted;
  expect(driven.store.counters.compactedSegments).toBeGreaterThan(0);
  expect(device.usedBytes).toBeLessThan(8 * 1024 * 1024);
  expect(Buffer.from(client.send('GET', 'a') as string, 'latin1').equals(value)).toBe(true);
  driven.db.close();
  const again = openOn(device, clock, 'interval');
  expect(Buffer.from(again.client.send('GET', 'a') as string, 'latin1').equals(value)).toBe(true);
});
