/** The feed of changes with collections: what it says, and a copy that follows it through kills and compaction. */
import { describe, expect, it } from 'vitest';
import { type Database, FeedHost as Host } from '../../test/feed-host.ts';

/** No small collection has room for it. */
const LONG = '1'.repeat(2000);
async function shown(db: Database, from = 'start'): Promise<string[]> {
  const lines: string[] = [];
  const numbers = new Map<number, number>();
  for await (const change of db.changes({ from })) {
    if (change.type === 'clear') lines.push('clear');
    else if (change.type === 'set') lines.push(`${change.key}=${change.value}`);
    else if (change.type === 'del') lines.push(`-${change.key}`);
    else if (change.type === 'collection' && change.members !== undefined) {
      expect(change.collection).toBe(0);
      const members = change.members.map(({ member, value = '', score = '' }) => [member, value, score].join('='));
      lines.push(`${change.kind} ${change.key} (${members.join(' ')})`);
    } else {
      if (!numbers.has(change.collection)) numbers.set(change.collection, numbers.size + 1);
      const place = `${change.kind} ${change.key} #${numbers.get(change.collection)}`;
      if (change.type === 'collection') lines.push(place);
      else if (change.type === 'member')
        lines.push(
          `${place} ${change.isRemoved ? '-' : ''}${change.member}=${(change.value ?? change.score ?? '').toString().slice(0, 5)}`,
        );
    }
  }
  return lines;
}

describe('changes of collections', () => {
  it('come member by member, and with the key that has the collection', async () => {
    const { client, db } = new Host();
    client.send('HSET', 'h', 'a', LONG, 'b', '2');
    client.send('SADD', 's', LONG);
    client.send('ZADD', 'z', '1.5', LONG);
    db.commitSync();
    client.send('HSET', 'h', 'a', '3');
    client.send('HDEL', 'h', 'b');
    client.send('RENAME', 'h', 'g');
    client.send('SREM', 's', LONG);
    db.commitSync();
    expect(await shown(db)).toEqual([
      'hash g #1 a=11111',
      'hash g #1 b=2',
      'hash h #1',
      'set s #2',
      `zset z #3 ${LONG}=1.5`,
      'zset z #3',
      'hash g #1 a=3',
      'hash g #1 -b=',
      'hash g #1',
      '-h',
      '-s',
    ]);
  });

  it('come whole where the collection is small, until it is not', async () => {
    const { client, db } = new Host();
    client.send('HSET', 'h', 'a', '1');
    db.commitSync();
    client.send('HSET', 'h', 'b', '2');
    client.send('SADD', 's', 'x', 'y');
    client.send('ZADD', 'z', '-1.5', 'x', '-300', 'y', '0', 'z');
    db.commitSync();
    client.send('RENAME', 'h', 'g');
    client.send('SREM', 's', 'x');
    db.commitSync();
    client.send('SREM', 's', 'y');
    client.send('HSET', 'g', 'c', LONG);
    db.commitSync();
    client.send('HDEL', 'g', 'a', 'c');
    db.commitSync();
    expect(await shown(db)).toEqual([
      'hash h (a=1=)',
      'hash h (a=1= b=2=)',
      'set s (x== y==)',
      'zset z (y==-300 x==-1.5 z==0)',
      'hash g (a=1= b=2=)',
      '-h',
      'set s (y==)',
      '-s',
      'hash g #1 a=1',
      'hash g #1 b=2',
      'hash g #1 c=11111',
      'hash g #1',
      'hash g #1 -a=',
      'hash g #1 -c=',
    ]);
  });

  it('leave out what other databases have', async () => {
    const { client, db } = new Host();
    client.send('SELECT', '1');
    client.send('HSET', 'h', 'a', '1');
    client.send('HSET', 'l', 'a', LONG);
    client.send('SELECT', '0');
    client.send('HSET', 'g', 'a', LONG);
    db.commitSync();
    expect(await shown(db)).toEqual(['hash g #1 a=11111', 'hash g #1']);
  });

  it('wait until it is durable that another key has the collection', async () => {
    const { client, db } = new Host();
    client.send('HSET', 'h', 'a', LONG);
    db.commitSync();
    client.send('RENAME', 'h', 'g');
    expect(await shown(db)).toEqual([]);
    db.commitSync();
    expect(await shown(db)).toEqual(['hash g #1 a=11111', 'hash h #1', 'hash g #1', '-h']);
  });

  it('of a collection that is gone do not wait for what is written later', async () => {
    const { client, db } = new Host();
    client.send('HSET', 'h', 'a', LONG);
    client.send('DEL', 'h');
    db.commitSync();
    client.send('SET', 'later', 'v');
    expect(await shown(db)).toEqual(['hash h #1', '-h']);
  });

  it('say the kind of each key that is there', () => {
    const { client, db } = new Host();
    client.send('HSET', 'h', 'a', '1');
    client.send('SET', 's', 'v');
    expect([db.type('h'), db.type('s'), db.type('none')]).toEqual(['hash', 'string', undefined]);
  });
});

/** A copy of texts and hashes. Of a collection that it does not know it takes all there is. */
class Copy {
  readonly texts = new Map<string, string>();
  readonly keys = new Map<string, number>();
  private readonly hashes = new Map<number, Map<string, string>>();
  private token: string | undefined;
  /** Numbers of those that have none: below 0. */
  private unnamed = 0;
  snapshots = 0;

  async follow(db: Database): Promise<void> {
    const feed = this.begin(db);
    for await (const change of feed) {
      if (change.type === 'clear') this.clear();
      else if (change.type === 'set') {
        this.texts.set(change.key, change.value);
        this.keys.delete(change.key);
      } else if (change.type === 'del') {
        this.texts.delete(change.key);
        this.keys.delete(change.key);
      } else if (change.type === 'collection' && change.members !== undefined) {
        this.texts.delete(change.key);
        this.keys.set(change.key, --this.unnamed);
        this.hashes.set(this.unnamed, new Map(change.members.map(({ member, value }) => [member, value as string])));
      } else {
        const hash = this.hashOf(db, change.collection, change.key);
        if (change.type === 'member' && change.isRemoved) hash.delete(change.member);
        else if (change.type === 'member') hash.set(change.member, change.value as string);
        else {
          this.texts.delete(change.key);
          this.keys.set(change.key, change.collection);
        }
      }
    }
    this.token = feed.token;
  }

  fieldsOf(key: string): Map<string, string> | undefined {
    const number = this.keys.get(key);
    return number === undefined ? undefined : this.hashes.get(number);
  }

  private hashOf(db: Database, number: number, key: string): Map<string, string> {
    let hash = this.hashes.get(number);
    if (hash === undefined) {
      hash = this.snapshots > 0 && db.type(key) === 'hash' ? db.hgetall(key) : new Map();
      this.hashes.set(number, hash);
    }
    return hash;
  }

  private clear(): void {
    this.texts.clear();
    this.keys.clear();
    this.hashes.clear();
  }

  private begin(db: Database): ReturnType<Database['changes']> {
    try {
      return db.changes({ from: this.token });
    } catch (error) {
      expect((error as { code: string }).code).toBe('FERRITE_SNAPSHOT_REQUIRED');
      this.snapshots++;
      const feed = db.changes({ from: 'now' });
      this.clear();
      for (const key of db.keys()) {
        if (db.type(key) === 'string') this.texts.set(key, db.get(key) as string);
        else {
          this.keys.set(key, --this.unnamed);
          this.hashes.set(this.unnamed, db.hgetall(key));
        }
      }
      return feed;
    }
  }
}

function writeSome({ client, prng }: Host, round: number): void {
  const key = (): string => `k${prng.nextBelow(6)}`;
  for (let i = prng.nextBelow(60); i > 0; i--) {
    const what = prng.nextBelow(20);
    const field = (): string => `f${prng.nextBelow(8)}`;
    if (what < 10) {
      const fields = Array.from({ length: 1 + prng.nextBelow(4) }, () => [
        field(),
        `${round}/${i}${'.'.repeat(prng.nextBelow(2000))}`,
      ]);
      client.send('HSET', key(), ...fields.flat());
    } else if (what < 14) client.send('HDEL', key(), field(), field());
    else if (what < 15) client.send('DEL', key());
    else if (what < 16) client.send('SET', key(), `${round}`);
    else if (what < 18) client.send('RENAME', key(), key());
    else client.send('COPY', key(), key(), 'REPLACE');
  }
}

/** Whether the copy is as the store. */
function compare(copy: Copy, db: Database): void {
  expect([...copy.texts.keys(), ...copy.keys.keys()].sort()).toEqual([...db.keys()]);
  for (const key of db.keys()) {
    if (db.type(key) === 'string') expect(copy.texts.get(key)).toBe(db.get(key));
    else expect(new Map([...(copy.fieldsOf(key) ?? [])].sort())).toEqual(new Map([...db.hgetall(key)].sort()));
  }
}

describe('a copy that follows hashes', () => {
  it.each([1, 2, 3, 4, 5, 6])('equals the store through kills and compaction (seed %i)', async (seed) => {
    const host = new Host(seed);
    const copy = new Copy();
    for (let round = 0; round < 50; round++) {
      writeSome(host, round);
      host.clock.advance(300);
      host.driven.tick();
      for (let i = host.prng.nextBelow(30); i > 0; i--) host.driven.stepSync();
      if (host.prng.nextBelow(3) === 0) await copy.follow(host.db);
      if (host.prng.nextBelow(4) === 0) {
        host.db.commitSync();
        await copy.follow(host.db);
        compare(copy, host.db);
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (host.prng.nextBelow(10) === 0) host.crash();
    }
    host.db.commitSync();
    await copy.follow(host.db);
    compare(copy, host.db);
    host.db.close();
  });
});
