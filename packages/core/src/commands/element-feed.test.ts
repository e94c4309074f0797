/** The feed of changes with lists and streams: what it says, and a copy that follows it through kills and compaction. */
import { describe, expect, it } from 'vitest';
import { type Database, FeedHost as Host } from '../../test/feed-host.ts';
import type { Change } from '../index.ts';

async function changesOf(db: Database, from?: string): Promise<Change<string>[]> {
  const changes: Change<string>[] = [];
  for await (const change of db.changes({ from })) changes.push(change);
  return changes;
}

/** Times are those of the simulated clock. */
function withoutTimes(name: string, value: unknown): unknown {
  return /At$/.test(name) ? 'now' : value;
}

function shown(change: Change<string>): string {
  if (change.type === 'elements') return `${change.key}: ${change.elements.join(',')}`;
  if (change.type === 'cut') return `${change.key}: ${change.end} cut, ${change.left ?? 'all'} left`;
  if (change.type === 'entry') {
    return `${change.key}: ${change.isRemoved ? '-' : `${change.number} `}${change.id} ${[...change.fields.keys()]}`;
  }
  if (change.type === 'stream') return `${change.key}: ${change.of} ${JSON.stringify(change.state, withoutTimes)}`;
  return change.type === 'clear' ? 'clear' : `${change.key} ${change.type}`;
}

describe('changes of lists', () => {
  it('come as what is at a place, and as what is gone from an end', async () => {
    const { client, db } = new Host();
    client.send('RPUSH', 'm', 'a', 'b', 'c', 'd');
    client.send('LPUSH', 'm', 'z', 'y');
    db.commitSync();
    client.send('LPOP', 'm', '3');
    client.send('RPOP', 'm');
    db.commitSync();
    client.send('LSET', 'm', '0', 'B');
    db.commitSync();
    const changes = await changesOf(db);
    expect(changes.map(shown)).toEqual([
      'm: a,b,c,d',
      'm collection',
      'm: y,z',
      'm: left cut, 3 left',
      'm: right cut, 2 left',
      'm: B,c',
    ]);
    expect(new Set(changes.map((change) => 'collection' in change && change.collection)).size).toBe(1);
    client.send('DEL', 'm');
    db.commitSync();
    expect((await changesOf(db)).map(shown)).toEqual(['m collection', 'm del']);
  });
});

describe('changes of streams', () => {
  it('come entry by entry, with what the stream and its groups say of themselves', async () => {
    const { client, db } = new Host();
    client.send('XADD', 's', '1-0', 'name', 'pump', 'state', 'on');
    client.send('XADD', 's', '2-0', 'name', 'fan');
    db.commitSync();
    client.send('XDEL', 's', '1-0');
    client.send('XGROUP', 'CREATE', 's', 'g', '0');
    client.send('XREADGROUP', 'GROUP', 'g', 'ann', 'STREAMS', 's', '>');
    db.commitSync();
    client.send('XACK', 's', 'g', '2-0');
    db.commitSync();
    const changes = await changesOf(db);
    expect(changes.map(shown)).toEqual([
      's: stream {"lastId":"0-0","maxDeletedId":"0-0","entriesAdded":0}',
      's: 1 1-0 name,state',
      's collection',
      's: 2 2-0 name',
      's: -1-0 ',
      's: stream {"lastId":"2-0","maxDeletedId":"1-0","entriesAdded":2}',
      's: group {"name":"g","lastId":"2-0","entriesRead":2}',
      's: consumer {"name":"ann","seenAt":"now","activeAt":"now"}',
      's: pending {"consumer":0,"deliveredAt":"now","deliveries":1}',
      's: pending undefined',
    ]);
    expect(changes.find((change) => change.type === 'entry')).toMatchObject({
      kind: 'stream',
      fields: new Map([
        ['name', 'pump'],
        ['state', 'on'],
      ]),
    });
  });
});

/** A copy of lists and of streams' entries, kept from the beginning on. */
class Copy {
  private readonly keys = new Map<string, number>();
  private readonly lists = new Map<number, Map<number, readonly string[]>>();
  private readonly streams = new Map<number, Map<string, string>>();
  private token: string | undefined;

  async follow(db: Database): Promise<void> {
    const feed = db.changes({ from: this.token });
    for await (const change of feed) this.apply(change);
    this.token = feed.token;
  }

  private apply(change: Change<string>): void {
    if (change.type === 'del') this.keys.delete(change.key);
    else if (change.type === 'collection') this.keys.set(change.key, change.collection);
    else if (change.type === 'elements') {
      const places = this.placesOf(change.collection);
      if (change.elements.length > 0) places.set(change.place, change.elements);
      else places.delete(change.place);
    } else if (change.type === 'cut') {
      const places = this.placesOf(change.collection);
      const isLeft = change.end === 'left';
      for (const place of [...places.keys()]) {
        if (isLeft ? place < change.place : place > change.place) places.delete(place);
      }
      const elements = places.get(change.place) ?? [];
      const left = change.left ?? elements.length;
      places.set(change.place, isLeft ? elements.slice(elements.length - left) : elements.slice(0, left));
    } else if (change.type === 'entry') {
      const entries = this.streams.get(change.collection) ?? new Map<string, string>();
      this.streams.set(change.collection, entries);
      if (change.isRemoved) entries.delete(change.id);
      else entries.set(change.id, [...change.fields].join());
    }
  }

  private placesOf(number: number): Map<number, readonly string[]> {
    const places = this.lists.get(number) ?? new Map<number, readonly string[]>();
    this.lists.set(number, places);
    return places;
  }

  /** Whether the copy is as the store. */
  compare(db: Database): void {
    expect([...this.keys.keys()].sort()).toEqual([...db.keys()]);
    for (const key of db.keys()) {
      const number = this.keys.get(key) as number;
      if (db.type(key) === 'list') {
        const places = [...(this.lists.get(number) ?? [])].sort(([one], [other]) => one - other);
        expect(places.flatMap(([, elements]) => elements)).toEqual(db.lrange(key));
      } else {
        const entries = db.xrange(key).map(({ id, fields }): [string, string] => [id, [...fields].join()]);
        expect(new Map(this.streams.get(number))).toEqual(new Map(entries));
      }
    }
  }
}

function writeSome({ client, prng }: Host): void {
  const list = (): string => `l${prng.nextBelow(4)}`;
  const stream = (): string => `s${prng.nextBelow(2)}`;
  const text = (): string => `${prng.nextBelow(1000)}${'.'.repeat(prng.nextBelow(4) === 0 ? prng.nextBelow(1500) : 5)}`;
  for (let i = prng.nextBelow(60); i > 0; i--) {
    const what = prng.nextBelow(24);
    const many = Array.from({ length: 1 + prng.nextBelow(8) }, text);
    if (what < 5) client.send('RPUSH', list(), ...many);
    else if (what < 9) client.send('LPUSH', list(), ...many);
    else if (what < 11) client.send('LPOP', list(), prng.nextBelow(12));
    else if (what < 13) client.send('RPOP', list(), prng.nextBelow(12));
    else if (what < 14) client.send('LSET', list(), prng.nextBelow(20), text());
    else if (what < 15) client.send('LREM', list(), 0, `${prng.nextBelow(1000)}.....`);
    else if (what < 16) client.send('LTRIM', list(), prng.nextBelow(5), -1 - prng.nextBelow(5));
    else if (what < 17) client.send('LMOVE', list(), list(), 'LEFT', 'RIGHT');
    else if (what < 18) client.send('RENAME', list(), list());
    else if (what < 19) client.send('DEL', list());
    else if (what < 22) client.send('XADD', stream(), '*', 'f', text(), 'g', text());
    else if (what < 23) client.send('XTRIM', stream(), 'MAXLEN', prng.nextBelow(30));
    else client.send('RENAME', stream(), stream());
  }
}

describe('a copy that follows lists and streams', () => {
  it.each([1, 2, 3, 4])('equals the store through kills and compaction (seed %i)', async (seed) => {
    const host = new Host(seed);
    const copy = new Copy();
    for (let round = 0; round < 40; round++) {
      writeSome(host);
      host.clock.advance(300);
      host.driven.tick();
      // A reader that is never far behind: compaction waits for it.
      await copy.follow(host.db);
      for (let i = host.prng.nextBelow(20); i > 0; i--) host.driven.stepSync();
      if (host.prng.nextBelow(4) === 0) {
        host.db.commitSync();
        await copy.follow(host.db);
        copy.compare(host.db);
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (host.prng.nextBelow(10) === 0) host.crash();
    }
    host.db.commitSync();
    await copy.follow(host.db);
    copy.compare(host.db);
    host.db.close();
  });
});
