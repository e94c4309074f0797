/**
 * The smaller sections of a checkpoint: large values and segments, chunks of lists, and their readers.
 *
 * Large value: object id u48 in 8, length u48 in 8, root address u48 in 8, root hash u32, root database u32, chunks u32,
 * type u32, then the chunks' addresses, u48 in 8 each. Segment: log u32 (0 main, 1 cold; 2 more when its RETIRE record was
 * written), number u32, base u48 in 8, dead units u48 in 8, units u48 in 8.
 *
 * Chunk of a list: key u48 in 8, address u48 in 8, bytes [from, until) of its value u32 each, elements u32, zero u32. A list
 * may take several sections, one after the other as its chunks are; while they are written it goes on changing.
 */

import { readWide, writeWide } from './record.ts';
import { ElementChunks } from './element-chunks.ts';
import { HashTable } from './hash-table.ts';
import { hasMembers, type LargeValue, TYPE_LIST } from './large-values.ts';
import type { Segment } from './segments.ts';
import type { Store } from './store.ts';

const LARGE_HEADER_WORDS = 10;
const SEGMENT_WORDS = 8;
export const CHUNK_WORDS = 8;
const LEAVING = 2;

export function encodeLarge(store: Store): Int32Array {
  let size = 0;
  for (const value of store.large.all()) size += LARGE_HEADER_WORDS + value.chunks.length * 2;
  const words = new Int32Array(size);
  let at = 0;
  for (const value of store.large.all()) {
    writeWide(words, at, value.id);
    writeWide(words, at + 2, value.lengthBytes);
    writeWide(words, at + 4, value.rootAddress);
    words[at + 6] = value.rootHash;
    words[at + 7] = value.rootDatabase;
    words[at + 8] = value.chunks.length;
    words[at + 9] = value.type;
    at += LARGE_HEADER_WORDS;
    for (const address of value.chunks) {
      writeWide(words, at, address);
      at += 2;
    }
  }
  return words;
}

export function decodeLarge(words: Int32Array): LargeValue[] {
  const values: LargeValue[] = [];
  for (let at = 0; at + LARGE_HEADER_WORDS <= words.length; ) {
    const count = words[at + 8];
    const chunks = new Float64Array(count);
    for (let i = 0; i < count; i++) chunks[i] = readWide(words, at + LARGE_HEADER_WORDS + i * 2);
    values.push({
      id: readWide(words, at),
      type: words[at + 9],
      isGrown: false,
      isMixed: false,
      isExpiring: false,
      packed: null,
      order: null,
      members: hasMembers(words[at + 9]) ? new HashTable(0, 1, true) : null,
      elements: words[at + 9] === TYPE_LIST ? new ElementChunks() : null,
      stream: null,
      lengthBytes: readWide(words, at + 2),
      rootAddress: readWide(words, at + 4),
      rootHash: words[at + 6],
      rootDatabase: words[at + 7],
      chunks,
      holes: -1,
    });
    at += LARGE_HEADER_WORDS + count * 2;
  }
  return values;
}

/** Writes up to `countMax` chunks from the key on to `words`, which has room; returns how many, and the key to go on with, 0 at the end. */
export function encodeChunks(
  chunks: ElementChunks,
  fromKey: number,
  countMax: number,
  words: Int32Array,
): { count: number; nextKey: number } {
  let count = 0;
  for (let more = chunks.seekFrom(fromKey); more; more = chunks.next()) {
    if (count === countMax) return { count, nextKey: chunks.key };
    const at = count++ * CHUNK_WORDS;
    writeWide(words, at, chunks.key);
    writeWide(words, at + 2, chunks.address);
    words[at + 4] = chunks.from;
    words[at + 5] = chunks.until;
    words[at + 6] = chunks.elements;
    words[at + 7] = 0;
  }
  return { count, nextKey: 0 };
}

export function decodeChunks(words: Int32Array, chunks: ElementChunks): void {
  for (let at = 0; at + CHUNK_WORDS <= words.length; at += CHUNK_WORDS) {
    chunks.put(readWide(words, at), readWide(words, at + 2), words[at + 4], words[at + 5], words[at + 6]);
  }
}

export interface SegmentEntry {
  cold: boolean;
  /** Retired before the checkpoint: it may be gone, and if not it goes now. */
  isLeaving: boolean;
  number: number;
  base: number;
  deadUnits: number;
  units: number;
}

export function encodeSegments(store: Store): Int32Array {
  const main = store.log.segments?.list ?? [];
  const cold = store.cold?.segments.list ?? [];
  // A planned segment has no file yet, and one made ahead of need is made anew after a power cut.
  const used = (list: readonly Segment[], tail: number) => list.filter((each) => each.ready && each.base < tail);
  const all: [Segment, number][] = [
    ...used(main, store.log.tail).map((segment): [Segment, number] => [segment, 0]),
    ...used(cold, store.cold?.tail ?? 0).map((segment): [Segment, number] => [segment, 1]),
  ];
  const words = new Int32Array(all.length * SEGMENT_WORDS);
  all.forEach(([segment, log], i) => {
    const at = i * SEGMENT_WORDS;
    words[at] = log | (segment.isLeaving ? LEAVING : 0);
    words[at + 1] = segment.number;
    writeWide(words, at + 2, segment.base);
    writeWide(words, at + 4, Math.max(0, segment.deadUnits));
    writeWide(words, at + 6, segment.units);
  });
  return words;
}

export function decodeSegments(words: Int32Array): SegmentEntry[] {
  const entries: SegmentEntry[] = [];
  for (let at = 0; at + SEGMENT_WORDS <= words.length; at += SEGMENT_WORDS) {
    entries.push({
      cold: (words[at] & 1) !== 0,
      isLeaving: (words[at] & LEAVING) !== 0,
      number: words[at + 1],
      base: readWide(words, at + 2),
      deadUnits: readWide(words, at + 4),
      units: readWide(words, at + 6),
    });
  }
  return entries;
}
