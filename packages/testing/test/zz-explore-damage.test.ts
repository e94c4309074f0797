import { test } from 'vitest';
import { makePlainStore, makeCompactedStore, copyOf, readDamaged, useDamaged, salvageDamaged, storeFiles, usedOffsets } from './damaged-stores.ts';
test('explore', () => {
  for (const [name, sample] of [['plain0', makePlainStore(0)], ['plain2', makePlainStore(2)], ['compacted', makeCompactedStore()]] as const) {
    const files = storeFiles(sample.device);
    const tally: Record<string, number> = {};
    const t0 = Date.now(); let n = 0;
    for (const f of files) for (const o of usedOffsets(sample.device, f)) {
      n++;
      for (const [label, fn] of [['read', readDamaged], ['use', useDamaged], ['salvage', salvageDamaged]] as const) {
      const copy = copyOf(sample.device);
      const bit = process.env.BIT ? Number(process.env.BIT) : (o * 7 + n) % 8;
      copy.flipBit(f, o, bit);
      let r;
      try { r = fn(sample, copy); } catch (e) { r = 'BAD ' + (e as Error).message.slice(0, 100).replace(/\d+/g, 'N'); if ((tally[`${f} ${label} ${r}`] ?? 0) < 1) console.log(name, f, o, bit, (e as Error).stack?.slice(0, 900)); }
      tally[`${f} ${label} ${r}`] = (tally[`${f} ${label} ${r}`] ?? 0) + 1;
      }
    }
    console.log(n, Date.now() - t0, tally);
  }
}, 600000);
