/** At most so many requests per client and window: counters that expire, in a store that lives in memory only. */
import { open } from '@ferrite/lite';

const requestsMax = 3;
const windowMs = 60_000;

const db = open({ maxMemory: '8mb', evictionPolicy: 'volatile-ttl' });

function isAllowed(client: string): boolean {
  const key = `requests:${client}`;
  db.set(key, '0', { ttlMs: windowMs, ifAbsent: true });
  return db.incrBy(key) <= requestsMax;
}

for (let request = 1; request <= 5; request++) console.log(`ann ${request}: ${isAllowed('ann') ? 'yes' : 'no'}`);
console.log(`bob 1: ${isAllowed('bob') ? 'yes' : 'no'}`);
console.log(`ann may come back within ${Math.ceil((db.ttl('requests:ann') ?? 0) / windowMs)} min`);
db.close();
