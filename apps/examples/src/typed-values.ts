/** Values as objects through a codec, and a change that is only made if nobody else changed the value meanwhile. */
import { open } from '@ferrite/lite';

interface Settings {
  celsiusMax: number;
  owner: string;
}

const db = open<Settings>({ path: './settings', codec: 'json' });
db.set('boiler', { celsiusMax: 70, owner: 'kitchen' });

const seen = db.getEntry('boiler');
if (seen === undefined) throw new Error('the boiler has no settings');

// Somebody else is faster.
db.set('boiler', { ...seen.value, owner: 'workshop' });

const written = db.set('boiler', { ...seen.value, celsiusMax: 65 }, { ifVersion: seen.version });
console.log(written ? 'changed' : 'somebody was faster');
console.log(db.get('boiler'));
db.close();
