import { describe, expect, it } from 'vitest';
import { SimClock, SimDevice } from '@ferrite/testing';
import { errorOf, makeTestInstance, TestClient, type TestInstance } from '../../test/test-client.ts';
import { configOf } from './config-effects.ts';
import { loadConfig } from './config-load.ts';
import { Instance } from './instance.ts';

const MB = 1024 * 1024;
const MODES = ['always', 'everysec', 'written', 'interval', 'none'];

function set(client: TestClient, ...pairs: string[]): void {
  expect(client.send('CONFIG', 'SET', ...pairs)).toBe('OK');
}

describe('CONFIG SET changes at once', () => {
  it('maxmemory and maxmemory-policy', () => {
    const { driven, connect } = makeTestInstance();
    const client = connect();
    set(client, 'maxmemory', '2mb', 'maxmemory-policy', 'allkeys-random');
    const fill = (): unknown[] => Array.from({ length: 6000 }, (_, i) => client.send('SET', `k${i}`, 'v'.repeat(400)));
    expect(fill().at(-1)).toBe('OK');
    const { evicted } = driven.store.counters;
    expect(evicted).toBeGreaterThan(1000);
    set(client, 'maxmemory', '0', 'maxmemory-policy', 'noeviction');
    expect(fill().at(-1)).toBe('OK');
    expect(driven.store.counters.evicted).toBe(evicted);
  });

  it('a lower maxmemory lets keys go at once, all of them if need be', async () => {
    const { driven, connect } = makeTestInstance();
    const client = connect();
    for (let i = 0; i < 200; i++) client.send('SET', `k${i}`, 'v');
    set(client, 'maxmemory', '1');
    await client.settled();
    expect(client.send('DBSIZE')).toBe(200);
    set(client, 'maxmemory-policy', 'allkeys-lru');
    for (let i = 0; i < 5; i++) await client.settled();
    expect(client.send('DBSIZE')).toBe(0);
    expect(driven.store.counters.evicted).toBe(200);
  });

  it('maxmemory-samples: the more are looked at, the older is the key that goes', () => {
    const idleOf = (samples: string): number => {
      const clock = new SimClock();
      const test = makeTestInstance({}, { clock });
      const client = test.connect();
      set(client, 'maxmemory-policy', 'allkeys-lru', 'maxmemory-samples', samples);
      for (let i = 0; i < 2000; i++) {
        clock.advance(1000);
        client.send('SET', `${i}`, 'v'.repeat(100));
      }
      set(client, 'maxmemory', String(MB));
      for (let i = 0; i < 2000; i++) client.send('SET', `new${i}`, 'v'.repeat(1000));
      return Array.from({ length: 1000 }, (_, i) => client.send('EXISTS', `${i}`)).filter((found) => found === 1)
        .length;
    };
    expect(idleOf('32')).toBeLessThanOrEqual(idleOf('1'));
  });

  it('lfu-log-factor and lfu-decay-time', () => {
    const clock = new SimClock();
    const client = makeTestInstance({}, { clock }).connect();
    set(client, 'maxmemory-policy', 'allkeys-lfu', 'lfu-log-factor', '0', 'lfu-decay-time', '0');
    client.send('SET', 'k', 'v');
    for (let i = 0; i < 100; i++) client.send('GET', 'k');
    expect(client.send('OBJECT', 'FREQ', 'k')).toBeGreaterThan(100);
    clock.advance(3_600_000);
    expect(client.send('OBJECT', 'FREQ', 'k')).toBeGreaterThan(100);
    set(client, 'lfu-decay-time', '1');
    expect(client.send('OBJECT', 'FREQ', 'k')).toBeLessThan(60);
  });

  it('requirepass, for clients that come later', () => {
    const test = makeTestInstance();
    const client = test.connect();
    set(client, 'requirepass', 's\xe9cret "x"');
    expect(client.send('PING')).toBe('PONG');
    const late = test.connect();
    expect(errorOf(late.send('PING'))).toMatch(/^NOAUTH/);
    expect(late.send('AUTH', 's\xe9cret "x"')).toBe('OK');
    set(client, 'requirepass', '');
    expect(test.connect().send('PING')).toBe('PONG');
  });

  it('proto-max-bulk-len, also for clients that are there', () => {
    const client = makeTestInstance().connect();
    set(client, 'proto-max-bulk-len', '1mb');
    const replies = client.sendBytes(Buffer.from(`*2\r\n$4\r\nECHO\r\n$${MB + 1}\r\n`));
    expect(errorOf(replies[0])).toMatch(/invalid bulk length/);
  });

  it('notify-keyspace-events', () => {
    const test = makeTestInstance();
    const listener = test.connect();
    listener.send('SUBSCRIBE', '__keyevent@0__:set');
    listener.received();
    const client = test.connect();
    client.send('SET', 'a', '1');
    set(client, 'notify-keyspace-events', 'E$');
    client.send('SET', 'b', '1');
    expect(listener.received()).toEqual([['message', '__keyevent@0__:set', 'b']]);
    expect(test.instance.notifications.flagsText).toBe('$E');
  });

  it('min-replicas-to-write: there are no replicas, so that no write is taken', () => {
    const test = makeTestInstance();
    const client = test.connect();
    client.send('SET', 'a', '1');
    client.send('MULTI');
    client.send('SET', 'a', '3');
    set(test.connect(), 'min-replicas-to-write', '1');
    expect(errorOf(client.send('EXEC'))).toMatch(/^EXECABORT .*NOREPLICAS/);
    expect(errorOf(client.send('SET', 'a', '2'))).toBe('NOREPLICAS Not enough good replicas to write.');
    expect(client.send('GET', 'a')).toBe('1');
    set(client, 'min-slaves-to-write', '0');
    expect(client.send('SET', 'a', '2')).toBe('OK');
  });

  it('tracking-table-max-keys', () => {
    const { instance, connect } = makeTestInstance();
    set(connect(), 'tracking-table-max-keys', '7');
    expect(instance.tracking.keysMax).toBe(7);
  });

  it('the thresholds of SLOWLOG and LATENCY', () => {
    const { instance, connect } = makeTestInstance();
    const client = connect();
    set(client, 'slowlog-log-slower-than', '-1', 'slowlog-max-len', '5', 'latency-monitor-threshold', '9');
    const { slowLog, latency } = instance;
    expect([slowLog.thresholdMicros, slowLog.lengthMax, latency.thresholdMs]).toEqual([-1, 5, 9]);
  });

  it('but not where the store is', () => {
    const { instance, connect } = makeTestInstance();
    instance.config.assign('enable-protected-configs', 'yes');
    expect(errorOf(connect().send('CONFIG', 'SET', 'dir', '/'))).toMatch(
      /'dir'\) - the store stays where it was opened/,
    );
  });
});

it('a server may have fewer databases than sixteen', () => {
  const { instance, connect } = makeTestInstance();
  instance.config.assign('databases', '3');
  const client = connect();
  client.send('SET', 'a', '1');
  expect(client.send('SELECT', 2)).toBe('OK');
  for (const words of [
    ['SELECT', 3],
    ['SWAPDB', 0, 3],
  ]) {
    expect(errorOf(client.send(...words))).toMatch(/DB index is out of range/);
  }
});

it('a command that was renamed is known by its new name only, and not at all if that is empty', () => {
  const { store } = makeTestInstance().driven;
  const config = configOf(store);
  const text = 'rename-command GET Fetch\nrename-command flushall ""\nrename-command set get';
  loadConfig(config, ['f'], { readFile: () => text, readInput: () => '' });
  const client = new TestClient(new Instance(store, config));
  expect(client.send('GET', 'k', 'v')).toBe('OK');
  expect(client.send('FETCH', 'k')).toBe('v');
  for (const name of ['SET', 'FLUSHALL']) expect(errorOf(client.send(name, 'k', 'v'))).toMatch(/^ERR unknown command/);
});

describe('durability', () => {
  interface Disk extends TestInstance {
    clock: SimClock;
    device: SimDevice;
    client: TestClient;
  }

  function openDisk(device: SimDevice = new SimDevice({ clock: new SimClock() })): Disk {
    const { clock } = device;
    const test = makeTestInstance({}, { device, clock });
    return { ...test, clock, device, client: test.connect() };
  }

  /** The keys that are there after the machine lost power, or the process was killed. */
  function keysAfter(disk: Disk, model: 'power' | 'kill'): unknown {
    const device = disk.device.crash(model === 'kill' ? 'everything' : 'nothing');
    const { client } = openDisk(device);
    return client.send('KEYS', '*');
  }

  it.each(MODES.flatMap((from) => MODES.filter((to) => to !== from).map((to) => [from, to])))(
    'goes from %s to %s, and what was acknowledged before is durable',
    async (from, to) => {
      const disk = openDisk();
      const { client } = disk;
      if (from !== 'everysec') set(client, 'durability', from);
      client.send('SET', 'before', '1');
      await client.settled();
      set(client, 'durability', to);
      expect(client.send('CONFIG', 'GET', 'durability')).toEqual(['durability', to]);
      expect(keysAfter(disk, 'power')).toEqual(['before']);
      client.send('SET', 'after', '1');
      const replies = await client.settled();
      const isHeld = to !== 'interval' && to !== 'none';
      expect(replies).toEqual(isHeld ? ['OK'] : []);
      if (isHeld) expect((keysAfter(disk, 'kill') as string[]).sort()).toEqual(['after', 'before']);
      if (to === 'always') expect((keysAfter(disk, 'power') as string[]).sort()).toEqual(['after', 'before']);
    },
  );

  it('written is never synced by time, everysec is', async () => {
    for (const [mode, syncs] of [
      ['written', 0],
      ['everysec', 1],
    ] as const) {
      const disk = openDisk();
      if (mode !== 'everysec') set(disk.client, 'durability', mode);
      const before = disk.device.counts().syncs;
      disk.client.send('SET', 'k', '1');
      await disk.client.settled();
      for (let i = 0; i < 50; i++) {
        disk.clock.advance(100);
        disk.driven.tick();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(disk.device.counts().syncs - before > 0 ? 1 : 0, mode).toBe(syncs);
    }
  });

  it("is what redis's appendonly and appendfsync mean, and they show it", () => {
    const { client, instance } = openDisk();
    const shown = (): string =>
      ['appendonly', 'appendfsync', 'durability'].map((name) => instance.config.find([name])[0][1]).join(' ');
    expect(shown()).toBe('yes everysec everysec');
    set(client, 'appendfsync', 'always');
    expect(shown()).toBe('yes always always');
    set(client, 'appendonly', 'no');
    expect(shown()).toBe('no always interval');
    set(client, 'appendfsync', 'no');
    expect(shown()).toBe('no no interval');
    set(client, 'appendonly', 'yes');
    expect(shown()).toBe('yes no written');
    set(client, 'durability', 'none');
    expect(shown()).toBe('no no none');
    set(client, 'appendonly', 'no');
    expect(shown()).toBe('no no none');
    expect(instance.store.committer.durability).toBe('none');
  });

  it('stays as it is when the device refuses what is pending', () => {
    const { client, device, instance } = openDisk();
    set(client, 'durability', 'interval');
    client.send('SET', 'k', 'v'.repeat(1000));
    device.setCapacity(0);
    expect(errorOf(client.send('CONFIG', 'SET', 'timeout', '5', 'durability', 'always'))).toMatch(
      /^ERR CONFIG SET failed \(possibly related to argument 'durability'\)/,
    );
    expect(instance.store.committer.durability).toBe('interval');
    expect(client.send('CONFIG', 'GET', 'durability', 'timeout', 'appendonly')).toEqual(
      expect.arrayContaining(['interval', '0', 'no']),
    );
    expect(client.send('GET', 'k')).toBe('v'.repeat(1000));
  });

  it('is not changed in the middle of a transaction', async () => {
    const { client, instance } = openDisk();
    client.send('MULTI');
    client.send('SET', 'k', '1');
    client.send('CONFIG', 'SET', 'durability', 'none');
    client.send('EXEC');
    const [[, refused]] = (await client.settled()) as unknown[][];
    expect(errorOf(refused)).toMatch(/durability cannot be changed within a transaction/);
    expect(instance.store.committer.durability).toBe('everysec');
  });

  it('has no meaning where nothing is kept', () => {
    const client = makeTestInstance().connect();
    expect(client.send('CONFIG', 'GET', 'durability')).toEqual(['durability', 'none']);
    expect(errorOf(client.send('CONFIG', 'SET', 'appendonly', 'yes'))).toMatch(/durability needs a path/);
  });

  it('takes much that waits unsealed after a switch from a mode where nothing does', async () => {
    const disk = openDisk();
    set(disk.client, 'durability', 'interval');
    for (let i = 0; i < 40_000; i++) disk.client.send('SET', `k${i}`, 'v'.repeat(200));
    set(disk.client, 'durability', 'everysec');
    expect(openDisk(disk.device.crash('nothing')).driven.store.countKeys()).toBe(40_000);
  });
});
