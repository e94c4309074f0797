/** Open a store, write one by one and in a batch, read back. */
import { Database } from '@ferrite/lite';

const db = Database.open({
  path: './sensor_data',
  mutableRegionSize: 64 * 1024 * 1024,
  readOnlyRegionSize: 256 * 1024 * 1024,
  enableFsync: true,
});

db.set('sensor:temp:latest', '22.5');
db.set('sensor:humidity:latest', '61.2');

const batch = db.batch();
for (let i = 0; i < 1000; i++) {
  batch.set(`reading:${i}`, JSON.stringify({ temp: 20 + i * 0.01, ts: i }));
}
batch.commit();

const value = db.get('sensor:temp:latest');
const entry = db.getEntry('sensor:temp:latest');
console.log(value);
console.log(entry?.value, entry?.tier, entry?.expiresAt);
db.close();
