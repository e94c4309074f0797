/**
 * Every step of a program's life with a store on disk, in any runtime; it prints "ok" only when all of it went well.
 * Copied into a project that has the packages installed.
 */
import { open as openCore } from '@ferrite/core';
import * as seam from '@ferrite/core/module';
import { Database, FerriteError, open } from '@ferrite/lite';

const check = (condition, what) => {
  if (!condition) throw new Error(`smoke: ${what}`);
};
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

check(open === openCore, 'lite passes the core on');
check(Object.keys(seam).length > 0, 'the module entry has exports');
await write();
await read();
await inMemory();
refusals();
console.log('ok');

async function write() {
  const db = open({ path: 'store', durability: 'always' });
  db.set('city', 'Seattle');
  db.set('bytes', new Uint8Array([0, 255, 10]));
  const batch = db.batch();
  for (let i = 0; i < 100; i++) batch.set(`reading:${String(i).padStart(3, '0')}`, String(i));
  batch.commit();
  db.set('large', 'x'.repeat(1_000_000));
  db.set('later over', '1', { ttlMs: 3_600_000 });
  check(db.get('city') === 'Seattle', 'get after set');
  db.set('soon over', '1', { ttlMs: 10 });
  check(db.get('missing') === undefined, 'a missing key is undefined');
  await db.setAsync('async', '1');
  await rest(50);
  check(db.get('soon over') === undefined, 'a key whose time is over');
  db.del('reading:050');
  db.close();
}

async function read() {
  const db = Database.open({ path: 'store' });
  check(db.get('city') === 'Seattle', 'get after reopening');
  check(Buffer.compare(db.getBuffer('bytes'), Buffer.from([0, 255, 10])) === 0, 'bytes after reopening');
  check(db.get('large') === 'x'.repeat(1_000_000), 'a large value after reopening');
  check(db.get('async') === '1', 'what was written asynchronously');
  check(db.getEntry('later over').expiresAt > Date.now(), 'a key whose time is not over');
  const readings = [...db.scanPrefix('reading:')];
  check(readings.length === 99, 'scan after reopening');
  check(
    readings.every(([key], at) => at === 0 || key > readings[at - 1][0]),
    'scan in order',
  );
  for (let i = 0; i < 20_000; i++) db.set(`many:${i}`, `value ${i}`);
  for (let i = 0; i < 20_000; i += 7) check(db.get(`many:${i}`) === `value ${i}`, `get ${i} of many`);
  await db.compact();
  check(db.get('many:19999') === 'value 19999', 'get after compaction');
  db.close();
}

async function inMemory() {
  const db = open();
  db.set('a', '1');
  check(db.get('a') === '1', 'a store in memory');
  db.close();
}

function refusals() {
  try {
    open({ path: 'store', colour: 'green' });
  } catch (error) {
    check(error instanceof FerriteError, `errors are FerriteErrors: ${error}`);
    return;
  }
  check(false, 'an unknown option is an error');
}
