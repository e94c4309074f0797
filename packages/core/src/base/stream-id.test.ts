import { expect, it } from 'vitest';
import { STREAM_ID_TEXT_MAX_BYTES, StreamId } from './stream-id.ts';

function idOf(text: string, isLast = false): StreamId | undefined {
  const id = new StreamId();
  const bytes = Buffer.from(text);
  return id.parse(bytes, 0, bytes.length, isLast) ? id : undefined;
}

it('an ID is read, printed and written without losing a bit', () => {
  const edges = [
    '9',
    '10',
    '9999999',
    '10000000',
    '99999999999999',
    '100000000000000',
    '1790000000001',
    '9007199254740992',
  ];
  const texts = ['0-0', '1-2', '9007199254740993-4294967296', '18446744073709551615-18446744073709551615'];
  texts.push(...edges.flatMap((each) => [`${each}-${each}`, `1-${each}`, `${each}-0`]));
  for (const text of texts) {
    const id = idOf(text);
    expect(String(id)).toBe(text);
    const shown = Buffer.alloc(STREAM_ID_TEXT_MAX_BYTES);
    expect(shown.toString('latin1', 0, id?.writeText(shown, 0))).toBe(text);
    const bytes = Buffer.alloc(16);
    id?.write(bytes, 0);
    const read = new StreamId();
    read.read(bytes, 0);
    expect(String(read)).toBe(text);
    read.setBig(id?.big ?? 0n);
    expect(String(read)).toBe(text);
  }
  expect(String(idOf('5'))).toBe('5-0');
  expect(String(idOf('5', true))).toBe('5-18446744073709551615');
  expect(String(idOf('007-01'))).toBe('7-1');
  for (const text of ['', '-', '1-', '-1', '1-2-3', 'a', '18446744073709551616', '1-18446744073709551616']) {
    expect(idOf(text)).toBeUndefined();
  }
});

it('counting goes over all halves, and stops at both ends', () => {
  for (const [text, next] of [
    ['1-4294967295', '1-4294967296'],
    ['4294967295-18446744073709551615', '4294967296-0'],
  ]) {
    const id = idOf(text) as StreamId;
    expect(id.increment()).toBe(true);
    expect(String(id)).toBe(next);
    expect(id.decrement()).toBe(true);
    expect(String(id)).toBe(text);
  }
  const edge = new StreamId();
  expect(edge.decrement()).toBe(false);
  edge.setMax();
  expect(edge.increment()).toBe(false);
});
