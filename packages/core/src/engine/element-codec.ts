/**
 * Elements packed one after the other, as chunks of lists hold them: each can be read from either end.
 *
 * | part | bytes | what |
 * |---|---|---|
 * | length | 1 or 3 | below 128 one byte; else bits 16 to 22 with the top bit set, bits 8 to 15, bits 0 to 7 |
 * | element | | its bytes |
 * | length | 1 or 3 | the same, its bytes in reverse order |
 */
import { copyPlain } from '../base/copy-bytes.ts';

const SHORT_MAX_BYTES = 127;
const LONG = 0x80;
const LONG_LENGTH_BYTES = 3;

/** Bytes that an element of this length takes. */
export function packedLength(length: number): number {
  return length + (length <= SHORT_MAX_BYTES ? 2 : 2 * LONG_LENGTH_BYTES);
}

/** Packs `[start, end)` of `source` at byte `at`; returns where it ends. `source` must not be what `target` is a view of. */
export function packElement(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length <= SHORT_MAX_BYTES) {
    target[at] = length;
    copyPlain(source, start, end, target, at + 1);
    target[at + 1 + length] = length;
    return at + length + 2;
  }
  target[at] = LONG | (length >>> 16);
  target[at + 1] = length >>> 8;
  target[at + 2] = length;
  copyPlain(source, start, end, target, at + LONG_LENGTH_BYTES);
  const after = at + LONG_LENGTH_BYTES + length;
  target[after] = length;
  target[after + 1] = length >>> 8;
  target[after + 2] = LONG | (length >>> 16);
  return after + LONG_LENGTH_BYTES;
}

/** Reads packed elements one by one: `[start, end)` is the one read last, `[from, until)` what it takes with its lengths. */
export class ElementReader {
  start = 0;
  end = 0;
  from = 0;
  until = 0;

  /** The element that begins at byte `at`. */
  forward(bytes: Uint8Array, at: number): void {
    const first = bytes[at];
    this.from = at;
    if (first <= SHORT_MAX_BYTES) {
      this.start = at + 1;
      this.end = at + 1 + first;
      this.until = at + 2 + first;
      return;
    }
    const length = ((first & ~LONG) << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    this.start = at + LONG_LENGTH_BYTES;
    this.end = this.start + length;
    this.until = this.end + LONG_LENGTH_BYTES;
  }

  /** The element that ends before byte `at`. */
  backward(bytes: Uint8Array, at: number): void {
    const last = bytes[at - 1];
    this.until = at;
    if (last <= SHORT_MAX_BYTES) {
      this.end = at - 1;
      this.start = this.end - last;
      this.from = this.start - 1;
      return;
    }
    const length = ((last & ~LONG) << 16) | (bytes[at - 2] << 8) | bytes[at - 3];
    this.end = at - LONG_LENGTH_BYTES;
    this.start = this.end - length;
    this.from = this.start - LONG_LENGTH_BYTES;
  }
}
