/**
 * Damage of every kind to the files of small stores that were closed properly: it is harmless, or a `FerriteError` says
 * what it is and what to do. Never wrong data, never a key missing without a word, never another error, never a hang.
 */
import { type FerriteError, openDriven, Prng } from '@ferrite/core/module';
import { SimDevice } from '@ferrite/testing';
import { describe, expect, test, vi } from 'vitest';
import { Walker } from '../../core/src/engine/walk.ts';
import {
  assertHonest,
  bytesOf,
  copyOf,
  makeCompactedStore,
  makePlainStore,
  openSample,
  type Outcome,
  putFile,
  readDamaged,
  readOverwritten,
  type SampleStore,
  salvageDamaged,
  storeFiles,
  useDamaged,
  usedOffsets,
  Writer,
} from './damaged-stores.ts';
import { FIRST_DATA_FRAME, forgeFrame, makeNewer } from './forgery.ts';

const SEED = 20260;
/** Going on after a flip, and salvaging, are tried for one flip in so many. */
const USE_ONE_IN = 31;
const FUZZ_ROUNDS = 400;

interface Tally {
  flips: number;
  detected: number;
}

/**
 * Which bits of a byte are flipped: all at once in every other byte, one by seed in the rest. Where the kind of a frame
 * may lie, each bit by itself: one of them makes a pad of a data frame.
 */
function masksOf(offset: number, value: number, prng: Prng): number[] {
  if (offset % 8 === 3 && value > 0 && value < 6) return [1, 2, 4, 8, 16, 32, 64, 128];
  return [offset % 2 === 0 ? 0xff : 1 << prng.nextBelow(8)];
}

function flipBits(device: SimDevice, name: string, offset: number, mask: number): void {
  for (let bit = 0; bit < 8; bit++) if (mask & (1 << bit)) device.flipBit(name, offset, bit);
}

function flipAll(sample: SampleStore, prepare: (device: SimDevice) => void): Tally {
  const base = copyOf(sample.device);
  prepare(base);
  const tally: Tally = { flips: 0, detected: 0 };
  const prng = new Prng(SEED);
  for (const name of storeFiles(base)) {
    const bytes = bytesOf(base, name);
    const offsets = name === 'ferrite.store' ? [...bytes.keys()] : usedOffsets(base, name);
    const flips = offsets.flatMap((offset) => masksOf(offset, bytes[offset], prng).map((mask) => [offset, mask]));
    for (const [offset, mask] of flips) {
      const run = (check: (sample: SampleStore, device: SimDevice) => Outcome): Outcome => {
        const device = copyOf(base);
        flipBits(device, name, offset, mask);
        return explained(`byte ${offset} of ${name}, bits ${mask.toString(2)}`, () => check(sample, device));
      };
      tally.flips++;
      if (run(readDamaged) === 'detected') tally.detected++;
      if (prng.nextBelow(USE_ONE_IN) > 0) continue;
      run(useDamaged);
      run(salvageDamaged);
    }
  }
  return tally;
}

function explained<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

function removeCheckpoints(count: number): (device: SimDevice) => void {
  return (device) => {
    const names = storeFiles(device).filter((name) => name.startsWith('checkpoint-'));
    for (const name of names.sort().reverse().slice(0, count)) device.removeSync(name);
  };
}

function codeOf(run: () => unknown): FerriteError['code'] | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code as FerriteError['code'];
    throw error;
  }
  return undefined;
}

const plain = makePlainStore(0);
const checkpointed = makePlainStore(2);
const compacted = makeCompactedStore();

describe('a single flipped byte', () => {
  test.each([
    ['a store with two checkpoints', checkpointed, 0],
    ['a store whose checkpoints were all deleted', checkpointed, 2],
    ['a compacted store', compacted, 0],
    ['a compacted store whose newest checkpoint was deleted', compacted, 1],
  ] as const)(
    'is harmless or detected anywhere in %s',
    (what, sample, deleted) => {
      const { flips, detected } = flipAll(sample, removeCheckpoints(deleted));
      console.log(`${what}: ${flips} flips, ${detected} detected, ${flips - detected} harmless`);
      expect(flips).toBeGreaterThan(2000);
      expect(detected).toBeGreaterThan(100);
    },
    240_000,
  );

  test('that makes a pad of a data frame is found out if readers do not check how frames are linked', () => {
    const linkHolds = vi.spyOn(Walker.prototype as unknown as { linkHolds(): boolean }, 'linkHolds');
    linkHolds.mockReturnValue(true);
    try {
      expect(() => flipAll(compacted, () => undefined)).toThrow('a scan gave');
    } finally {
      linkHolds.mockRestore();
    }
  });

  test('that reached the reader as right data would be noticed by this test', () => {
    const wrong: SampleStore = { ...plain, expected: new Map([...plain.expected, ['hot', 'something else']]) };
    expect(() => readDamaged(wrong, copyOf(plain.device))).toThrow('should be something else');
  });
});

describe('a file', () => {
  const samples = [
    ['plain', plain],
    ['checkpointed', checkpointed],
    ['compacted', compacted],
    ['new', makeNewStore()],
  ] as const;

  test.each(samples)('cut short anywhere is harmless or detected: %s store', (_, sample) => {
    for (const name of storeFiles(sample.device)) {
      const size = bytesOf(sample.device, name).length;
      const used = (usedOffsets(sample.device, name).at(-1) ?? 0) + 1;
      const lengths = [
        0,
        1,
        8,
        63,
        64,
        65,
        72,
        100,
        127,
        128,
        500,
        4096,
        used >> 1,
        used - 17,
        used - 1,
        used,
        size - 1,
      ];
      for (const length of new Set(lengths.filter((length) => length >= 0 && length < size))) {
        for (const check of [readDamaged, useDamaged, salvageDamaged]) {
          const device = copyOf(sample.device);
          device.openSync(name, 'write').truncateSync(length);
          explained(`${name} cut to ${length}`, () => check(sample, device));
        }
      }
    }
  });

  test.each(samples)('that is missing is harmless or detected: %s store', (_, sample) => {
    for (const name of storeFiles(sample.device)) {
      for (const check of [readDamaged, useDamaged, salvageDamaged]) {
        const device = copyOf(sample.device);
        device.removeSync(name);
        const outcome = explained(`${name} missing`, () => check(sample, device));
        if (check === readDamaged && !name.startsWith('checkpoint-')) expect(outcome, name).toBe('detected');
      }
    }
  });

  test.each(samples)('that took the place of another is harmless or detected: %s store', (_, sample) => {
    const names = storeFiles(sample.device);
    for (const a of names) {
      for (const b of names) {
        for (const check of [readDamaged, useDamaged, salvageDamaged]) {
          if (a >= b) continue;
          const device = copyOf(sample.device);
          const [bytesA, bytesB] = [bytesOf(device, a), bytesOf(device, b)];
          putFile(device, a, bytesB);
          putFile(device, b, bytesA);
          explained(`${a} and ${b} swapped`, () => check(sample, device));
        }
      }
    }
  });

  test.each(samples)('of another store is harmless or detected: %s store', (_, sample) => {
    for (const other of [plain, checkpointed, compacted]) {
      if (other === sample) continue;
      for (const name of storeFiles(other.device)) {
        for (const check of [readDamaged, useDamaged, salvageDamaged]) {
          const device = copyOf(sample.device);
          putFile(device, name, bytesOf(other.device, name));
          explained(`${name} of another store`, () => check(sample, device));
        }
      }
    }
  });
});

/** One segment, no checkpoint: nothing but the log says what there was. */
function makeNewStore(): SampleStore {
  const device = new SimDevice();
  const writer = new Writer(openSample(device));
  for (let i = 0; i < 5; i++) writer.set(`key:${i}`, `value ${i}`);
  writer.driven.db.close();
  return { device, expected: writer.expected, history: writer.history };
}

describe('an error', () => {
  test('FERRITE_CORRUPT names a damaged frame that was durable', () => {
    const device = copyOf(plain.device);
    device.flipBit('main-00000001.seg', FIRST_DATA_FRAME + 10, 3);
    expect(codeOf(() => openSample(device))).toBe('FERRITE_CORRUPT');
  });

  test('FERRITE_SEGMENT_MISSING names a lost segment, the last one too', () => {
    for (const name of ['main-00000001.seg', 'main-00000002.seg']) {
      const device = copyOf(checkpointed.device);
      device.removeSync(name);
      expect(
        codeOf(() => openSample(device)),
        name,
      ).toBe('FERRITE_SEGMENT_MISSING');
    }
    const device = copyOf(plain.device);
    device.removeSync('main-00000002.seg');
    expect(codeOf(() => openSample(device))).toBe('FERRITE_SEGMENT_MISSING');
  });

  test.each(['ferrite.store', 'main-00000001.seg', 'checkpoint-00000002'])(
    'FERRITE_NEWER_FORMAT is what a newer %s gets, in every mode',
    (name) => {
      const device = copyOf(checkpointed.device);
      makeNewer(device, name);
      for (const options of [{}, { readOnly: true }, { recovery: 'salvage' as const }]) {
        expect(codeOf(() => openSample(device, options))).toBe('FERRITE_NEWER_FORMAT');
      }
    },
  );

  test('FERRITE_NOT_A_STORE is a directory of something else, which stays as it was', () => {
    const device = new SimDevice();
    putFile(device, 'holiday.jpg', Buffer.from('not a store'));
    expect(codeOf(() => openSample(device))).toBe('FERRITE_NOT_A_STORE');
    expect(codeOf(() => openSample(device, { readOnly: true }))).toBe('FERRITE_NOT_A_STORE');
    expect(device.listSync()).toEqual(['holiday.jpg']);
  });

  test('FERRITE_PERMISSION is a disk that may not be written, and readOnly reads it', () => {
    const device = copyOf(checkpointed.device);
    for (const operation of ['open', 'create'] as const) device.fail({ operation, times: 1, code: 'EACCES' });
    expect(codeOf(() => openSample(device))).toBe('FERRITE_PERMISSION');
    device.repair();
    for (const operation of ['write', 'create', 'rename', 'remove', 'truncate', 'sync', 'syncDirectory'] as const) {
      device.fail({ operation, times: Number.POSITIVE_INFINITY, code: 'EROFS' });
    }
    expect(readDamaged(checkpointed, device, { readOnly: true })).toBe('right');
  });

  test('of the device while the index loads is told once, and hides no key afterwards', () => {
    const device = copyOf(plain.device);
    const driven = openSample(device);
    device.fail({ operation: 'read', times: 1 });
    let failures = 0;
    for (const key of plain.expected.keys()) failures += codeOf(() => driven.db.get(key)) === 'FERRITE_IO' ? 1 : 0;
    expect(failures).toBe(1);
    for (const [key, value] of plain.expected) expect(driven.db.get(key), key).toBe(value);
  });
});

describe('salvage', () => {
  test('keeps what is whole, sets the rest aside, and reports both', () => {
    const device = copyOf(plain.device);
    device.flipBit('main-00000001.seg', 40_990, 2);
    const { db } = openSample(device, { recovery: 'salvage' });
    const { recovery } = db.stats();
    expect(recovery.damage).toHaveLength(1);
    expect(recovery.damage[0]).toContain('main log is damaged');
    expect(db.get('key:0')).toBe('value 0');
    expect(db.get('key:35')).toBe('value 35');
    db.close();
    expect(openSample(device).db.stats().recovery.damage).toEqual([]);
  });

  test('drops the keys whose records are lost, so that scans work again', () => {
    const device = copyOf(compacted.device);
    const lost = bytesOf(device, 'cold-00000001.seg').indexOf('kept 1');
    device.flipBit('cold-00000001.seg', lost, 2);
    const before = openSample(device);
    expect(codeOf(() => before.db.get('kept:1'))).toBe('FERRITE_CORRUPT');
    expect(codeOf(() => [...before.db.entries()])).toBe('FERRITE_CORRUPT');
    before.db.close();
    const { db } = openSample(device, { recovery: 'salvage' });
    expect(db.stats().recovery.damage).toEqual(['the records of 1 keys are damaged: the keys are gone']);
    const live = [...compacted.expected].filter(([, value]) => value !== undefined);
    expect([...db.entries()]).toHaveLength(live.length - 1);
  });

  test('leaves a store alone that is not damaged', () => {
    const device = copyOf(checkpointed.device);
    const { db } = openSample(device, { recovery: 'salvage' });
    expect(db.stats().recovery).toMatchObject({ damage: [], savedAs: [], cutBytes: 0 });
    db.close();
    expect(readDamaged(checkpointed, device)).toBe('right');
  });
});

describe('the decoders', () => {
  test('of segments, checkpoints and the store file never throw anything but an honest error on random bytes', () => {
    console.log(`decoder fuzz: seed ${SEED}, ${FUZZ_ROUNDS} rounds`);
    const prng = new Prng(SEED);
    const sources = [plain, checkpointed, compacted];
    for (let round = 0; round < FUZZ_ROUNDS; round++) {
      const sample = sources[round % sources.length];
      const device = copyOf(sample.device);
      const names = storeFiles(device).filter((name) => name !== 'ferrite.store' || round % 10 === 0);
      const name = names[prng.nextBelow(names.length)];
      const bytes = bytesOf(device, name);
      const used = usedOffsets(device, name);
      const from = used[prng.nextBelow(used.length)];
      const length = 1 + prng.nextBelow(round % 4 === 0 ? bytes.length : 200);
      // Behind a header that holds, lengths and kinds that almost make sense.
      for (let i = from; i < Math.min(from + length, bytes.length); i++) {
        bytes[i] = round % 3 === 0 ? prng.nextBelow(8) : prng.nextUint32();
      }
      putFile(device, name, bytes);
      explained(`round ${round}, ${length} bytes of ${name} from ${from}`, () => {
        for (const options of [{}, { readOnly: true }, { recovery: 'salvage' as const }]) {
          readOverwritten(sample, copyOf(device), options);
        }
      });
    }
  });

  test('take frames whose sums hold but whose records make no sense', () => {
    const prng = new Prng(SEED + 1);
    let replayed = 0;
    for (let round = 0; round < FUZZ_ROUNDS; round++) {
      const device = copyOf(plain.device);
      const bytes = bytesOf(device, 'main-00000002.seg');
      forgeFrame(bytes, bytesOf(device, 'ferrite.store').readInt32LE(24), prng);
      putFile(device, 'main-00000002.seg', bytes);
      try {
        const { db } = openDriven<string>(
          { preset: 'tiny', durability: 'always', recovery: 'salvage' },
          { device, clock: device.clock, prng: new Prng(1) },
        );
        for (const key of plain.expected.keys()) db.get(key);
        replayed += [...db.entries()].length > 0 ? 1 : 0;
      } catch (error) {
        // A record of a kind that features have is of another type than a string.
        if ((error as { code?: string }).code !== 'FERRITE_WRONG_TYPE')
          explained(`round ${round}`, () => assertHonest(error));
      }
    }
    expect(replayed).toBeGreaterThan(FUZZ_ROUNDS / 2);
  });
});
