/**
 * A till's catalogue for offline sale: products as hashes, categories as sets, prices in order, texts to be found by their
 * beginnings. It is replaced as a whole while the shop sells on, and backed up.
 */
import { open } from '@ferrite/lite';

interface Product {
  name: string;
  cents: number;
  category: string;
}

const db = open('./catalogue');

/** All of the new catalogue or none of it: what is sold meanwhile is of one version. */
function replaceCatalogue(version: string, products: Record<string, Product>): void {
  for (const [number, { name, cents, category }] of Object.entries(products)) {
    db.hset(`${version}:product:${number}`, { name, cents: String(cents), category });
    db.sadd(`${version}:category:${category}`, number);
    db.zadd(`${version}:prices`, { [number]: cents });
    db.set(`${version}:name:${name}:${number}`, number);
  }
  const before = db.set('catalogue:version', version, { returnOld: true }).old;
  if (before === undefined) return;
  const batch = db.batch();
  for (const key of db.keys({ gte: `${before}:`, lt: `${before};` })) batch.del(key);
  batch.commit();
}

const now = (): string => db.get('catalogue:version') ?? 'none';
const nameOf = (number: string): string => db.hget(`${now()}:product:${number}`, 'name') ?? 'unknown';

replaceCatalogue('v1', {
  '0100': { name: 'apples', cents: 250, category: 'fruit' },
  '0200': { name: 'pears', cents: 310, category: 'fruit' },
});
replaceCatalogue('v2', {
  '0100': { name: 'apples', cents: 260, category: 'fruit' },
  '0150': { name: 'apricots', cents: 490, category: 'fruit' },
  '0300': { name: 'bread', cents: 380, category: 'bakery' },
});

// At the till: a number is scanned, a name is typed, a category is browsed, a price is asked for.
console.log('0150 is', db.hgetall(`${now()}:product:0150`));
console.log('ap...:', [...db.scanPrefix(`${now()}:name:ap`)].map(([, number]) => nameOf(number)).join(', '));
console.log('fruit:', [...db.smembers(`${now()}:category:fruit`)].sort().map(nameOf).join(', '));
console.log('below 4.00:', db.zrange(`${now()}:prices`, { by: 'score', lt: 400 }).map(nameOf).join(', '));

await db.backup('./catalogue-backup');
db.close();

const copy = open({ path: './catalogue-backup', readOnly: true });
console.log(`${copy.zcard(`${copy.get('catalogue:version')}:prices`)} products in the backup`);
copy.close();
