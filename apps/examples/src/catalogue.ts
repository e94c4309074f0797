/** A shop's catalogue for offline work: replaced as a whole in one batch, listed in order, backed up while it is open. */
import { open } from '@ferrite/lite';

const db = open('./catalogue');

function replaceCatalogue(articles: Record<string, string>): void {
  const batch = db.batch();
  for (const key of db.keys({ gte: 'article:', lt: 'article;' })) batch.del(key);
  for (const [number, name] of Object.entries(articles)) batch.set(`article:${number}`, name);
  batch.commit();
}

replaceCatalogue({ '0100': 'apples', '0200': 'pears' });
replaceCatalogue({ '0100': 'apples', '0150': 'quinces', '0300': 'plums' });

for (const [key, name] of db.scanPrefix('article:')) console.log(key, name);
console.log([...db.range({ gte: 'article:01', lt: 'article:02', reverse: true })].map(([, name]) => name).join(', '));

await db.backup('./catalogue-backup');
db.close();

const copy = open({ path: './catalogue-backup', readOnly: true });
console.log(`${[...copy.scanPrefix('article:')].length} articles in the backup`);
copy.close();
