/** An instance most of whose records are on a slow, simulated disk: reads off the loop end when the test says so. */
import { SimClock, SimDevice } from '@ferrite/testing';
import type { Prng } from '../src/base/prng.ts';
import type { OpenOptions } from '../src/embedded/options.ts';
import type { Client } from '../src/instance/client.ts';
import { makeTestInstance, type TestClient, type TestInstance } from './test-client.ts';

/** A read on the spot takes so long. */
const READ_MS = 0.1;
const VALUE_BYTES = 200;

export const SMALL: OpenOptions = {
  pageSize: '128kb',
  mutableRegionSize: '128kb',
  readOnlyRegionSize: '256kb',
  readCacheSize: '256kb',
  durability: 'interval',
};

export interface ColdStore extends TestInstance {
  device: SimDevice;
  clock: SimClock;
}

export function keyOf(i: number): string {
  return `key:${i}`;
}

export function valueOf(i: number): string {
  return `${i}:`.padEnd(VALUE_BYTES, 'v');
}

/** Stores keys 0 to `count - 1`; the first ones are on disk then, if there are many. */
export function openCold(count: number, options: OpenOptions = {}): ColdStore {
  const clock = new SimClock();
  const device = new SimDevice({ clock });
  const world = makeTestInstance({ ...SMALL, ...options }, { device, clock });
  for (let i = 0; i < count; i++) world.driven.db.set(keyOf(i), valueOf(i));
  world.driven.db.commitSync();
  device.stall('read', READ_MS);
  device.hold('read');
  return { ...world, device, clock };
}

/** Lets all turns of the loop that are due pass, and reads end until nothing waits any more. */
export async function settle({ device }: ColdStore, prng?: Prng): Promise<void> {
  do await turn();
  while (device.pump(1, prng) > 0);
}

export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Whether the client's command waits for a record. */
export function waits({ client }: { client: Client }): boolean {
  return client.isSuspended && client.coldRead !== null;
}

/** Makes reads on the spot known as slow: the first one is always tried. */
export function learnSlowness({ device }: ColdStore, client: TestClient): void {
  device.stall('read', 1000 * READ_MS);
  client.send('GET', keyOf(0));
  device.stall('read', READ_MS);
}
