/** Counting and finding bits of the found string; a large one is gone through in windows, never whole in memory. */
import { fromStart } from '../base/range-index.ts';
import type { LargeValue } from '../engine/large-values.ts';
import type { Store } from '../engine/store.ts';
import { bitCount, bitPosition } from '../types/bits.ts';
import { isLargeString, lengthOfString, viewOfString } from '../engine/string-value.ts';

const BITS_PER_BYTE = 8;
const WINDOW_BYTES = 256 * 1024;

/** BITCOUNT: the range is given as for `bitCount`. */
export function countStringBits(store: Store, start: number, end: number, isBitRange: boolean): number {
  if (!isLargeString(store)) return bitCount(viewOfString(store, 0, lengthOfString(store)), start, end, isBitRange);
  if (start < 0 && end < 0 && start > end) return 0;
  let count = 0;
  eachWindow(store, start, end, isBitRange, (bytes, first, last) => {
    count += bitCount(bytes, first, last, true);
    return true;
  });
  return count;
}

/** BITPOS: the range is given as for `bitPosition`. */
export function findStringBit(
  store: Store,
  bit: number,
  start: number,
  end: number | undefined,
  isBitRange: boolean,
): number {
  const length = lengthOfString(store);
  if (!isLargeString(store)) return bitPosition(viewOfString(store, 0, length), bit, start, end, isBitRange);
  let found = -1;
  let isEmpty = true;
  eachWindow(store, start, end ?? -1, isBitRange, (bytes, first, last, bitsBefore) => {
    isEmpty = false;
    const position = bitPosition(bytes, bit, first, last, true);
    if (position >= 0) found = bitsBefore + position;
    return position < 0;
  });
  return found < 0 && !isEmpty && bit === 0 && end === undefined ? length * BITS_PER_BYTE : found;
}

/**
 * Goes through a range of the found large value until `visit` returns false. It gets bytes, and the first and last bit of
 * the range in them.
 */
function eachWindow(
  store: Store,
  start: number,
  end: number,
  isBitRange: boolean,
  visit: (bytes: Buffer, first: number, last: number, bitsBefore: number) => boolean,
): void {
  const value: LargeValue = store.large.ofRoot(store);
  const unit = isBitRange ? 1 : BITS_PER_BYTE;
  const total = (value.lengthBytes * BITS_PER_BYTE) / unit;
  const firstBit = fromStart(start, total) * unit;
  const endBit = (Math.min(fromStart(end, total), total - 1) + 1) * unit;
  const endByte = Math.ceil(endBit / BITS_PER_BYTE);
  if (firstBit < endBit) store.large.bring(store, value, Math.floor(firstBit / BITS_PER_BYTE), endByte);
  for (let at = Math.floor(firstBit / BITS_PER_BYTE); at * BITS_PER_BYTE < endBit; at += WINDOW_BYTES) {
    const bytes = store.large.readRange(store, value, at, Math.min(at + WINDOW_BYTES, value.lengthBytes));
    const bitsBefore = at * BITS_PER_BYTE;
    const last = Math.min(endBit - bitsBefore, bytes.length * BITS_PER_BYTE) - 1;
    if (!visit(bytes, Math.max(firstBit - bitsBefore, 0), last, bitsBefore)) return;
  }
}
