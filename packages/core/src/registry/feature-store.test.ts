import { afterEach, beforeEach, expect, it } from 'vitest';
import { SocketClient } from '../../test/socket-client.ts';
import { type Database, open } from '../embedded/database.ts';
import { type Served, serve } from '../server.ts';
import { defineFeature } from './feature.ts';
import type { FeatureStore } from './feature-store.ts';

/** Counts how often names are called, in data of its own. */
const tally = defineFeature({
  name: 'tally',
  version: '1.0.0',
  setup: (context): FeatureStore => {
    const counts = context.store('counts');
    const doc = { summary: 'Counts.', since: '1.0.0' };
    context.command({
      name: 'tally.add',
      arity: 2,
      flags: ['write', 'denyoom'],
      doc,
      run: (call) => {
        const count = Number(counts.get(call.viewOf(1)) ?? 0) + 1;
        counts.set(call.viewOf(1), String(count), { call });
        call.reply.integer(count);
      },
    });
    context.command({
      name: 'tally.forgetful',
      arity: 1,
      flags: ['write'],
      doc,
      run: () => counts.set('a', '1'),
    });
    context.command({
      name: 'tally.sly',
      arity: 1,
      flags: ['readonly'],
      doc,
      run: (call) => counts.set('a', '1', { call }),
    });
    return counts;
  },
});

let db: Database<string, { readonly tally: FeatureStore }>;
let served: Served;
let client: SocketClient;

beforeEach(async () => {
  db = open({ features: [tally()], maxMemory: '4mb', evictionPolicy: 'allkeys-random' });
  served = await serve(db, { port: 0 });
  client = await SocketClient.connect(served.port);
});

afterEach(async () => {
  client.destroy();
  await served.close();
  db.close();
});

it('commands write it as part of themselves, and of transactions', async () => {
  expect(await client.call('TALLY.ADD', 'x')).toBe(1);
  await client.call('MULTI');
  await client.call('TALLY.ADD', 'x');
  await client.call('SET', 'k', 'v');
  expect(await client.call('EXEC')).toEqual([2, 'OK']);
  expect(db.features.tally.get('x')?.toString()).toBe('2');
});

it('no command of keys meets it, and no flush or swap takes it', async () => {
  for (const name of ['x', 'y']) await client.call('TALLY.ADD', name);
  expect(await client.call('DBSIZE')).toBe(0);
  expect(await client.call('KEYS', '*')).toEqual([]);
  expect(await client.call('SCAN', '0', 'COUNT', '1000')).toEqual(['0', []]);
  expect(await client.call('RANDOMKEY')).toBe(null);
  await client.call('SWAPDB', '0', '3');
  expect(await client.call('FLUSHALL')).toBe('OK');
  await client.call('SET', 'k', 'v');
  expect(await client.call('FLUSHALL')).toBe('OK');
  expect(await client.call('TALLY.ADD', 'x')).toBe(2);
  expect(await client.call('INFO', 'keyspace')).not.toMatch(/db/);
});

it('it is never evicted', async () => {
  for (let i = 0; i < 50; i++) await client.call('TALLY.ADD', `name ${i}`);
  for (let i = 0; i < 300; i++) db.set(`k${i}`, 'x'.repeat(30_000));
  expect(db.stats().evicted).toBeGreaterThan(0);
  expect(db.features.tally.entries()).toHaveLength(50);
});

it('who writes within a command says which, and the command says that it writes', async () => {
  await expect(client.call('TALLY.FORGETFUL')).resolves.toMatchObject({
    message: expect.stringContaining('writes within a command: name its call'),
  });
  await expect(client.call('TALLY.SLY')).resolves.toMatchObject({
    message: expect.stringContaining("the command 'tally.sly' writes, and needs the flag 'write'"),
  });
  expect(db.features.tally.has('a')).toBe(false);
});
