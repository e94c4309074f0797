/** Requests per second of a Node program: ioredis with autopipelining, so many requests in flight, half of them writes. */
import { Redis } from 'ioredis';

const value = 'x'.repeat(100);

export async function autopipelined(port, { keys, requests, inFlight }) {
  const client = new Redis({ port, enableAutoPipelining: true });
  await client.ping();
  let sent = 0;
  const worker = async () => {
    while (sent < requests) {
      const key = `key:${String((sent * 7919) % keys).padStart(12, '0')}`;
      if (sent++ % 2 === 0) await client.set(key, value);
      else await client.get(key);
    }
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  const opsPerSecond = requests / ((performance.now() - beganMs) / 1000);
  client.disconnect();
  return opsPerSecond;
}
