/** Generic commands: what cannot be compared with redis by its replies alone, and events. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import type { Call } from './call.ts';
import { makeTestClient, makeTestInstance, type TestInstance } from '../../test/test-client.ts';

const LARGE = 'large '.repeat(50_000);

/** Commands, and the events they make: `database:event key`. */
function eventsOf(test: TestInstance): string[] {
  const events: string[] = [];
  test.instance.keyChanged = (call?: Call, _kind?: string, event?: string) => {
    events.push(`${call?.session.database}:${event} ${call?.store.key.copy().toString()}`);
  };
  return events;
}

describe('keyspace events', () => {
  it('name the key, its database and what was done', () => {
    const test = makeTestInstance();
    const client = test.connect();
    client.send('SET', 'a', 1);
    const events = eventsOf(test);
    const made = (...command: (string | number)[]) => {
      events.length = 0;
      client.send(...command);
      return [...events];
    };
    expect(made('RENAME', 'a', 'b')).toEqual(['0:rename_from a', '0:rename_to b']);
    expect(made('COPY', 'b', 'c', 'DB', 3)).toEqual(['3:copy_to c']);
    expect(made('MOVE', 'b', 5)).toEqual(['0:move_from b', '5:move_to b']);
    client.send('SELECT', 5);
    expect(made('EXPIRE', 'b', 100)).toEqual(['5:expire b']);
    expect(made('PERSIST', 'b')).toEqual(['5:persist b']);
    expect(made('PERSIST', 'b')).toEqual([]);
    expect(made('EXPIRE', 'b', -1)).toEqual(['5:del b']);
    client.send('SET', 'x', 1);
    client.send('SET', 'y', 1);
    const payload = client.send('DUMP', 'x') as string;
    expect(made('RESTORE', 'z', 0, payload)).toEqual(['5:restore z']);
    expect(made('UNLINK', 'x', 'none', 'y')).toEqual(['5:del x', '5:del y']);
    expect(made('TOUCH', 'z', 'none')).toEqual([]);
  });
});

describe('a time beyond what a record can hold', () => {
  it('is taken as the last one that it can', () => {
    const client = makeTestClient();
    const last = 2 ** 48 - 1;
    client.send('SET', 'a', 1);
    for (const [command, time] of [
      ['EXPIREAT', '9223372036854775'],
      ['PEXPIREAT', '9223372036854775807'],
      ['PEXPIRE', '9007199254740992'],
      ['EXPIRE', last],
    ] as const) {
      expect(client.send(command, 'a', time)).toBe(1);
      expect(client.send('PEXPIRETIME', 'a')).toBe(last);
      client.send('PERSIST', 'a');
    }
  });
});

describe('large values', () => {
  it('move to another key and database without being written again, and are gone with it', () => {
    const { connect, driven } = makeTestInstance();
    const client = connect();
    client.send('SET', 'a', LARGE);
    client.send('EXPIRE', 'a', 1000);
    client.send('SET', 'b', `other ${LARGE}`);
    const before = driven.store.log.tail;
    expect(client.send('RENAME', 'a', 'b')).toBe('OK');
    expect(driven.store.log.tail - before).toBeLessThan(100);
    expect([client.send('EXISTS', 'a'), client.send('GET', 'b')]).toEqual([0, LARGE]);
    expect(client.send('TTL', 'b')).toBeGreaterThan(990);
    expect(client.send('MOVE', 'b', 9)).toBe(1);
    client.send('SELECT', 9);
    expect(client.send('GET', 'b')).toBe(LARGE);
    expect(client.send('COPY', 'b', 'c')).toBe(1);
    expect(client.send('DEL', 'b')).toBe(1);
    expect(client.send('GET', 'c')).toBe(LARGE);
    expect(client.send('DUMP', 'c')).toHaveLength((client.send('DUMP', 'c') as string).length);
    client.send('FLUSHALL');
    expect([...driven.store.large.all()]).toEqual([]);
  });
});

describe('MEMORY USAGE', () => {
  it.each([
    ['small values', 20, 1],
    ['values of a kilobyte', 1000, 1],
    ['large values', 200_000, 1],
    ['keys with an expiry', 100, 0],
  ])('is within a tenth of what is held: %s', (_, length, isPersistent) => {
    // In a small page there is no room for a chunk more at its end: that is no key's either.
    const { connect, driven } = makeTestInstance({ pageSize: '1mb' });
    const client = connect();
    const { store } = driven;
    const held = () => (store.pages?.usedBytes ?? 0) + store.tableBytes + store.wheel.bytesHeld + store.large.bytesHeld;
    const count = Math.ceil(20_000_000 / (length + 60));
    const before = held();
    let told = 0;
    for (let i = 0; i < count; i++) {
      client.send('SET', `key:${i}`, 'x'.repeat(length));
      if (!isPersistent) client.send('EXPIRE', `key:${i}`, 100_000);
      told += client.send('MEMORY', 'USAGE', `key:${i}`) as number;
    }
    // What an expiry makes of a record leaves garbage: it is no key's.
    const garbage = (store.pages?.deadUnits ?? 0) * 8;
    expect(told / (held() - before - garbage)).toBeGreaterThan(0.9);
    expect(told / (held() - before - garbage)).toBeLessThan(1.1);
  });
});

describe('commands about the device', () => {
  it('begin in the background, after the transaction that they are in', async () => {
    const client = makeTestInstance({}, { device: new SimDevice() }).connect();
    client.send('MULTI');
    client.send('BGSAVE');
    client.send('BGREWRITEAOF');
    expect(client.send('EXEC')).toEqual([
      'Background saving scheduled',
      'Background append only file rewriting scheduled',
    ]);
    const other = makeTestInstance({}, { device: new SimDevice() }).connect();
    expect(other.send('BGSAVE')).toBe('Background saving started');
    expect(other.send('BGREWRITEAOF')).toBe('Background append only file rewriting started');
    await other.settled();
  });

  it('refuse what a store in memory cannot do', () => {
    const client = makeTestClient();
    for (const command of ['SAVE', 'BGSAVE', 'BGREWRITEAOF']) {
      expect(client.send(command)).toMatchObject({ message: expect.stringMatching(/kept in memory only/) });
    }
    expect(client.send('WAITAOF', 1, 0, 0)).toMatchObject({ message: expect.stringMatching(/appendonly is disabled/) });
    expect(client.send('WAITAOF', 0, 0, 0)).toEqual([0, 0]);
    expect(client.send('WAIT', 0, 100)).toBe(0);
    expect(client.send('LASTSAVE')).toBeGreaterThan(1_600_000_000);
  });
});

describe('OBJECT', () => {
  it('tells how long a key was not used, and how often it was', async () => {
    const client = makeTestClient({ maxMemory: '16mb', evictionPolicy: 'allkeys-lfu' });
    client.send('SET', 'a', 1);
    for (let i = 0; i < 500; i++) client.send('GET', 'a');
    expect(client.send('OBJECT', 'FREQ', 'a')).toBeGreaterThan(5);
    expect(client.send('OBJECT', 'IDLETIME', 'a')).toMatchObject({ message: expect.stringMatching(/^ERR An LFU/) });
    const other = makeTestClient();
    other.send('SET', 'a', 1);
    const payload = other.send('DUMP', 'a') as string;
    other.send('RESTORE', 'b', 0, Buffer.from(payload, 'latin1'), 'IDLETIME', 1000);
    expect(other.send('OBJECT', 'IDLETIME', 'b')).toBeGreaterThanOrEqual(1000);
    for (const command of [['TTL'], ['TYPE'], ['EXISTS'], ['OBJECT', 'ENCODING']]) other.send(...command, 'b');
    expect(other.send('OBJECT', 'IDLETIME', 'b')).toBeGreaterThanOrEqual(1000);
    other.send('TOUCH', 'b');
    expect(other.send('OBJECT', 'IDLETIME', 'b')).toBe(0);
  });

  it('a key that gets another value keeps its count of uses', () => {
    const client = makeTestClient({ maxMemory: '16mb', evictionPolicy: 'allkeys-lfu' });
    client.send('CONFIG', 'SET', 'lfu-log-factor', '0');
    client.send('SET', 'a', 'x');
    for (let i = 0; i < 20; i++) client.send('GET', 'a');
    client.send('SET', 'a', 'much longer than before, so that it takes another record '.repeat(20));
    expect(client.send('OBJECT', 'FREQ', 'a')).toBeGreaterThan(20);
  });

  it('says that with a disk nothing is noted, when an LFU policy is selected', async () => {
    const clock = new SimClock();
    const client = makeTestInstance({}, { device: new SimDevice({ clock }), clock }).connect();
    client.send('SET', 'a', 1);
    await client.settled();
    const freq = () => client.send('OBJECT', 'FREQ', 'a');
    expect(freq()).toMatchObject({ message: expect.stringMatching(/^ERR An LFU maxmemory policy is not selected/) });
    client.send('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    expect(freq()).toMatchObject({ message: expect.stringMatching(/^ERR Access frequency is not tracked/) });
  });
});
