/** Groups of streams: what their consumers are given, what is pending, who claims it. */
import { SimClock } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestClient, makeTestInstance, type TestClient } from '../../test/test-client.ts';

function withGroup(entries: number): TestClient {
  const client = makeTestClient();
  for (let i = 1; i <= entries; i++) client.send('XADD', 's', `${i}-0`, 'n', `${i}`);
  client.send('XGROUP', 'CREATE', 's', 'g', '0', 'MKSTREAM');
  return client;
}

function read(client: TestClient, consumer: string, count: number, id = '>'): unknown {
  return client.send('XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', `${count}`, 'STREAMS', 's', id);
}

function fields(reply: unknown): Map<string, unknown> {
  const pairs = reply as unknown[];
  return new Map(Array.from({ length: pairs.length / 2 }, (_, i) => [String(pairs[2 * i]), pairs[2 * i + 1]]));
}

describe('groups of a stream', () => {
  it('give each entry to one consumer, and again only what is pending for it', () => {
    const client = withGroup(4);
    expect(read(client, 'a', 2)).toEqual([
      [
        's',
        [
          ['1-0', ['n', '1']],
          ['2-0', ['n', '2']],
        ],
      ],
    ]);
    expect(read(client, 'b', 1)).toEqual([['s', [['3-0', ['n', '3']]]]]);
    expect(read(client, 'a', 9, '1')).toEqual([['s', [['2-0', ['n', '2']]]]]);
    expect(client.send('XACK', 's', 'g', '2-0', '3-0', '9-9')).toBe(2);
    expect(client.send('XPENDING', 's', 'g')).toEqual([1, '1-0', '1-0', [['a', '1']]]);
    client.send('XDEL', 's', '1-0');
    expect(read(client, 'a', 9, '0')).toEqual([['s', [['1-0', null]]]]);
    expect(read(client, 'b', 9)).toEqual([['s', [['4-0', ['n', '4']]]]]);
    expect(read(client, 'b', 9)).toBeNull();
  });

  it('say what is pending for how long, and since how many deliveries', () => {
    const client = withGroup(3);
    read(client, 'a', 2);
    read(client, 'b', 1);
    read(client, 'a', 9, '0');
    const pending = client.send('XPENDING', 's', 'g', '-', '+', '10') as [string, string, number, number][];
    expect(pending.map(([id, name, , count]) => [id, name, count])).toEqual([
      ['1-0', 'a', 2],
      ['2-0', 'a', 2],
      ['3-0', 'b', 1],
    ]);
    expect(client.send('XPENDING', 's', 'g', 'IDLE', '100000', '-', '+', '10')).toEqual([]);
    expect((client.send('XPENDING', 's', 'g', '(1-0', '+', '10', 'a') as unknown[]).length).toBe(1);
  });

  it('let entries be claimed, and forget those that are gone', () => {
    const client = withGroup(4);
    read(client, 'a', 4);
    client.send('XDEL', 's', '2-0');
    expect(client.send('XCLAIM', 's', 'g', 'b', '100000', '1-0')).toEqual([]);
    expect(client.send('XCLAIM', 's', 'g', 'b', '0', '1-0', '2-0', 'RETRYCOUNT', '7')).toEqual([['1-0', ['n', '1']]]);
    const first = client.send('XPENDING', 's', 'g', '1', '1', '10') as [string, string, number, number][];
    expect([first[0][1], first[0][3]]).toEqual(['b', 7]);
    client.send('XDEL', 's', '3-0');
    expect(client.send('XAUTOCLAIM', 's', 'g', 'c', '0', '-', 'COUNT', '2', 'JUSTID')).toEqual([
      '4-0',
      ['1-0'],
      ['3-0'],
    ]);
    expect(client.send('XAUTOCLAIM', 's', 'g', 'c', '0', '4-0')).toEqual(['0-0', [['4-0', ['n', '4']]], []]);
    expect(client.send('XGROUP', 'DELCONSUMER', 's', 'g', 'c')).toBe(2);
    expect(client.send('XPENDING', 's', 'g')).toEqual([0, null, null, null]);
  });

  it('know their lag until an entry ahead of them is removed', () => {
    const client = withGroup(5);
    const lag = (): unknown[] => {
      const group = fields((client.send('XINFO', 'GROUPS', 's') as unknown[])[0]);
      return [group.get('entries-read'), group.get('lag')];
    };
    expect(lag()).toEqual([null, 5]);
    read(client, 'a', 2);
    expect(lag()).toEqual([2, 3]);
    client.send('XDEL', 's', '4-0');
    expect(lag()).toEqual([2, null]);
    read(client, 'a', 2);
    expect(lag()).toEqual([5, 0]);
  });

  it('are copied with the time at which a consumer was seen that has nothing pending', () => {
    const clock = new SimClock();
    const client = makeTestInstance({}, { clock }).connect();
    client.send('XADD', 's', '1-0', 'f', 'a');
    client.send('XGROUP', 'CREATE', 's', 'g', '0');
    client.send('XGROUP', 'CREATECONSUMER', 's', 'g', 'c');
    clock.advance(1000);
    client.send('XREADGROUP', 'GROUP', 'g', 'c', 'NOACK', 'STREAMS', 's', '>');
    clock.advance(10);
    client.send('COPY', 's', 't');
    const [consumer] = client.send('XINFO', 'CONSUMERS', 't', 'g') as unknown[];
    expect([fields(consumer).get('idle'), fields(consumer).get('inactive')]).toEqual([10, -1]);
  });

  it('are copied, removed and shown with their consumers', () => {
    const client = withGroup(2);
    read(client, 'a', 1);
    client.send('COPY', 's', 't');
    expect(client.send('XPENDING', 't', 'g')).toEqual([1, '1-0', '1-0', [['a', '1']]]);
    const [consumer] = client.send('XINFO', 'CONSUMERS', 't', 'g') as unknown[];
    expect([fields(consumer).get('name'), fields(consumer).get('pending')]).toEqual(['a', 1]);
    expect((client.send('XINFO', 'STREAM', 't', 'FULL') as unknown[]).length).toBe(18);
    expect(client.send('XGROUP', 'DESTROY', 's', 'g')).toBe(1);
    expect(errorOf(read(client, 'a', 1))).toContain('NOGROUP');
    expect(client.send('XGROUP', 'CREATE', 's', 'g', '$')).toBe('OK');
    expect(errorOf(client.send('XGROUP', 'CREATE', 's', 'g', '$'))).toContain('BUSYGROUP');
    expect(client.send('XPENDING', 's', 'g')).toEqual([0, null, null, null]);
  });
});
