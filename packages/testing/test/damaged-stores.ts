/**
 * Small, cleanly closed stores on a simulated disk, and what reading a damaged copy of one may bring: the right data, or
 * a `FerriteError` that says what to do. Everything in such a store is durable, so nothing in it may be lost silently.
 */
import { type Driven, FerriteError, type OpenOptions, openDriven, Prng } from '@ferrite/core/module';
import { SimClock, SimDevice } from '@ferrite/testing';

const PAGE_BYTES = 128 * 1024;
/** What damage may be called. */
const DAMAGE_CODES = new Set([
  'FERRITE_CORRUPT',
  'FERRITE_SEGMENT_MISSING',
  'FERRITE_NEWER_FORMAT',
  'FERRITE_NOT_A_STORE',
]);

export interface SampleStore {
  readonly device: SimDevice;
  /** Value of every key that ever was; undefined for the removed ones. */
  readonly expected: ReadonlyMap<string, string | undefined>;
  /** Every value a key ever had. */
  readonly history: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Stores opened so far: each draws an id and a salt of its own when it is made. */
let stores = 0;

/** Opens a store on a simulated device as the damage tests do: small pages, a segment each, aligned commits. */
export function openSample(device: SimDevice, options: OpenOptions = {}): Driven<string> {
  return openDriven<string>(
    { preset: 'tiny', durability: 'always', alignCommits: 4096, readOnlyRegionSize: PAGE_BYTES, ...options },
    { device, clock: device.clock, prng: new Prng(++stores), segmentMaxBytes: PAGE_BYTES },
  );
}

/** Writes to a store and keeps the books of what must be in it. */
export class Writer {
  readonly driven: Driven<string>;
  readonly expected = new Map<string, string | undefined>();
  readonly history = new Map<string, Set<string>>();

  constructor(driven: Driven<string>) {
    this.driven = driven;
  }

  set(key: string, value: string, options?: { ttlMs: number }): void {
    this.driven.db.set(key, value, options);
    this.note(key, value);
  }

  del(key: string): void {
    this.driven.db.del(key);
    this.note(key, undefined);
  }

  /** Several writes as one. */
  batch(entries: readonly (readonly [string, string | undefined])[]): void {
    const batch = this.driven.db.batch();
    for (const [key, value] of entries) {
      if (value === undefined) batch.del(key);
      else batch.set(key, value);
      this.note(key, value);
    }
    batch.commit();
  }

  /** Writes a checkpoint now. */
  checkpoint(): void {
    const { store } = this.driven;
    const before = store.counters.checkpoints;
    store.checkpointer?.request();
    for (let i = 0; store.counters.checkpoints === before; i++) {
      if (i === 10_000) throw new Error('no checkpoint was written');
      this.driven.stepSync();
    }
  }

  private note(key: string, value: string | undefined): void {
    this.expected.set(key, value);
    let values = this.history.get(key);
    if (values === undefined) this.history.set(key, (values = new Set()));
    if (value !== undefined) values.add(value);
  }
}

/** A store of two main segments; `checkpoints` of it are taken on the way. */
export function makePlainStore(checkpoints: 0 | 1 | 2): SampleStore {
  const device = new SimDevice({ clock: new SimClock() });
  const writer = new Writer(openSample(device, { compaction: false }));
  for (let i = 0; i < 36; i++) {
    if (i % 7 === 3)
      writer.batch([
        ['pair:a', `a${i}`],
        ['pair:b', `b${i}`],
        [`key:${i - 2}`, undefined],
      ]);
    else if (i % 9 === 5) writer.del(`key:${i - 1}`);
    else writer.set(`key:${i}`, `value ${i}`, i % 5 === 0 ? { ttlMs: 1e9 } : undefined);
    if (i % 6 === 1) writer.set('hot', `hot ${i}`);
    if (i === 12 && checkpoints === 2) writer.checkpoint();
    if (i === 24 && checkpoints > 0) writer.checkpoint();
    device.clock.advance(300);
  }
  writer.driven.db.close();
  return { device, expected: writer.expected, history: writer.history };
}

/** A store whose oldest segments were compacted into the cold log. */
export function makeCompactedStore(): SampleStore {
  const device = new SimDevice({ clock: new SimClock() });
  const writer = new Writer(openSample(device));
  const { store } = writer.driven;
  for (let round = 0; store.counters.compactedSegments < 2; round++) {
    if (round === 40) throw new Error('nothing was compacted');
    writer.set(`kept:${round}`, `kept ${round}`, round % 3 === 0 ? { ttlMs: 1e9 } : undefined);
    for (let i = 0; i < 20; i++) {
      writer.set(`over:${i % 3}`, `over ${round} ${i}`);
      device.clock.advance(100);
    }
    if (round % 4 === 1) writer.del(`kept:${round - 1}`);
    writer.checkpoint();
    for (let i = 0; i < 20; i++) writer.driven.stepSync();
  }
  writer.driven.db.close();
  return { device, expected: writer.expected, history: writer.history };
}

/** A copy of a device that shares its pages: what one does, the other does not see. */
export function copyOf(device: SimDevice): SimDevice {
  return device.crash('everything');
}

export type Outcome = 'right' | 'detected';

/** Throws an `Error` about anything but the right data or an honest refusal. */
export function readDamaged(sample: SampleStore, device: SimDevice, options: OpenOptions = {}): Outcome {
  let driven: Driven<string>;
  try {
    driven = openSample(device, options);
  } catch (error) {
    assertHonest(error);
    return 'detected';
  }
  const gets = readKeys(sample, driven);
  const scan = readAll(sample, driven);
  return gets === 'right' && scan === 'right' ? 'right' : 'detected';
}

export function assertHonest(error: unknown): void {
  if (error instanceof FerriteError && DAMAGE_CODES.has(error.code)) return;
  throw new Error(`not an honest refusal: ${(error as Error)?.stack ?? error}`);
}

/**
 * Goes on with a damaged store that opened: one more write, everything compacted, closed, opened again. What was right
 * must stay right or be refused.
 */
export function useDamaged(sample: SampleStore, device: SimDevice): Outcome {
  let driven: Driven<string>;
  try {
    driven = openSample(device);
    driven.db.set('one more', 'x');
    compactAll(driven);
    driven.db.close();
    driven = openSample(device);
    if (driven.db.get('one more') !== 'x') throw new Error('a write after damage was lost');
  } catch (error) {
    assertHonest(error);
    return 'detected';
  }
  return readKeys(sample, driven);
}

/** Checkpoints, and compacts whatever has garbage. */
export function compactAll(driven: Driven<string>): void {
  const { store } = driven;
  for (let round = 0; round < 2; round++) {
    void store.compactor?.whenDone();
    for (let i = 0; store.compactor?.isBusy; i++) {
      if (i === 10_000) throw new Error('compaction does not end');
      driven.stepSync();
    }
  }
}

/**
 * `salvage` and read-only opens give what is whole: of each key a value it once had, all of it unless damage is
 * reported. A store that was salvaged opens without complaint from then on, with the same data.
 */
export function salvageDamaged(sample: SampleStore, device: SimDevice): Outcome {
  const seen = readWhole(sample, device, { readOnly: true });
  const found = readWhole(sample, device, { recovery: 'salvage' });
  if (found === undefined) return 'detected';
  if (seen === undefined) throw new Error('salvage can open the store, read-only cannot');
  const salvaged: SampleStore = { device, expected: found, history: sample.history };
  if (readDamaged(salvaged, copyOf(device)) !== 'right') throw new Error('a salvaged store is not whole');
  if (useDamaged(salvaged, device) !== 'right') throw new Error('a salvaged store cannot be used');
  return 'right';
}

/** What can be read of each key, `damaged` for what cannot; undefined when the store cannot be opened at all. */
function readWhole(
  sample: SampleStore,
  device: SimDevice,
  options: OpenOptions,
): Map<string, string | undefined> | undefined {
  let driven: Driven<string>;
  try {
    driven = openSample(device, options);
  } catch (error) {
    assertHonest(error);
    return undefined;
  }
  const { damage } = driven.db.stats().recovery;
  const found = new Map<string, string | undefined>();
  for (const [key, value] of sample.expected) {
    let got: string | undefined = 'damaged';
    try {
      got = driven.db.get(key);
      const isOld = got === undefined || sample.history.get(key)?.has(got) === true;
      if (got !== value && (damage.length === 0 || !isOld)) {
        throw new Error(`${key} is ${got}, should be ${value}; damage reported: ${JSON.stringify(damage)}`);
      }
    } catch (error) {
      assertHonest(error);
    }
    found.set(key, got);
  }
  driven.db.close();
  return found;
}

/** Reads a store in which whole stretches were overwritten: old values may be back, but nothing that never was. */
export function readOverwritten(sample: SampleStore, device: SimDevice, options: OpenOptions = {}): void {
  let driven: Driven<string>;
  try {
    driven = openSample(device, options);
  } catch (error) {
    assertHonest(error);
    return;
  }
  for (const key of sample.expected.keys()) {
    try {
      const found = driven.db.get(key);
      if (found !== undefined && sample.history.get(key)?.has(found) !== true) throw new Error(`${key} is ${found}`);
    } catch (error) {
      assertHonest(error);
    }
  }
}

/** Every key by itself: a damaged record must not take another key with it. */
export function readKeys(sample: SampleStore, driven: Driven<string>): Outcome {
  let outcome: Outcome = 'right';
  for (const [key, value] of sample.expected) {
    try {
      const found = driven.db.get(key);
      if (found !== value) throw new Error(`${key} is ${found}, should be ${value}`);
    } catch (error) {
      assertHonest(error);
      outcome = 'detected';
    }
  }
  return outcome;
}

function readAll(sample: SampleStore, driven: Driven<string>): Outcome {
  let entries: [string, string][];
  try {
    entries = [...driven.db.entries()];
  } catch (error) {
    assertHonest(error);
    return 'detected';
  }
  const wanted = [...sample.expected].filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  if (JSON.stringify(entries) !== JSON.stringify(wanted)) {
    throw new Error(`a scan gave ${JSON.stringify(entries)}, should be ${JSON.stringify(wanted)}`);
  }
  return 'right';
}

/** Bytes of a file that are not in a long stretch of zeros, as offsets. */
export function usedOffsets(device: SimDevice, name: string): number[] {
  const bytes = bytesOf(device, name);
  const offsets: number[] = [];
  const zerosMax = 16;
  let lastUsed = -1;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0) lastUsed = i;
    if (lastUsed >= 0 && i - lastUsed <= zerosMax) offsets.push(i);
  }
  return offsets;
}

export function bytesOf(device: SimDevice, name: string): Buffer {
  const file = device.openSync(name, 'read');
  const bytes = Buffer.alloc(file.sizeSync());
  file.readSync(bytes, 0, bytes.length, 0);
  file.closeSync();
  return bytes;
}

/** Replaces a file's contents. */
export function putFile(device: SimDevice, name: string, bytes: Uint8Array): void {
  if (device.listSync().includes(name)) device.removeSync(name);
  const file = device.openSync(name, 'create');
  for (let done = 0; done < bytes.length; ) done += file.writeSync(bytes, done, bytes.length - done, done);
  file.truncateSync(bytes.length);
  file.closeSync();
}

export function storeFiles(device: SimDevice): string[] {
  return device.listSync().filter((name) => /^(ferrite\.store|checkpoint-\d+|(main|cold)-\d+\.seg)$/.test(name));
}
