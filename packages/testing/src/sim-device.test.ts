/**
 * Proof that the simulated disk loses what a disk may lose, keeps what it must keep, and fails as it is told.
 */
import { Prng } from '@ferrite/core/module';
import { describe, expect, it } from 'vitest';
import { PowerCut, SimClock, SimDevice, type SimStep } from './index.ts';

const SEEDS = Array.from({ length: 200 }, (_, i) => i);

function write(device: SimDevice, name: string, text: string, position = 0): void {
  const file = device.openSync(name, device.listSync().includes(name) ? 'write' : 'create');
  file.writeSync(Buffer.from(text), 0, text.length, position);
  file.closeSync();
}

function read(device: SimDevice, name: string): string {
  const file = device.openSync(name, 'read');
  const bytes = Buffer.alloc(file.sizeSync());
  file.readSync(bytes, 0, bytes.length, 0);
  file.closeSync();
  return bytes.toString('latin1');
}

function sync(device: SimDevice, name: string): void {
  const file = device.openSync(name, 'read');
  file.syncSync();
  file.closeSync();
}

/** A device with the durable file `a`. */
function deviceWith(text: string): SimDevice {
  const device = new SimDevice();
  write(device, 'a', text);
  sync(device, 'a');
  device.syncDirectorySync();
  expect(device.unsyncedUnits).toBe(0);
  return device;
}

/** What becomes of file `a` over many seeds. */
function outcomes(device: SimDevice, sectors: 'prefix-safe' | 'garbage' = 'prefix-safe'): Set<string> {
  return new Set(SEEDS.map((seed) => read(device.crash('subset', seed, sectors), 'a')));
}

describe('contents', () => {
  it('loses a write that was not synced, and keeps one that was', () => {
    const device = deviceWith('old');
    write(device, 'a', 'new');
    expect(read(device, 'a')).toBe('new');
    expect(read(device.crash('nothing'), 'a')).toBe('old');
    expect(read(device.crash('everything'), 'a')).toBe('new');
    expect(outcomes(device)).toContain('old');
    expect(outcomes(device)).toContain('new');
    sync(device, 'a');
    expect(read(device.crash('nothing'), 'a')).toBe('new');
    expect(outcomes(device)).toEqual(new Set(['new']));
  });

  it('keeps the sectors of one write independently of each other and in any order', () => {
    const device = deviceWith('.'.repeat(2048));
    write(device, 'a', 'x'.repeat(2048));
    const kept = new Set([...outcomes(device)].map((text) => [0, 512, 1024, 1536].map((at) => text[at]).join('')));
    for (const pattern of ['....', 'xxxx', 'x...', '...x', '.xx.', 'x.xx']) expect(kept).toContain(pattern);
  });

  it('may keep an older version of a sector and lose a newer one, never the reverse order', () => {
    const device = deviceWith('1');
    write(device, 'a', '2');
    write(device, 'a', '3');
    expect(outcomes(device)).toEqual(new Set(['1', '2', '3']));
  });

  it('loses the size of a file separately from its bytes', () => {
    const device = deviceWith('');
    write(device, 'a', 'x');
    expect(outcomes(device)).toEqual(new Set(['', '\0', 'x']));
  });

  it('may undo a truncation that was not synced', () => {
    const device = deviceWith('abcdef');
    const file = device.openSync('a', 'write');
    file.truncateSync(3);
    expect(outcomes(device)).toEqual(new Set(['abcdef', 'abc']));
    file.truncateSync(6);
    expect(read(device.crash('everything'), 'a')).toBe('abc\0\0\0');
    file.syncSync();
    expect(outcomes(device)).toEqual(new Set(['abc\0\0\0']));
  });

  it('shows no bytes beyond a lost size when the survivor grows again', () => {
    const device = deviceWith('');
    write(device, 'a', 'x'.repeat(600));
    for (const seed of SEEDS) {
      const survivor = device.crash('subset', seed);
      const file = survivor.openSync('a', 'write');
      if (file.sizeSync() > 0) continue;
      file.truncateSync(600);
      expect(read(survivor, 'a')).toBe('\0'.repeat(600));
    }
  });
});

describe('prefix', () => {
  it('keeps the first units in issue order: names, sizes, sectors', () => {
    const device = new SimDevice();
    write(device, 'a', 'x'.repeat(600));
    write(device, 'b', 'y');
    expect(device.unsyncedUnits).toBe(7);
    const after = (k: number) => {
      const survivor = device.crash(`prefix:${k}`);
      return survivor.listSync().map((name) => `${name}=${read(survivor, name).replace(/\0+$/, '~')}`);
    };
    expect(after(0)).toEqual([]);
    expect(after(1)).toEqual(['a=']);
    expect(after(2)).toEqual(['a=~']);
    expect(after(3)).toEqual([`a=${'x'.repeat(512)}~`]);
    expect(after(4)).toEqual([`a=${'x'.repeat(600)}`]);
    expect(after(5)).toEqual([`a=${'x'.repeat(600)}`, 'b=']);
    expect(after(7)).toEqual([`a=${'x'.repeat(600)}`, 'b=y']);
  });

  it('refuses a model it does not know', () => {
    expect(() => new SimDevice().crash('some' as 'subset')).toThrow('unknown crash model');
  });
});

describe('sectors', () => {
  it('never loses the unchanged beginning of a sector written again, but may tear what follows', () => {
    const device = deviceWith('keep');
    write(device, 'a', 'keep' + 'n'.repeat(100));
    const seen = outcomes(device);
    for (const text of seen) expect(text).toMatch(/^keep(n*\0*)$/);
    expect([...seen].some((text) => /^keepn+\0+$/.test(text))).toBe(true);
  });

  it('turns a sector in flight into garbage in the harsher model, also where it was durable', () => {
    const device = deviceWith('keep' + '.'.repeat(1020));
    write(device, 'a', 'keepnew');
    const seen = [...outcomes(device, 'garbage')];
    expect(seen.some((text) => !text.startsWith('keep'))).toBe(true);
    expect(seen.some((text) => text.startsWith('\0\0\0\0'))).toBe(true);
    expect(seen.some((text) => text.startsWith('keepnew'))).toBe(true);
    for (const text of seen) expect(text.slice(512)).toBe('.'.repeat(512));
    expect(read(device.crash('prefix:0', 1, 'garbage'), 'a')).not.toContain('keep');
    expect(read(device.crash('prefix:1', 1, 'garbage'), 'a')).toContain('keepnew');
    expect(read(device.crash('nothing', 1, 'garbage'), 'a')).not.toContain('keepnew');
  });
});

describe('names', () => {
  const listed = (device: SimDevice) =>
    new Set(SEEDS.map((seed) => device.crash('subset', seed).listSync().sort().join(' ')));

  it('loses a created name that was not synced, though the file was', () => {
    const device = new SimDevice();
    write(device, 'a', 'x');
    sync(device, 'a');
    expect(device.crash('nothing').listSync()).toEqual([]);
    expect(listed(device)).toEqual(new Set(['', 'a']));
    device.syncDirectorySync();
    expect(listed(device)).toEqual(new Set(['a']));
    expect(read(device.crash('nothing'), 'a')).toBe('x');
  });

  it('brings back a removed name that was not synced, with its contents', () => {
    const device = deviceWith('x');
    device.removeSync('a');
    expect(device.listSync()).toEqual([]);
    expect(read(device.crash('nothing'), 'a')).toBe('x');
    expect(listed(device)).toEqual(new Set(['', 'a']));
    device.syncDirectorySync();
    expect(listed(device)).toEqual(new Set(['']));
  });

  it('undoes a rename as a whole, and gives back what it replaced', () => {
    const device = deviceWith('old');
    write(device, 'b', 'new');
    sync(device, 'b');
    device.syncDirectorySync();
    device.renameSync('b', 'a');
    expect(listed(device)).toEqual(new Set(['a', 'a b']));
    expect(read(device.crash('nothing'), 'a')).toBe('old');
    expect(read(device.crash('everything'), 'a')).toBe('new');
    device.syncDirectorySync();
    expect(read(device.crash('nothing'), 'a')).toBe('new');
  });

  it('may publish a renamed file without its contents when those were not synced', () => {
    const device = deviceWith('old');
    write(device, 'b', 'new');
    device.renameSync('b', 'a');
    device.syncDirectorySync();
    expect(read(device.crash('nothing'), 'a')).toBe('');
  });

  it('keeps or loses names independently', () => {
    const device = new SimDevice();
    for (const name of ['a', 'b', 'c']) write(device, name, '');
    expect(listed(device)).toEqual(new Set(['', 'a', 'b', 'c', 'a b', 'a c', 'b c', 'a b c']));
  });

  it('forgets the changes of a file that is gone for good', () => {
    const device = new SimDevice();
    write(device, 'a', 'never synced');
    device.removeSync('a');
    expect(device.unsyncedUnits).toBeGreaterThan(0);
    device.syncDirectorySync();
    expect(device.unsyncedUnits).toBe(0);
  });
});

describe('power', () => {
  it('goes during the step asked for, and stays away', async () => {
    const device = deviceWith('old');
    const next = device.lastStep.step + 1;
    device.cutAfterStep(next + 1);
    const file = device.openSync('a', 'write');
    file.writeSync(Buffer.from('one'), 0, 3, 0);
    expect(device.isCut).toBe(false);
    expect(() => file.writeSync(Buffer.from('two'), 0, 3, 0)).toThrow(PowerCut);
    expect(device.isCut).toBe(true);
    expect(device.lastStep).toEqual({
      step: next + 1,
      operation: 'write',
      name: 'a',
      positionBytes: 0,
      lengthBytes: 3,
    });
    const later = [
      () => file.readSync(Buffer.alloc(1), 0, 1, 0),
      () => file.truncateSync(0),
      () => file.sizeSync(),
      () => file.syncSync(),
      () => device.openSync('a', 'read'),
      () => device.openSync('b', 'create'),
      () => device.listSync(),
      () => device.renameSync('a', 'b'),
      () => device.removeSync('a'),
      () => device.syncDirectorySync(),
      () => device.lockSync('fail'),
    ];
    for (const call of later) expect(call).toThrow(PowerCut);
    await expect(file.read(Buffer.alloc(1), 0, 1, 0)).rejects.toThrow(PowerCut);
    await expect(file.write(Buffer.alloc(1), 0, 1, 0)).rejects.toThrow(PowerCut);
    await expect(file.sync()).rejects.toThrow(PowerCut);
    await expect(device.syncDirectory()).rejects.toThrow(PowerCut);
    file.closeSync();
    expect(outcomes(device)).toEqual(new Set(['old', 'one', 'two']));
  });

  it.each(['create', 'write', 'truncate', 'sync', 'rename', 'remove', 'syncDirectory'] as const)(
    'leaves a %s half done: it may be there or not',
    (operation) => {
      const device = deviceWith('old');
      write(device, 'b', '');
      device.syncDirectorySync();
      if (operation === 'sync') write(device, 'a', 'new');
      if (operation === 'syncDirectory') device.removeSync('b');
      device.cutAfterStep(device.lastStep.step + 1);
      const file = device.openSync('a', 'write');
      const calls = {
        create: () => device.openSync('c', 'create'),
        write: () => file.writeSync(Buffer.from('new'), 0, 3, 0),
        truncate: () => file.truncateSync(1),
        sync: () => file.syncSync(),
        rename: () => device.renameSync('b', 'a'),
        remove: () => device.removeSync('b'),
        syncDirectory: () => device.syncDirectorySync(),
      };
      expect(calls[operation]).toThrow(`power cut at step ${device.lastStep.step + 1}: ${operation}`);
      const state = (survivor: SimDevice) =>
        survivor
          .listSync()
          .map((name) => `${name}=${read(survivor, name)}`)
          .sort();
      expect(state(device.crash('nothing'))).toEqual(['a=old', 'b=']);
      expect(state(device.crash('everything'))).not.toEqual(['a=old', 'b=']);
    },
  );

  it('can be cut at every step of one run from a callback', () => {
    const device = deviceWith('0');
    const steps: SimStep[] = [];
    const lost: string[] = [];
    const kept: string[] = [];
    device.onStep = (step) => {
      steps.push(step);
      lost.push(read(device.crash('nothing'), 'a'));
      kept.push(read(device.crash('everything'), 'a'));
    };
    write(device, 'a', '1');
    sync(device, 'a');
    write(device, 'a', '2');
    expect(steps.map((step) => step.operation)).toEqual(['write', 'sync', 'write']);
    expect(lost).toEqual(['0', '0', '1']);
    expect(kept).toEqual(['1', '1', '2']);
  });

  it('leaves a survivor that is durable, unlocked and independent, and can lose power again', () => {
    const device = deviceWith('old');
    device.lockSync('fail');
    write(device, 'a', 'new');
    const survivor = device.crash('everything');
    survivor.lockSync('fail');
    expect(survivor.unsyncedUnits).toBe(0);
    expect(survivor.lastStep.step).toBe(0);
    expect(read(survivor.crash('nothing'), 'a')).toBe('new');
    write(survivor, 'a', 'two');
    write(device, 'a', 'one');
    expect(read(survivor, 'a')).toBe('two');
    expect(read(device, 'a')).toBe('one');
    expect(read(survivor.crash('nothing'), 'a')).toBe('new');
    expect(read(device.crash('nothing'), 'a')).toBe('old');
  });

  it('gives the same survivor for the same seed', () => {
    const device = deviceWith('.'.repeat(5000));
    write(device, 'a', 'x'.repeat(5000));
    for (const seed of SEEDS) {
      expect(read(device.crash('subset', seed), 'a')).toBe(read(device.crash('subset', seed), 'a'));
    }
  });

  it('makes thousands of survivors of a store with megabytes', () => {
    const device = new SimDevice();
    for (let i = 0; i < 4; i++) {
      const file = device.openSync(`segment-${i}`, 'create');
      file.truncateSync(16 << 20);
      file.writeSync(Buffer.alloc(1 << 20, i), 0, 1 << 20, 0);
      file.syncSync();
      file.writeSync(Buffer.alloc(8192, 9), 0, 8192, 1 << 20);
      file.closeSync();
    }
    device.syncDirectorySync();
    const startMs = performance.now();
    for (let seed = 0; seed < 2000; seed++) device.crash('subset', seed);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});

describe('asynchronous operations', () => {
  it('settle in issue order', async () => {
    const device = deviceWith('abc');
    const file = device.openSync('a', 'write');
    const order: number[] = [];
    const note = (n: number) => () => void order.push(n);
    const all = [
      file.read(Buffer.alloc(1), 0, 1, 0).then(note(1)),
      file.write(Buffer.from('x'), 0, 1, 0).then(note(2)),
      file.sync().then(note(3)),
      device.syncDirectory().then(note(4)),
    ];
    expect(order).toEqual([]);
    await Promise.all(all);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('are held until pumped, in order or as a prng picks', async () => {
    const device = deviceWith('abc');
    const file = device.openSync('a', 'write');
    const orders = new Set<string>();
    for (const seed of SEEDS.slice(0, 20)) {
      device.hold();
      const order: number[] = [];
      for (let i = 0; i < 3; i++) void file.read(Buffer.alloc(1), 0, 1, 0).then(() => order.push(i));
      await null;
      expect([order.length, device.heldCount]).toEqual([0, 3]);
      expect(device.pump(2, seed === 0 ? undefined : new Prng(seed))).toBe(2);
      await null;
      if (seed === 0) expect(order).toEqual([0, 1]);
      device.release();
      await null;
      orders.add(order.join(''));
    }
    expect(orders.size).toBeGreaterThan(3);
    await file.sync();
  });

  it('promise nothing for what was written after a sync began, or had not settled then', async () => {
    const device = deviceWith('0');
    const file = device.openSync('a', 'write');
    device.hold();
    file.writeSync(Buffer.from('1'), 0, 1, 0);
    const unsettled = file.write(Buffer.from('2'), 0, 1, 0);
    const synced = file.sync();
    file.writeSync(Buffer.from('3'), 0, 1, 0);
    device.pump();
    await Promise.all([unsettled, synced]);
    expect(read(device.crash('nothing'), 'a')).toBe('1');
    const again = file.sync();
    expect(read(device.crash('nothing'), 'a')).toBe('1');
    device.release();
    await again;
    expect(read(device.crash('nothing'), 'a')).toBe('3');
  });

  it('are rejected when the power goes before they settle, and may have happened', async () => {
    const device = deviceWith('old');
    const file = device.openSync('a', 'write');
    device.hold();
    const pending = file.write(Buffer.from('new'), 0, 3, 0);
    const synced = file.sync();
    device.cutAfterStep(device.lastStep.step + 1);
    expect(() => device.removeSync('a')).toThrow(PowerCut);
    device.pump();
    await expect(pending).rejects.toThrow(PowerCut);
    await expect(synced).rejects.toThrow(PowerCut);
    expect(read(device.crash('nothing'), 'a')).toBe('old');
    expect(read(device.crash('prefix:1'), 'a')).toBe('new');
  });

  it('find a source that changed while it was being written', async () => {
    const file = deviceWith('').openSync('a', 'write');
    const source = Buffer.from('abc');
    const pending = file.write(source, 0, 3, 0);
    source[1] = 0;
    await expect(pending).rejects.toThrow('changed before it settled');
  });

  it('take the simulated time that a stall sets', async () => {
    const clock = new SimClock();
    const device = new SimDevice({ clock });
    const file = device.openSync('a', 'create');
    device.stall('sync', 500);
    device.stall('write', 20, 1);
    file.writeSync(Buffer.from('x'), 0, 1, 0);
    expect(clock.monotonicMs()).toBe(20);
    file.writeSync(Buffer.from('x'), 0, 1, 0);
    expect(clock.monotonicMs()).toBe(20);
    file.syncSync();
    expect(clock.monotonicMs()).toBe(520);
    let done = false;
    const pending = file.sync().then(() => {
      done = true;
    });
    clock.advance(499);
    await null;
    expect(done).toBe(false);
    clock.advance(1);
    await pending;
    expect(clock.nowMs() - new SimClock().nowMs()).toBe(1020);
  });
});

describe('faults', () => {
  it('fails the operations planned, with the code planned, and no others', async () => {
    const device = deviceWith('old');
    write(device, 'b', 'b');
    device.fail({ operation: 'write', name: 'a', after: 1, times: 2, code: 'EDQUOT' });
    const a = device.openSync('a', 'write');
    const b = device.openSync('b', 'write');
    const one = Buffer.from('1');
    a.writeSync(one, 0, 1, 0);
    b.writeSync(one, 0, 1, 0);
    expect(() => a.writeSync(one, 0, 1, 1)).toThrow(expect.objectContaining({ code: 'EDQUOT' }));
    await expect(a.write(one, 0, 1, 2)).rejects.toMatchObject({ code: 'EDQUOT' });
    a.writeSync(one, 0, 1, 2);
    expect(read(device, 'a')).toBe('1l1');
    device.fail({ operation: 'read', times: Number.POSITIVE_INFINITY });
    for (let i = 0; i < 3; i++) expect(() => read(device, 'a')).toThrow(expect.objectContaining({ code: 'EIO' }));
    await expect(a.read(one, 0, 1, 0)).rejects.toMatchObject({ code: 'EIO' });
    device.repair();
    expect(read(device, 'a')).toBe('1l1');
  });

  it.each(['open', 'create', 'rename', 'remove', 'truncate', 'syncDirectory'] as const)(
    'can fail a %s',
    (operation) => {
      const device = deviceWith('old');
      device.fail({ operation });
      const calls = {
        open: () => device.openSync('a', 'read'),
        create: () => device.openSync('b', 'create'),
        rename: () => device.renameSync('a', 'b'),
        remove: () => device.removeSync('a'),
        truncate: () => device.openSync('a', 'write').truncateSync(0),
        syncDirectory: () => device.syncDirectorySync(),
      };
      expect(calls[operation]).toThrow(expect.objectContaining({ code: 'EIO' }));
      expect(read(device, 'a')).toBe('old');
      expect(device.listSync()).toEqual(['a']);
    },
  );

  it('makes nothing certain by a sync that failed, not even by the next one that succeeds', async () => {
    const results = new Set<string>();
    for (const seed of SEEDS) {
      const device = new SimDevice({ seed });
      write(device, 'a', '.'.repeat(1024));
      sync(device, 'a');
      device.syncDirectorySync();
      write(device, 'a', 'x'.repeat(512));
      write(device, 'a', 'x'.repeat(512), 512);
      device.fail({ operation: 'sync' });
      const file = device.openSync('a', 'write');
      if (seed % 2 === 0) expect(() => file.syncSync()).toThrow(expect.objectContaining({ code: 'EIO' }));
      else await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' });
      file.syncSync();
      expect(read(device, 'a')).toBe('x'.repeat(1024));
      const text = read(device.crash('everything'), 'a');
      results.add(text[0] + text[512]);
    }
    expect(results).toEqual(new Set(['..', 'x.', '.x', 'xx']));
  });

  it('writes short, at least one byte', () => {
    const device = new SimDevice({ seed: 7 });
    const file = device.openSync('a', 'create');
    device.shortWrites(2);
    const counts = SEEDS.map(() => file.writeSync(Buffer.alloc(100), 0, 100, 0));
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(counts.filter((count) => count < 100).length).toBeGreaterThan(50);
    expect(counts.filter((count) => count === 100).length).toBeGreaterThan(50);
    expect(file.writeSync(Buffer.alloc(1), 0, 1, 0)).toBe(1);
    expect(new Set(counts).size).toBeGreaterThan(20);
  });

  it('makes an asynchronous write when it settles, after one that came later, if it is to be late', async () => {
    const device = new SimDevice();
    const file = device.openSync('a', 'create');
    device.lateWrites(1);
    device.hold('write');
    const late = file.write(Buffer.from('late'), 0, 4, 0);
    file.writeSync(Buffer.from('soon'), 0, 4, 0);
    expect(read(device, 'a')).toBe('soon');
    file.closeSync();
    device.release();
    expect(await late).toBe(4);
    expect(read(device, 'a')).toBe('late');
  });

  it('is full at its capacity: a short write first, then ENOSPC; overwriting and removing still work', () => {
    const device = new SimDevice({ capacityBytes: 3 * 4096 });
    const file = device.openSync('a', 'create');
    file.truncateSync(1 << 20);
    expect(device.usedBytes).toBe(0);
    expect(file.writeSync(Buffer.alloc(20_000, 'x'), 0, 20_000, 100)).toBe(3 * 4096 - 100);
    expect(device.usedBytes).toBe(3 * 4096);
    const full = expect.objectContaining({ code: 'ENOSPC' });
    expect(() => file.writeSync(Buffer.from('x'), 0, 1, 3 * 4096)).toThrow(full);
    expect(file.writeSync(Buffer.from('y'), 0, 1, 5)).toBe(1);
    write(device, 'b', '');
    const other = device.openSync('b', 'write');
    expect(() => other.writeSync(Buffer.alloc(1), 0, 1, 0)).toThrow(full);
    device.removeSync('a');
    expect(() => other.writeSync(Buffer.alloc(1), 0, 1, 0)).toThrow(full);
    file.closeSync();
    expect(other.writeSync(Buffer.alloc(1), 0, 1, 0)).toBe(1);
    expect(device.usedBytes).toBe(4096);
    device.setCapacity(4096);
    expect(() => other.writeSync(Buffer.alloc(1), 0, 1, 4096)).toThrow(full);
    expect(device.crash('everything').usedBytes).toBe(4096);
    other.closeSync();
    device.removeSync('b');
    expect(device.usedBytes).toBe(0);
  });

  it('counts written zeros as room, holes not, and frees room by truncation', () => {
    const device = new SimDevice({ capacityBytes: 1 << 20 });
    const file = device.openSync('a', 'create');
    file.writeSync(Buffer.alloc(8192), 0, 8192, 65536);
    expect(device.usedBytes).toBe(8192);
    file.truncateSync(65536 + 4096);
    expect(device.usedBytes).toBe(4096);
  });

  it('flips a bit for good', () => {
    const device = deviceWith('aaaa');
    write(device, 'a', 'b', 1);
    device.flipBit('a', 0, 1);
    device.flipBit('a', 1, 0);
    expect(read(device, 'a')).toBe('ccaa');
    expect(read(device.crash('everything'), 'a')).toBe('ccaa');
    expect(read(device.crash('nothing'), 'a').startsWith('c')).toBe(true);
    sync(device, 'a');
    expect(read(device.crash('nothing'), 'a')).toBe('ccaa');
    expect(() => device.flipBit('a', 4, 0)).toThrow(RangeError);
  });

  it('counts what was done, by file and in all', () => {
    const device = deviceWith('abc');
    write(device, 'b', 'xy');
    read(device, 'a');
    expect(device.counts('a')).toEqual({ reads: 1, readBytes: 3, writes: 1, writtenBytes: 3, syncs: 1 });
    expect(device.counts('b')).toEqual({ reads: 0, readBytes: 0, writes: 1, writtenBytes: 2, syncs: 0 });
    expect(device.counts()).toEqual({ reads: 1, readBytes: 3, writes: 2, writtenBytes: 5, syncs: 1 });
  });
});
