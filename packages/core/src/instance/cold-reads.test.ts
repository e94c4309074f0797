/** Commands that wait for records on disk: who waits, in which order they are answered, and what is read. */
import { describe, expect, it } from 'vitest';
import { type ColdStore, keyOf, learnSlowness, openCold, settle, turn, valueOf, waits } from '../../test/cold-store.ts';
import type { TestClient } from '../../test/test-client.ts';

const COUNT = 5000;

/** A client of a store whose reads are known to be slow, and no read counted yet. */
function open(options = {}): { world: ColdStore; client: TestClient } {
  const world = openCold(COUNT, options);
  const client = world.connect();
  learnSlowness(world, client);
  return { world, client };
}

function expectNothingKept({ driven: { store } }: ColdStore): void {
  expect(store.fetcher.isIdle).toBe(true);
  expect(store.counters.syncReads).toBe(0);
}

async function answerOf(world: ColdStore, client: TestClient, ...parts: (string | Buffer | number)[]) {
  const reply = client.send(...parts);
  if (reply !== undefined) return reply;
  await settle(world);
  return client.received()[0];
}

describe('a command whose record is on disk', () => {
  it('lets its client wait, and nobody else', async () => {
    const { world, client } = open();
    const other = world.connect();
    expect(client.send('GET', keyOf(10))).toBeUndefined();
    expect(waits(client)).toBe(true);
    expect(other.send('GET', keyOf(COUNT - 1))).toBe(valueOf(COUNT - 1));
    expect(other.send('SET', 'new', '1')).toBe('OK');
    await settle(world);
    expect(client.received()).toEqual([valueOf(10)]);
    expectNothingKept(world);
  });

  it('is answered in its place of the pipeline', async () => {
    const { world, client } = open();
    const request = Buffer.from(`PING\r\nGET ${keyOf(20)}\r\nSET a 1\r\nGET ${keyOf(21)}\r\nGET a\r\n`);
    expect(client.sendBytes(request)).toEqual(['PONG']);
    await settle(world);
    expect(client.received()).toEqual([valueOf(20), 'OK', valueOf(21), '1']);
    expectNothingKept(world);
  });

  it.each([
    ['SET', 'newer', ['SET', keyOf(30), 'newer']],
    ['DEL', null, ['DEL', keyOf(30)]],
  ])('finds what %s made of it meanwhile', async (_name, expected, command) => {
    const { world, client } = open();
    const other = world.connect();
    // It waits for the record, too, and comes first.
    other.send(...command);
    client.send('GET', keyOf(30));
    await settle(world);
    expect(other.received()).toHaveLength(1);
    expect(client.received()).toEqual([expected]);
    expectNothingKept(world);
  });

  it.each([['FLUSHALL'], ['SWAPDB', '0', '1']])('finds nothing after %s', async (...command) => {
    const { world, client } = open();
    const other = world.connect();
    client.send('GET', keyOf(31));
    await turn();
    expect(other.send(...command)).toBe('OK');
    await settle(world);
    expect(client.received()).toEqual([null]);
    expectNothingKept(world);
  });

  it('has its neighbours brought by the same read, and what several ask for by one', async () => {
    const { world, client } = open();
    const other = world.connect();
    const before = world.device.counts().reads;
    client.send('MGET', ...Array.from({ length: 20 }, (_, i) => keyOf(100 + i)));
    other.send('GET', keyOf(105));
    await settle(world);
    expect(client.received()).toEqual([Array.from({ length: 20 }, (_, i) => valueOf(100 + i))]);
    expect(other.received()).toEqual([valueOf(105)]);
    expect(world.device.counts().reads - before).toBeLessThanOrEqual(2);
    expectNothingKept(world);
  });

  it('has all of its keys brought before it writes the first of them', async () => {
    const { world, client } = open();
    expect(await answerOf(world, client, 'MSET', keyOf(1), 'a', 'hot', 'b', keyOf(2000), 'c')).toBe('OK');
    expect(await answerOf(world, client, 'DEL', keyOf(COUNT - 1), keyOf(3), keyOf(400))).toBe(3);
    expect(await answerOf(world, client, 'RENAME', keyOf(4), keyOf(500))).toBe('OK');
    expect(await answerOf(world, client, 'MGET', keyOf(1), keyOf(2000), keyOf(3), keyOf(500))).toEqual([
      'a',
      'c',
      null,
      valueOf(4),
    ]);
    expectNothingKept(world);
  });

  it('tells a miss once', async () => {
    const { world, client } = open();
    const listener = world.connect();
    world.instance.notifications.trySetFlags('Em');
    listener.send('SUBSCRIBE', '__keyevent@0__:keymiss');
    await answerOf(world, client, 'MGET', 'missing', keyOf(40));
    expect(listener.received()).toHaveLength(1);
  });

  it('is not run when its client is killed meanwhile, and keeps nothing', async () => {
    const { world, client } = open();
    const other = world.connect();
    client.send('GETDEL', keyOf(50));
    await turn();
    expect(other.send('CLIENT', 'KILL', 'ID', client.client.id)).toBe(1);
    await settle(world);
    expect(client.received()).toEqual([]);
    expect(await answerOf(world, other, 'EXISTS', keyOf(50))).toBe(1);
    expectNothingKept(world);
  });

  it('is answered with an error when the record is damaged', async () => {
    const { world, client } = open();
    const { store } = world.driven;
    store.key.set(keyOf(60));
    const address = store.table(0).find(store.key.hash);
    const segment = store.log.segments?.find(address);
    if (segment === undefined) throw new Error('the record is in no segment');
    world.device.flipBit('main-00000001.seg', (address - segment.base) * 8 + 20, 3);
    expect(await answerOf(world, client, 'GET', keyOf(60))).toMatchObject({ message: /checksum/ });
    expect(await answerOf(world, client, 'GET', keyOf(61))).toBe(valueOf(61));
    expect(store.fetcher.isIdle).toBe(true);
  });
});

describe('EXEC', () => {
  it('waits for the keys of its queue before the first command', async () => {
    const { world, client } = open();
    client.send('MULTI');
    client.send('APPEND', keyOf(70), 'x');
    client.send('GET', keyOf(71));
    client.send('SET', keyOf(72), 'y');
    expect(await answerOf(world, client, 'EXEC')).toEqual([valueOf(70).length + 1, valueOf(71), 'OK']);
    expectNothingKept(world);
  });

  it('looks at its watches when it runs', async () => {
    const { world, client } = open();
    const other = world.connect();
    client.send('WATCH', 'watched');
    client.send('MULTI');
    client.send('GET', keyOf(80));
    expect(client.send('EXEC')).toBeUndefined();
    await turn();
    other.send('SET', 'watched', '1');
    await settle(world);
    expect(client.received()).toEqual([null]);
    expectNothingKept(world);
  });
});

describe('a large value on disk', () => {
  const large = Buffer.alloc(200_000, 'abcdefghij');

  function openLarge(): { world: ColdStore; client: TestClient } {
    const world = openCold(0, { readCacheSize: '2mb' });
    world.connect().send('SET', 'large', large);
    for (let i = 0; i < COUNT; i++) world.driven.db.set(keyOf(i), valueOf(i));
    const client = world.connect();
    learnSlowness(world, client);
    return { world, client };
  }

  it('is brought as a whole', async () => {
    const { world, client } = openLarge();
    expect(await answerOf(world, client, 'GET', 'large')).toBe(large.toString());
    expectNothingKept(world);
  });

  it('is brought in part where a part is asked for', async () => {
    const { world, client } = openLarge();
    const before = world.device.counts().readBytes;
    expect(await answerOf(world, client, 'GETRANGE', 'large', 100_003, 100_007)).toBe('defgh');
    expect(world.device.counts().readBytes - before).toBeLessThan(40_000);
    expect(await answerOf(world, client, 'SETRANGE', 'large', 100_000, 'ABC')).toBe(large.length);
    expect(await answerOf(world, client, 'BITCOUNT', 'large')).toBeGreaterThan(0);
    expectNothingKept(world);
  });
});

describe('commands that choose their records themselves', () => {
  it('RANDOMKEY waits for the one it drew', async () => {
    const { world, client } = open();
    for (let i = 0; i < 20; i++) expect(await answerOf(world, client, 'RANDOMKEY')).toMatch(/^key:\d+$/);
    expectNothingKept(world);
  });

  it('SCAN waits for all of a step at once', async () => {
    const { world, client } = open();
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = (await answerOf(world, client, 'SCAN', cursor, 'COUNT', 100, 'TYPE', 'string')) as [
        string,
        string[],
      ];
      for (const key of keys) found.add(key);
      cursor = next;
    } while (cursor !== '0');
    expect(found.size).toBe(COUNT);
    expectNothingKept(world);
  });
});

describe('reads that are fast', () => {
  it('are made on the spot, for one millisecond of a turn at most', async () => {
    const world = openCold(COUNT);
    const client = world.connect();
    world.device.stall('read', 0.02);
    let answered = 0;
    for (let i = 0; i < 60; i++) if (client.send('GET', keyOf(i * 20)) !== undefined) answered++;
    expect(answered).toBeGreaterThanOrEqual(49);
    expect(answered).toBeLessThan(60);
    await settle(world);
    expectNothingKept(world);
  });

  it('are tried again after a while', async () => {
    const { world, client } = open();
    world.device.stall('read', 0.01);
    expect(client.send('GET', keyOf(200))).toBeUndefined();
    await settle(world);
    world.clock.advance(1100);
    client.received();
    expect(client.send('GET', keyOf(400))).toBe(valueOf(400));
  });
});
