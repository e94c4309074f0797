/** Streams after an open: what is known of them is made from their records. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { expect, it } from 'vitest';
import { makeTestInstance, type TestClient } from '../../test/test-client.ts';

const SMALL = { pageSize: '128kb', mutableRegionSize: '128kb', readOnlyRegionSize: 0, readCacheSize: 0 } as const;

/** What can be asked of a stream, but for times. */
function stateOf(client: TestClient, key: string): unknown {
  const pending = client.send('XPENDING', key, 'g', '-', '+', '10000') as unknown[][];
  return [
    client.send('XRANGE', key, '-', '+'),
    client.send('XINFO', 'STREAM', key),
    client.send('XINFO', 'GROUPS', key),
    pending.map(([id, consumer, , deliveries]) => [id, consumer, deliveries]),
  ];
}

function fill(client: TestClient, key: string): void {
  for (let i = 1; i <= 400; i++) client.send('XADD', key, `${i}-*`, 'n', `${i}`, 'text', 'x'.repeat(i % 90));
  client.send('XGROUP', 'CREATE', key, 'g', '0');
  client.send('XGROUP', 'CREATE', key, 'other', '5');
  for (const consumer of ['a', 'b']) {
    client.send('XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', '60', 'STREAMS', key, '>');
  }
  client.send('XACK', key, 'g', '3-0', '70-0', '71-0');
  client.send('XCLAIM', key, 'g', 'c', '0', '5-0', '90-0');
  client.send('XTRIM', key, 'MAXLEN', '350');
}

it('a stream is after an open what it was: entries, counters, groups, what is pending for whom', () => {
  const device = new SimDevice({ clock: new SimClock() });
  const clock = new SimClock();
  let world = makeTestInstance({ ...SMALL, durability: 'interval' }, { device, clock });
  let client = world.connect();
  fill(client, 's');
  fill(client, 'cut');
  // The last entry goes, so that only the stream's own record knows its number.
  client.send('XDEL', 'cut', '400-0', '399-0');
  fill(client, 'empty');
  client.send('XTRIM', 'empty', 'MAXLEN', '0');
  const keys = ['s', 'cut', 'empty'];
  let before = keys.map((key) => stateOf(client, key));
  for (let round = 0; round < 3; round++) {
    world.driven.db.close();
    world = makeTestInstance({ ...SMALL, durability: 'interval' }, { device, clock });
    client = world.connect();
    expect(keys.map((key) => stateOf(client, key))).toEqual(before);
    for (const key of keys) {
      client.send('XADD', key, `${500 + round}-*`, 'n', 'more');
      client.send('XREADGROUP', 'GROUP', 'g', 'a', 'COUNT', '7', 'STREAMS', key, '>');
      client.send('XGROUP', 'DELCONSUMER', key, 'g', 'b');
    }
    before = keys.map((key) => stateOf(client, key));
  }
});
