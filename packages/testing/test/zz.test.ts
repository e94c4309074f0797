import { test } from 'vitest';
import * as d from './damaged-stores.ts';
import { SimDevice } from '@ferrite/testing';
test('x', () => {
  const plain = d.makePlainStore(0);
  const dev = d.copyOf(plain.device);
  console.log(d.bytesOf(dev, 'main-00000001.seg').subarray(0, 256).toString('hex').replace(/(.{16})/g, '$1\n'));
  dev.flipBit('main-00000001.seg', 130, 3);
  const o = d.openSample(dev);
  console.log(o.db.stats().recovery);
});
test('y', () => {
  const device = new SimDevice();
  const writer = new d.Writer(d.openSample(device));
  for (let i = 0; i < 5; i++) writer.set(`key:${i}`, `value ${i}`);
  writer.driven.db.close();
  const sample = { device, expected: writer.expected, history: writer.history };
  const c = d.copyOf(device); c.removeSync('main-00000001.seg');
  const o = d.openSample(c, { recovery: 'salvage' }); console.log(o.db.stats().recovery, c.listSync()); o.db.close(); console.log(c.listSync());
  try { const p = d.openSample(c); console.log(p.db.stats().recovery); console.log([...p.db.entries()]) } catch (e) { console.log(e) }
});
