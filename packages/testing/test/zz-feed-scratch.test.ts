/** scratch */
import { type FerriteError, openDriven, Prng } from '@ferrite/core/module';
import { SimClock, SimDevice } from '@ferrite/testing';
import { expect, test } from 'vitest';
const PAGE = 128 * 1024;
test.each(Array.from({ length: 24 }, (_, i) => i + 1))('fuzz %i', async (seed) => {
  const prng = new Prng(seed);
  const clock = new SimClock();
  const device = new SimDevice({ clock, seed });
  const maxDisk = PAGE * (16 + prng.nextBelow(100));
  const durability = (['everysec', 'always', 'interval', 'none'] as const)[seed % 4];
  const policy = (['allkeys-lru', 'noeviction', 'allkeys-random', 'noeviction'] as const)[prng.nextBelow(4)];
  const segmentPages = 1 + prng.nextBelow(Math.max(1, Math.floor(maxDisk / PAGE / 32)));
  const make = () => openDriven<string>({ pageSize: PAGE, mutableRegionSize: '256kb', readOnlyRegionSize: '512kb', maxDisk, durability, evictionPolicy: policy }, { device, clock, prng, segmentMinBytes: PAGE, segmentMaxBytes: PAGE * segmentPages });
  let d = make();
  const keys = 20 + prng.nextBelow(8000);
  const size = 20 + prng.nextBelow(3000);
  let worst = 0, full = 0, wrote = 0;
  const starved = prng.nextBelow(2) === 0;
  for (let i = 0; i < 8000; i++) {
    const k = () => `k${prng.nextBelow(keys)}`;
    const v = () => 'x'.repeat(prng.nextBelow(size * 2));
    try {
      const what = prng.nextBelow(100);
      if (what < 70) d.db.set(k(), v());
      else if (what < 80) { const b = d.db.batch(); for (let j = prng.nextBelow(60); j >= 0; j--) b.set(k(), v()); b.commit(); }
      else if (what < 81) d.db.set(k(), 'L'.repeat(prng.nextBelow(400000)));
      else if (what < 90) d.db.del(k());
      else d.db.expire(k(), 100000);
      wrote++;
    } catch (error) { expect((error as FerriteError).code).toBe('FERRITE_DISK_FULL'); full++; }
    clock.advance(1);
    if (!starved && i % 20 === 0) { d.tick(); for (let j = 0; j < 10 && d.step(); j++); await new Promise((r) => setImmediate(r)); }
    if (i % 2000 === 1999) { d.db.close(); d = make(); }
    if (i % 8 === 0) { let bytes = 0; for (const n of device.listSync()) { const f = device.openSync(n, 'read'); bytes += f.sizeSync(); f.closeSync(); } worst = Math.max(worst, bytes); }
  }
  const s = d.db.stats();
  console.log(seed, durability, policy, 'pages', maxDisk / PAGE, 'seg', segmentPages, starved ? 'starved' : '', 'worst', (worst / maxDisk).toFixed(3), 'wrote', wrote, 'full', full, 'keys', s.keys, 'ev', s.evicted, 'live', ((s.bytes.files - s.bytes.dead) / maxDisk).toFixed(2));
  expect(worst).toBeLessThanOrEqual(maxDisk);
});
