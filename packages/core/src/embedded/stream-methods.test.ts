/** The methods of a database for streams and their groups. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../../test/code-of.ts';
import { type Database, open } from './database.ts';
import type { StreamEntry } from './stream-options.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ferrite-streams-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** `id:field=value,...` of each. */
function shown(entries: readonly StreamEntry<string>[] | undefined): string[] {
  return (entries ?? []).map(({ id, fields }) => `${id}:${[...fields].map((pair) => pair.join('=')).join(',')}`);
}

function numbered(db: Database, key: string, count: number): void {
  for (let i = 1; i <= count; i++) db.xadd(key, { n: String(i) }, { id: `${i}-0` });
}

describe('streams of a program', () => {
  it('take entries and give them by ID, forwards and backwards', () => {
    using db = open();
    expect(db.xadd('s', { name: 'pump', state: 'on' }, { id: '5-1' })).toBe('5-1');
    expect(db.xadd('s', [['name', 'fan']], { id: '5-*' })).toBe('5-2');
    const id = db.xadd('s', new Map([['name', Buffer.from('lamp')]]));
    expect(Number(id.split('-')[0])).toBeGreaterThan(1e12);
    expect([db.xlen('s'), db.xlen('none'), db.type('s')]).toEqual([3, 0, 'stream']);
    expect(shown(db.xrange('s', '-', '5'))).toEqual(['5-1:name=pump,state=on', '5-2:name=fan']);
    expect(shown(db.xrange('s', '(5-1', '+', 1))).toEqual(['5-2:name=fan']);
    expect(shown(db.xrevrange('s'))).toEqual([`${id}:name=lamp`, '5-2:name=fan', '5-1:name=pump,state=on']);
    expect(shown(db.xrevrange('s', '(5-2', '-'))).toEqual(['5-1:name=pump,state=on']);
    expect([db.xrange('s', '9', '8'), db.xrange('s', '-', '+', 0), db.xrange('none')]).toEqual([[], [], []]);
  });

  it('are trimmed, lose entries, and keep what they say of themselves', () => {
    using db = open();
    numbered(db, 's', 10);
    expect(db.xadd('s', { n: '11' }, { id: '11-0', maxLength: 6 })).toBe('11-0');
    expect(db.xlen('s')).toBe(6);
    expect([
      db.xtrim('s', { minId: '8-0' }),
      db.xtrim('s', { maxLength: 10 }),
      db.xtrim('none', { maxLength: 0 }),
    ]).toEqual([2, 0, 0]);
    expect([db.xdel('s', '9-0', '9-0', '1-0'), db.xdel('s', '9-0'), db.xdel('none', '1-0')]).toEqual([1, 0, 0]);
    expect(shown(db.xrange('s'))).toEqual(['8-0:n=8', '10-0:n=10', '11-0:n=11']);
    expect(db.xinfoStream('s')).toEqual({
      length: 3,
      lastId: '11-0',
      maxDeletedId: '9-0',
      entriesAdded: 11,
      groups: 0,
      first: '8-0',
      last: '11-0',
    });
    expect(db.xsetid('s', '20-0', { entriesAdded: 50, maxDeletedId: '19-0' })).toBe(true);
    expect(db.xinfoStream('s')).toMatchObject({ lastId: '20-0', entriesAdded: 50, maxDeletedId: '19-0' });
    expect([db.xsetid('none', '1-0'), db.xinfoStream('none')]).toEqual([false, undefined]);
    expect(db.xadd('none', { a: 'b' }, { makeStream: false })).toBeUndefined();
    expect(db.has('none')).toBe(false);
  });

  it('are read after an ID, several together', () => {
    using db = open();
    numbered(db, 'a', 3);
    numbered(db, 'b', 1);
    const read = db.xread({ a: '1-0', b: '1-0', none: '0' }, { count: 1 });
    expect([...read.keys()]).toEqual(['a']);
    expect(shown(read.get('a'))).toEqual(['2-0:n=2']);
    expect(
      db
        .xread([
          [Buffer.from('b'), '0'],
          ['a', '$'],
        ])
        .get('b'),
    ).toHaveLength(1);
  });

  it('are walked through in pieces, with what is added meanwhile', () => {
    using db = open();
    numbered(db, 's', 300);
    let count = 0;
    for (const { fields } of db.xscan('s')) {
      expect(fields.get('n')).toBe(String(++count));
      if (count === 299) db.xadd('s', { n: '301' }, { id: '301-0' });
    }
    expect(count).toBe(301);
    expect([...db.xscan('s', '(299-0', '300')].map(({ id }) => id)).toEqual(['300-0']);
  });

  it('share entries among the consumers of a group until they are acknowledged', () => {
    using db = open();
    numbered(db, 's', 4);
    expect([db.xgroupCreate('s', 'g', '1'), db.xgroupCreate('s', 'g', '0')]).toEqual([true, false]);
    expect(shown(db.xreadgroup('g', 'ann', { s: '>' }, { count: 2 }).get('s'))).toEqual(['2-0:n=2', '3-0:n=3']);
    expect(shown(db.xreadgroup('g', 'bob', { s: '>' }).get('s'))).toEqual(['4-0:n=4']);
    expect(db.xreadgroup('g', 'bob', { s: '>' }).size).toBe(0);
    expect(db.xpending('s', 'g')).toEqual({
      count: 3,
      first: '2-0',
      last: '4-0',
      consumers: new Map([
        ['ann', 2],
        ['bob', 1],
      ]),
    });
    expect([db.xack('s', 'g', '2-0', '9-0'), db.xack('s', 'g', '2-0'), db.xack('s', 'none', '3-0')]).toEqual([1, 0, 0]);
    db.xdel('s', '3-0');
    expect(shown(db.xreadgroup('g', 'ann', { s: '0' }).get('s'))).toEqual(['3-0:']);
    expect(db.xpending('s', 'g', { consumer: 'bob' })).toMatchObject([{ id: '4-0', consumer: 'bob', deliveries: 1 }]);
    expect(db.xpending('s', 'g', { start: '(3-0', count: 1 }).map(({ id }) => id)).toEqual(['4-0']);
    expect(db.xpending('s', 'g', { minIdleMs: 60_000 })).toEqual([]);
    expect(db.xinfoGroups('s')).toMatchObject([{ name: 'g', consumers: 2, pending: 2, lastDeliveredId: '4-0' }]);
    expect(db.xreadgroup('g', 'cat', { s: '>' }, { noAck: true }).size).toBe(0);
    expect(db.xinfoConsumers('s', 'g').map(({ name, pending }) => [name, pending])).toEqual([
      ['ann', 1],
      ['bob', 1],
      ['cat', 0],
    ]);
  });

  it('give the entries of a consumer that has failed to another one', () => {
    using db = open();
    numbered(db, 's', 3);
    db.xgroupCreate('s', 'g', '0');
    db.xreadgroup('g', 'ann', { s: '>' });
    expect(db.xclaim('s', 'g', 'bob', 60_000, ['1-0'])).toEqual([]);
    expect(shown(db.xclaim('s', 'g', 'bob', 0, ['1-0', '8-0'], { deliveries: 7, idleMs: 5000 }))).toEqual(['1-0:n=1']);
    const [claimed] = db.xpending('s', 'g', { consumer: 'bob' });
    expect([claimed.deliveries, claimed.idleMs >= 5000]).toEqual([7, true]);
    db.xdel('s', '2-0');
    const { next, entries, deleted } = db.xautoclaim('s', 'g', 'cat', 0, { count: 2 });
    expect([next, shown(entries), deleted]).toEqual(['3-0', ['1-0:n=1'], ['2-0']]);
    expect(shown(db.xautoclaim('s', 'g', 'cat', 0, { start: next }).entries)).toEqual(['3-0:n=3']);
    expect(db.xgroupDelConsumer('s', 'g', 'cat')).toBe(2);
    expect([db.xgroupCreateConsumer('s', 'g', 'dan'), db.xgroupCreateConsumer('s', 'g', 'dan')]).toEqual([true, false]);
    db.xgroupSetId('s', 'g', '0');
    expect(db.xreadgroup('g', 'dan', { s: '>' }).get('s')).toHaveLength(2);
    expect([db.xgroupDestroy('s', 'g'), db.xgroupDestroy('s', 'g'), db.xgroupDestroy('none', 'g')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(db.xgroupCreate('new', 'g', '$', { makeStream: true })).toBe(true);
    expect(db.xlen('new')).toBe(0);
  });

  it('are there after an open, with groups and names that are not ASCII, and values of a codec', () => {
    const path = join(directory, 'kept');
    {
      using db = open<{ n: number }>({ path, codec: 'json' });
      db.xadd('s', { job: { n: 1 } }, { id: '1-0' });
      db.xgroupCreate('s', 'grüße', '0');
      db.xreadgroup('grüße', 'käthe', { s: '>' });
    }
    using db = open<{ n: number }>({ path, codec: 'json' });
    expect(db.xrange('s')[0].fields.get('job')).toEqual({ n: 1 });
    expect(db.xpending('s', 'grüße')).toMatchObject({ count: 1, consumers: new Map([['käthe', 1]]) });
  });

  it('say what is wrong, and change nothing then', () => {
    using db = open();
    db.set('text', 'x');
    numbered(db, 's', 2);
    const wrongs: (() => unknown)[] = [
      () => db.xadd('s', {}),
      () => db.xadd('s', { n: '1' }, { id: '2-0' }),
      () => db.xadd('s', { n: '1' }, { id: 'x' }),
      () => db.xadd('s', { n: '1' }, { id: '0-0' }),
      () => db.xadd('s', { n: '1' }, { maxLength: 1, minId: '1' }),
      () => db.xadd('s', { n: '1' }, { maxLength: Number.NaN }),
      () => db.xadd('s', { n: '1' }, { maxlen: 1 } as object),
      () => db.xadd('s', { n: 1 as unknown as string }),
      () => db.xadd('s', 'n' as unknown as Record<string, string>),
      () => db.xadd('s', { n: 'x'.repeat(100_000) }),
      () => db.xadd('new', { n: 'x'.repeat(100_000) }),
      () => db.xadd('s', ['n', '1'] as unknown as [string, string][]),
      () => db.xclaim('s', 'g', 'ann', 0, '1-0' as unknown as string[]),
      () => db.xack('s', 'g', ['1-0'] as unknown as string),
      () => db.xscan('s', 'now'),
      () => db.xtrim('s', {}),
      () => db.xrange('s', 'now'),
      () => db.xread({}),
      () => db.xread({ s: '0' }, { count: 0 }),
      () => db.xsetid('s', '1-0'),
      () => db.xgroupCreate('none', 'g', '$'),
      () => db.xgroupCreate('s', 7 as unknown as string, '$'),
      () => db.xgroupCreate('s', 'g'.repeat(5000), '$'),
    ];
    for (const wrong of wrongs) expect(codeOf(wrong), String(wrong)).toBe('FERRITE_INVALID_ARGUMENT');
    expect(codeOf(() => db.xadd('text', { n: '1' }))).toBe('FERRITE_WRONG_TYPE');
    expect(codeOf(() => db.xreadgroup('g', 'ann', { s: '>' }))).toBe('FERRITE_NO_GROUP');
    expect(codeOf(() => db.xpending('none', 'g'))).toBe('FERRITE_NO_GROUP');
    expect([shown(db.xrange('s')), db.has('new'), db.xinfoGroups('s')]).toEqual([['1-0:n=1', '2-0:n=2'], false, []]);
  });
});
