/**
 * An edge node of a content network: sessions that end by themselves, a limit on requests for each client, and counts of
 * visitors, with 8 MB of memory and no disk. What is used least goes first when the memory is full.
 */
import { randomUUID } from 'node:crypto';
import { open } from '@ferrite/lite';

const REQUESTS_MAX = 3;
const WINDOW_MS = 60_000;
const SESSION_MS = 30 * 60_000;

const db = open({ maxMemory: '8mb', evictionPolicy: 'volatile-lru' });

function login(user: string): string {
  const id = randomUUID();
  db.hset(`session:${id}`, { user, pages: '0' });
  db.expire(`session:${id}`, SESSION_MS);
  return id;
}

/** Whose session it is; each use gives it another half hour. */
function userOf(id: string): string | undefined {
  const user = db.hget(`session:${id}`, 'user');
  if (user !== undefined) {
    db.hincrby(`session:${id}`, 'pages');
    db.expire(`session:${id}`, SESSION_MS);
  }
  return user;
}

/** At most so many requests of a client in a window of a minute: a counter that expires. */
function isAllowed(address: string): boolean {
  const key = `requests:${address}`;
  db.set(key, '0', { ttlMs: WINDOW_MS, ifAbsent: true });
  return db.incrBy(key) <= REQUESTS_MAX;
}

function answer(address: string, session: string): string {
  if (!isAllowed(address))
    return `429, try again within ${Math.ceil((db.ttl(`requests:${address}`) ?? 0) / WINDOW_MS)} min`;
  db.pfadd('visitors', address);
  const user = userOf(session);
  return user === undefined ? '401' : `200 hello ${user}`;
}

const session = login('ann');
for (let request = 1; request <= 4; request++) console.log('198.51.100.7:', answer('198.51.100.7', session));
console.log('203.0.113.9:', answer('203.0.113.9', 'a session that is over'));

console.log('pages of ann:', db.hget(`session:${session}`, 'pages'));
console.log('visitors:', db.pfcount('visitors'));
db.del(`session:${session}`);
console.log('after logout:', userOf(session) ?? 'nobody');
db.close();
