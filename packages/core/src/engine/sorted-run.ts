/**
 * Runs: what a build of the ordered index holds until it merges.
 *
 * An event says that a key is there, or that it is gone. Up to 4,096 events are collected, sorted, and packed into blocks
 * that many runs share, with each key stored as what differs from the key before:
 * | bytes | what |
 * |---|---|
 * | 1-3 | how many bytes are shared with the key before, as a base-128 number, low digits first |
 * | 1-3 | length of the rest * 4 + the event, likewise |
 * | 4 | ref |
 * | .. | the rest of the key |
 *
 * Of several events for one key in a run only the last is kept. Called by `OrderedBuild` and `RunMerge`.
 */

import { equalBytes } from '../base/bytes.ts';
import { KeySort } from './key-sort.ts';
import { sharedLength } from './ordered-nodes.ts';

/** The key is gone. */
export const EVENT_GONE = 0;
/** The key is there; the ref is its hash. */
export const EVENT_PLAIN = 1;
/** The key is there; the ref is its id among the explicit keys. */
export const EVENT_EXPLICIT = 2;

/** Sorting that many takes about a millisecond. */
const EVENTS_MAX = 4096;
const KEY_BYTES_MAX = 256 * 1024;
const ENTRY_BYTES_MAX = 10;
/** So large that a C library takes them from the system one by one, and gives them back when the build is over. */
const BLOCK_BYTES = 2 * 1024 * 1024;

export class RunBuffer {
  count = 0;
  readonly bytes = new Uint8Array(KEY_BYTES_MAX);
  readonly starts = new Int32Array(EVENTS_MAX);
  readonly lengths = new Int32Array(EVENTS_MAX);
  private readonly refs = new Int32Array(EVENTS_MAX);
  private readonly events = new Uint8Array(EVENTS_MAX);
  private readonly keySort = new KeySort(this, EVENTS_MAX);
  private used = 0;
  /** Where the next run goes. */
  private block = new Uint8Array(0);
  private blockUsed = 0;

  get bytesHeld(): number {
    return KEY_BYTES_MAX + EVENTS_MAX * 33;
  }

  /** Whether there is room for one more event with a key of that length. */
  hasRoom(length: number): boolean {
    return this.count < EVENTS_MAX && this.used + length <= KEY_BYTES_MAX;
  }

  add(key: Uint8Array, start: number, length: number, ref: number, event: number): void {
    const at = this.count++;
    const { bytes, used } = this;
    for (let i = 0; i < length; i++) bytes[used + i] = key[start + i];
    this.starts[at] = used;
    this.lengths[at] = length;
    this.refs[at] = ref;
    this.events[at] = event;
    this.used += length;
  }

  /** Empties the buffer into a run. */
  seal(): SortedRun {
    const { count, bytes, starts, lengths } = this;
    const order = this.keySort.sort(count);
    if (this.blockUsed + this.used + count * ENTRY_BYTES_MAX > this.block.length) {
      this.block = new Uint8Array(BLOCK_BYTES);
      this.blockUsed = 0;
    }
    const out = this.block;
    const from = this.blockUsed;
    let at = from;
    let before = -1;
    for (let i = 0; i < count; i++) {
      const key = order[i];
      if (i + 1 < count && this.isSameKey(key, order[i + 1])) continue;
      const shared =
        before < 0 ? 0 : sharedLength(bytes, starts[before], lengths[before], bytes, starts[key], lengths[key]);
      const rest = lengths[key] - shared;
      at = writeNumber(out, at, shared);
      at = writeNumber(out, at, rest * 4 + this.events[key]);
      const ref = this.refs[key];
      out[at++] = ref;
      out[at++] = ref >>> 8;
      out[at++] = ref >>> 16;
      out[at++] = ref >>> 24;
      for (let b = starts[key] + shared, end = b + rest; b < end; b++) out[at++] = bytes[b];
      before = key;
    }
    this.count = 0;
    this.used = 0;
    this.blockUsed = at;
    return new SortedRun(out, from, at);
  }

  private isSameKey(a: number, b: number): boolean {
    const { bytes, starts, lengths } = this;
    return lengths[a] === lengths[b] && equalBytes(bytes, starts[a], bytes, starts[b], lengths[a]);
  }
}

/** Reads a run from its beginning; the fields show the event at which it stands. */
export class SortedRun {
  key = new Uint8Array(32);
  length = 0;
  /** Bytes the key shares with the one before. */
  shared = 0;
  ref = 0;
  event = EVENT_GONE;
  isAtEnd = false;
  readonly bytesHeld: number;
  private readonly bytes: Uint8Array;
  private at: number;
  private readonly end: number;

  constructor(bytes: Uint8Array, from: number, end: number) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.bytesHeld = end - from;
    this.next();
  }

  next(): void {
    const { bytes } = this;
    if (this.at === this.end) {
      this.isAtEnd = true;
      return;
    }
    this.shared = this.readNumber();
    const rest = this.readNumber();
    this.event = rest & 3;
    this.length = this.shared + (rest >>> 2);
    if (this.length > this.key.length) {
      const longer = new Uint8Array(this.length * 2);
      longer.set(this.key);
      this.key = longer;
    }
    let { at } = this;
    this.ref = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    at += 4;
    for (let i = this.shared; i < this.length; i++) this.key[i] = bytes[at++];
    this.at = at;
  }

  private readNumber(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}

function writeNumber(out: Uint8Array, at: number, value: number): number {
  while (value >= 0x80) {
    out[at++] = value | 0x80;
    value >>>= 7;
  }
  out[at++] = value;
  return at;
}
