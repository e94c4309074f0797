import { expect, it } from 'vitest';
import { makeTestClient } from '../../test/test-client.ts';

it('TIME is in seconds and microseconds', () => {
  const [seconds, micros] = (makeTestClient().send('TIME') as string[]).map(Number);
  expect(Math.abs(seconds * 1000 + micros / 1000 - Date.now())).toBeLessThan(5000);
});

it('it is a master without replicas, and cannot become a replica', () => {
  const client = makeTestClient();
  expect(client.send('ROLE')).toEqual(['master', 0, []]);
  expect(client.send('REPLICAOF', 'no', 'ONE')).toBe('OK');
  expect(client.send('SLAVEOF', 'NO', 'ONE')).toBe('OK');
  expect(String(client.send('REPLICAOF', 'host', '70000'))).toContain('Invalid master port');
  expect(String(client.send('REPLICAOF', 'host', '6379'))).toContain('cannot be the replica');
});

it('there are no modules, and one user', () => {
  const client = makeTestClient();
  expect(client.send('MODULE', 'LIST')).toEqual([]);
  expect(String(client.send('MODULE', 'LOAD', '/x.so'))).toContain('ERR modules of redis cannot be loaded');
  expect(client.send('ACL', 'WHOAMI')).toBe('default');
  expect(client.send('ACL', 'USERS')).toEqual(['default']);
  expect(client.send('ACL', 'CAT')).toContain('hyperloglog');
  expect(client.send('ACL', 'CAT', 'hyperloglog')).toEqual(['pfadd', 'pfcount', 'pfmerge', 'pfdebug', 'pfselftest']);
  expect(String(client.send('ACL', 'CAT', 'none'))).toContain("Unknown category 'none'");
});

it('LOLWUT ends with the version', () => {
  const client = makeTestClient();
  expect(String(client.send('LOLWUT'))).toMatch(/\nRedis ver\. 7\.2\.\d+ \(Ferrite [\d.]+\)\n$/);
  expect(String(client.send('LOLWUT', 'VERSION', 'x'))).toContain('ERR value is not an integer');
});

it('MEMORY STATS and DOCTOR answer', () => {
  const client = makeTestClient();
  client.send('SET', 'a', '1');
  const stats = client.send('MEMORY', 'STATS') as unknown[];
  expect(stats[stats.indexOf('keys.count') + 1]).toBe(1);
  expect(Number(stats[stats.indexOf('dataset.bytes') + 1])).toBeGreaterThan(0);
  expect(client.send('MEMORY', 'DOCTOR')).toBe('No problem with memory was found.\n');
  expect(client.send('MEMORY', 'PURGE')).toBe('OK');
});
