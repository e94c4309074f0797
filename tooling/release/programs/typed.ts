/**
 * Uses the types as a strict TypeScript program does; `skipLibCheck` is off, so that the declarations are checked.
 * Copied into a project that has the packages installed; it is never run.
 */
import { Database, type OpenOptions, open } from '@ferrite/lite';

interface Reading {
  celsius: number;
}
const options: OpenOptions<Reading> = { codec: 'json', durability: 'interval', mutableRegionSize: '8mb' };
const db: Database<Reading> = open(options);
db.set('a', { celsius: 20 });
const celsius: number | undefined = db.get('a')?.celsius;
for (const [key, value] of db.scanPrefix('a')) console.log(key.length, value.celsius, celsius);
// @ts-expect-error: a reading is not a string
db.set('a', 'warm');
db.close();
const bytes: Buffer | undefined = open({ codec: 'buffer' }).get('a');
const parsed: unknown = open({ codec: 'json' }).get('a');
const text: string | undefined = Database.open('store').get('a');
// @ts-expect-error: what JSON gives is not known to be a text
const wrong: string | undefined = Database.open({ codec: 'json' }).get('a');
const dates = open({
  codec: { encode: (date: Date) => date.toISOString(), decode: (bytes) => new Date(String(bytes)) },
});
const date: Date | undefined = dates.get('a');
const inferred: Database<Reading> = open({ codec: 'json' });
console.log(bytes, parsed, text, wrong, date, inferred);
