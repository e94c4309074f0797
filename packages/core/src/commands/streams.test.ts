/** Commands on streams, but for groups. */
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestClient } from '../../test/test-client.ts';

type Entry = [id: string, items: string[]];

function idsOf(reply: unknown): string[] {
  return (reply as Entry[]).map(([id]) => id);
}

describe('streams', () => {
  it('keep entries in the order of their IDs', () => {
    const client = makeTestClient();
    expect(client.send('XADD', 's', '1-1', 'a', '1', 'b', '2')).toBe('1-1');
    expect(client.send('XADD', 's', '1-*', 'a', '')).toBe('1-2');
    expect(client.send('XADD', 's', '2', 'c', '3')).toBe('2-0');
    expect(client.send('XLEN', 's')).toBe(3);
    expect(client.send('TYPE', 's')).toBe('stream');
    expect(client.send('OBJECT', 'ENCODING', 's')).toBe('stream');
    expect(client.send('XRANGE', 's', '-', '+')).toEqual([
      ['1-1', ['a', '1', 'b', '2']],
      ['1-2', ['a', '']],
      ['2-0', ['c', '3']],
    ]);
    expect(idsOf(client.send('XREVRANGE', 's', '+', '(1-1', 'COUNT', '5'))).toEqual(['2-0', '1-2']);
    expect(idsOf(client.send('XRANGE', 's', '(1-1', '1'))).toEqual(['1-2']);
  });

  it('give entries IDs of their own, which ascend', () => {
    const client = makeTestClient();
    const first = String(client.send('XADD', 's', '*', 'a', '1'));
    const second = String(client.send('XADD', 's', '*', 'a', '2'));
    expect(first).toMatch(/^\d+-0$/);
    expect(second).toMatch(/^\d+-\d+$/);
    expect(idsOf(client.send('XRANGE', 's', '-', '+'))).toEqual([first, second]);
    client.send('XADD', 't', '18446744073709551615-18446744073709551614', 'a', '1');
    expect(client.send('XADD', 't', '*', 'a', '1')).toBe('18446744073709551615-18446744073709551615');
    expect(errorOf(client.send('XADD', 't', '*', 'a', '1'))).toContain('exhausted the last possible ID');
  });

  it('refuse IDs that do not ascend, and make no key then', () => {
    const client = makeTestClient();
    expect(errorOf(client.send('XADD', 's', '0-0', 'a', '1'))).toContain('must be greater than 0-0');
    expect(client.send('EXISTS', 's')).toBe(0);
    client.send('XADD', 's', '5-5', 'a', '1');
    for (const id of ['5-5', '5-4', '4-*', '0-1']) {
      expect(errorOf(client.send('XADD', 's', id, 'a', '1'))).toContain('equal or smaller');
    }
    expect(errorOf(client.send('XADD', 's', '5-x', 'a', '1'))).toContain('Invalid stream ID');
    expect(client.send('XADD', 'none', 'NOMKSTREAM', '*', 'a', '1')).toBeNull();
    expect(client.send('EXISTS', 'none')).toBe(0);
  });

  it('stay when their last entry goes, and go on counting', () => {
    const client = makeTestClient();
    client.send('XADD', 's', '1-1', 'a', '1');
    client.send('XADD', 's', '2-1', 'a', '1');
    expect(client.send('XDEL', 's', '2-1', '2-1', '9-9')).toBe(1);
    expect(client.send('XDEL', 's', '1-1')).toBe(1);
    expect([client.send('XLEN', 's'), client.send('EXISTS', 's')]).toEqual([0, 1]);
    expect(errorOf(client.send('XADD', 's', '2-0', 'a', '1'))).toContain('equal or smaller');
    expect(client.send('XADD', 's', '2-*', 'a', '1')).toBe('2-2');
  });

  it('are trimmed by length and by ID, with ~ in whole nodes', () => {
    const client = makeTestClient();
    client.send('CONFIG', 'SET', 'stream-node-max-entries', '10');
    for (let i = 1; i <= 100; i++) client.send('XADD', 's', `${i}`, 'a', '1');
    expect(client.send('XADD', 's', 'MAXLEN', '~', '55', 'LIMIT', '30', '101', 'a', '1')).toBe('101-0');
    expect(client.send('XLEN', 's')).toBe(71);
    expect(client.send('XTRIM', 's', 'MAXLEN', '~', '65')).toBe(0);
    expect(client.send('XTRIM', 's', 'MAXLEN', '=', '65')).toBe(6);
    expect(client.send('XTRIM', 's', 'MINID', '~', '60')).toBe(14);
    expect(client.send('XTRIM', 's', 'MINID', '60')).toBe(9);
    expect(client.send('XADD', 's', 'MAXLEN', '0', '102', 'a', '1')).toBe('102-0');
    expect([client.send('XLEN', 's'), client.send('EXISTS', 's')]).toEqual([0, 1]);
    expect(errorOf(client.send('XTRIM', 's', 'MAXLEN', '1', 'LIMIT', '1'))).toContain('special ~ option');
  });

  it('let the last ID be set where nothing contradicts it', () => {
    const client = makeTestClient();
    expect(errorOf(client.send('XSETID', 's', '1-1'))).toBe('ERR no such key');
    client.send('XADD', 's', '5-1', 'a', '1');
    expect(errorOf(client.send('XSETID', 's', '5-0'))).toContain('smaller than the target stream top item');
    expect(errorOf(client.send('XSETID', 's', '6-0', 'ENTRIESADDED', '0'))).toContain('smaller than the target stream');
    expect(client.send('XSETID', 's', '200-0', 'ENTRIESADDED', '7', 'MAXDELETEDID', '6-0')).toBe('OK');
    expect(errorOf(client.send('XSETID', 's', '5-9'))).toContain('current max_deleted_entry_id');
    expect(client.send('XADD', 's', '200-*', 'a', '1')).toBe('200-1');
  });

  it('are read after IDs, several at a time', () => {
    const client = makeTestClient();
    client.send('XADD', 'a', '1-1', 'f', '1');
    client.send('XADD', 'a', '2-1', 'f', '2');
    client.send('XADD', 'b', '1-1', 'f', '3');
    expect(client.send('XREAD', 'COUNT', '1', 'STREAMS', 'a', 'none', 'b', '0', '0', '1-1')).toEqual([
      ['a', [['1-1', ['f', '1']]]],
    ]);
    expect(client.send('XREAD', 'STREAMS', 'a', 'b', '$', '1-1')).toBeNull();
    expect(errorOf(client.send('XREAD', 'STREAMS', 'a', 'b', '1-1'))).toContain("Unbalanced 'xread' list");
    expect(client.send('COMMAND', 'GETKEYS', 'XREAD', 'COUNT', '1', 'STREAMS', 'x', 'y', '0', '0')).toEqual(['x', 'y']);
  });

  it('are read in batches without losing an entry', () => {
    const client = makeTestClient();
    const ids = Array.from({ length: 1000 }, (_, i) => `${i + 1}-0`);
    for (const id of ids) client.send('XADD', 's', id, 'a', id);
    expect(idsOf(client.send('XRANGE', 's', '-', '+'))).toEqual(ids);
    expect(idsOf(client.send('XREVRANGE', 's', '+', '-', 'COUNT', '700'))).toEqual(ids.slice(300).reverse());
    for (let i = 0; i < 1000; i += 3) client.send('XDEL', 's', ids[i]);
    expect(idsOf(client.send('XRANGE', 's', '10', '900', 'COUNT', '400'))).toEqual(
      ids.filter((_, i) => i % 3 !== 0 && i >= 9).slice(0, 400),
    );
  });

  it('are copied, renamed and removed as other values', () => {
    const client = makeTestClient();
    client.send('XADD', 's', '1-1', 'a', '1');
    client.send('XADD', 's', '2-1', 'a', '1');
    client.send('XDEL', 's', '2-1');
    expect(client.send('COPY', 's', 't')).toBe(1);
    expect(client.send('RENAME', 't', 'u')).toBe('OK');
    expect(client.send('XADD', 'u', '2-*', 'b', '2')).toBe('2-2');
    expect(idsOf(client.send('XRANGE', 'u', '-', '+'))).toEqual(['1-1', '2-2']);
    expect(idsOf(client.send('XRANGE', 's', '-', '+'))).toEqual(['1-1']);
    expect(client.send('DEL', 's', 'u')).toBe(2);
    expect(errorOf(client.send('XADD', 'x', '1', 'a', 'v'.repeat(70_000)))).toContain('at most');
    client.send('SET', 'x', '1');
    expect(errorOf(client.send('XADD', 'x', '*', 'a', '1'))).toContain('WRONGTYPE');
  });
});
