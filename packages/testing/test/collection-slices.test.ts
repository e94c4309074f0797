/** A hash of several slices of a checkpoint, changed between any two of its steps, through kills. */
import { type Driven, openDriven, Prng } from '@ferrite/core/module';
import { SimClock, SimDevice } from '@ferrite/testing';
import { expect, test } from 'vitest';

const PAGE_BYTES = 128 * 1024;
const FIELDS = 5000;
const CHECKPOINTS = 4;

class Host {
  readonly clock = new SimClock();
  readonly prng: Prng;
  device: SimDevice;
  driven!: Driven<string>;

  constructor(seed: number) {
    this.prng = new Prng(seed);
    this.device = new SimDevice({ clock: this.clock, seed });
    this.open();
  }

  open(): void {
    this.driven = openDriven<string>(
      { durability: 'always', pageSize: '128kb', mutableRegionSize: '128kb', readOnlyRegionSize: 0 },
      {
        device: this.device,
        clock: this.clock,
        prng: new Prng(1),
        segmentMinBytes: PAGE_BYTES,
        segmentMaxBytes: PAGE_BYTES,
      },
    );
  }

  crash(): void {
    const left = (['nothing', 'subset', 'everything'] as const)[this.prng.nextBelow(3)];
    this.device = this.device.crash(left, this.prng.nextUint32());
    this.open();
  }
}

/** Some fields are set, some removed; the model follows. */
function change({ driven: { db }, prng }: Host, model: Map<string, string>, count: number): void {
  const fields = new Map<string, string>();
  for (let i = 0; i < count; i++) fields.set(`f${prng.nextBelow(FIELDS)}`, String(prng.nextUint32()));
  db.hset('h', fields);
  for (const [field, value] of fields) model.set(field, value);
  const gone = Array.from({ length: count / 2 }, () => `f${prng.nextBelow(FIELDS)}`);
  db.hdel('h', ...gone);
  for (const field of gone) model.delete(field);
}

test.each([1, 2, 3, 4])(
  'a hash of many slices is whole after kills between the steps of checkpoints (seed %i)',
  (seed) => {
    const host = new Host(seed);
    const model = new Map<string, string>();
    for (let i = 0; i < 20; i++) change(host, model, 400);
    expect(model.size).toBeGreaterThan(2000);
    for (let round = 0; round < CHECKPOINTS; round++) {
      const { checkpointer, counters } = host.driven.store;
      const before = counters.checkpoints;
      checkpointer?.request();
      const steps = round === CHECKPOINTS - 1 ? Number.POSITIVE_INFINITY : 10 + host.prng.nextBelow(200);
      for (let i = 0; i < steps && counters.checkpoints === before; i++) {
        checkpointer?.step('now');
        change(host, model, 8);
        if (host.prng.nextBelow(4) === 0) host.driven.stepSync();
      }
      host.crash();
      const { db } = host.driven;
      expect([db.hlen('h'), db.hget('h', 'f1')]).toEqual([model.size, model.get('f1')]);
      expect(new Map([...db.hgetall('h')].sort())).toEqual(new Map([...model].sort()));
    }
    expect(host.driven.store.checkpointer?.bytesOnDisk).toBeGreaterThan(0);
    host.driven.db.close();
  },
);
