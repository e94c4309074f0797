/**
 * The loop of an IoT gateway: one timer collects, another uploads and deletes what has arrived.
 *
 * When the network is down, readings stay in Ferrite and go out when it returns; a burst spills to disk when the mutable
 * region is full. `COLLECTOR_URL` names the server that takes batches.
 */
import { Database } from '@ferrite/lite';

const db = Database.open({ path: '/var/lib/ferrite/gateway', mutableRegionSize: '32mb' });

const writer = db.clone();
const collecting = setInterval(() => {
  writer.set(`reading:${Date.now()}`, JSON.stringify(readSensor()));
}, 100);

const reader = db.clone();
const uploading = setInterval(async () => {
  const readings = [...reader.scanPrefix('reading:')];
  if (readings.length === 0) return;
  try {
    await uploadBatch(readings);
    for (const [key] of readings) reader.del(key);
  } catch (error) {
    console.error(`Upload failed: ${error}, retrying`);
  }
}, 60_000);

process.on('SIGINT', () => {
  clearInterval(collecting);
  clearInterval(uploading);
  db.close();
});

/** Stands for a driver. The number tells readings apart, so that a missing one would be noticed. */
function readSensor(): { number: number; celsius: number } {
  const number = writer.incrBy('readings:taken');
  return { number, celsius: 20 + Math.sin(number / 60) };
}

async function uploadBatch(readings: [string, string][]): Promise<void> {
  const url = process.env.COLLECTOR_URL ?? 'http://localhost:8080';
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(readings) });
  if (!response.ok) throw new Error(`the collector answered ${response.status}`);
}
