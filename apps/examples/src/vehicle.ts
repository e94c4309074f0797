/**
 * A vehicle's computer: map tiles and configuration on flash, charging points around it, positions on the road. It starts
 * without a network, and power may go at any moment: then the last second of the track is lost, and nothing else.
 */
import { type Database, open } from '@ferrite/lite';

// For flash that must last: what changes often is written once a second, and the disk has a limit.
const db = open({
  path: './vehicle',
  preset: 'small',
  durability: 'interval',
  commitIntervalMs: 1000,
  maxDisk: '64mb',
  evictionPolicy: 'volatile-random',
});

/** Tiles have an expiry, so they are what may go when the disk is full: they can be fetched again. */
function keepTile(zoom: number, x: number, y: number, image: Uint8Array): void {
  db.set(`tile:${zoom}:${x}:${y}`, image, { ttlMs: 90 * 24 * 3_600_000 });
}

/** How many tiles of a square of the map are there. */
function tilesAround(store: Database, zoom: number, x: number, y: number): number {
  const keys: string[] = [];
  for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) keys.push(`tile:${zoom}:${x + dx}:${y + dy}`);
  return store.getMany(keys).filter((tile) => tile !== undefined).length;
}

/** A configuration is taken over as a whole, and survives a power cut from here on. */
async function configure(settings: Record<string, string>): Promise<void> {
  const batch = db.batch();
  for (const [name, value] of Object.entries(settings)) batch.set(`config:${name}`, value);
  await batch.commitAsync();
  await db.commit();
}

for (let x = 0; x < 8; x++) for (let y = 0; y < 8; y++) keepTile(14, x, y, Buffer.alloc(4096, x * 8 + y));
await configure({ language: 'de', 'speed-warning': '130', 'voice-volume': '7' });

db.geoadd('charging', {
  Alexanderplatz: { longitude: 13.4132, latitude: 52.5219 },
  Tempelhof: { longitude: 13.3857, latitude: 52.4707 },
  Potsdam: { longitude: 13.0645, latitude: 52.3906 },
});

// On the road: where it is goes into a stream that keeps the last thousand positions.
const track = [
  [13.3777, 52.5163],
  [13.3801, 52.5102],
  [13.3835, 52.5011],
];
for (const [longitude, latitude] of track) {
  db.xadd('track', { longitude: String(longitude), latitude: String(latitude) }, { maxLength: 1000 });
}
db.close();

// After the next start everything is there at once.
const again = open('./vehicle');
const here = again.xrevrange('track', '+', '-', 1)[0].fields;
const nearest = again.geosearch('charging', {
  longitude: Number(here.get('longitude')),
  latitude: Number(here.get('latitude')),
  radius: 10,
  unit: 'km',
  count: 2,
});
console.log([...again.scanPrefix('config:')].map((pair) => pair.join('=')).join(' '));
console.log(`${tilesAround(again, 14, 3, 5)} tiles around 3/5, of ${again.getBuffer('tile:14:3:5')?.length} bytes`);
console.log(nearest.map(({ member, distance }) => `${member} ${distance.toFixed(1)} km`).join(', '));
console.log(`${again.xlen('track')} positions`);
again.close();
