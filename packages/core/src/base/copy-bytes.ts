/**
 * Copies of some dozen to some hundred bytes, as values, keys and replies are: views of both sides move four at a time,
 * whatever the alignment. Below that a loop of bytes does, above it the platform's own copy.
 */

/** Up to this length `copyBytes` is faster than `TypedArray.set`, which wants a view of the source made for it. */
export const COPY_SIZE_MAX_BYTES = 512;

/** Copies the bytes `[start, end)` of `source` to `at` of `target`. */
export function copyBytes(source: DataView, start: number, end: number, target: DataView, at: number): void {
  let from = start;
  let to = at;
  for (; from + 16 <= end; from += 16, to += 16) {
    target.setInt32(to, source.getInt32(from, true), true);
    target.setInt32(to + 4, source.getInt32(from + 4, true), true);
    target.setInt32(to + 8, source.getInt32(from + 8, true), true);
    target.setInt32(to + 12, source.getInt32(from + 12, true), true);
  }
  for (; from + 4 <= end; from += 4, to += 4) target.setInt32(to, source.getInt32(from, true), true);
  for (; from < end; from++, to++) target.setUint8(to, source.getUint8(from));
}

/** Up to this length a loop copies faster than the platform. */
const LOOP_SIZE_MAX_BYTES = 128;

/** The same between bytes of which no view is at hand: one would cost more than it saves. */
export function copyPlain(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start > LOOP_SIZE_MAX_BYTES) target.set(source.subarray(start, end), at);
  else for (let from = start, to = at; from < end; from++, to++) target[to] = source[from];
}

/** What is longer is not kept from the garbage collector by being remembered. */
const REMEMBERED_SIZE_MAX_BYTES = 8_388_608;

/** A view of the bytes asked for last: most copies in a row come from the same memory. */
export class LastView {
  #bytes: Uint8Array | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));

  of(bytes: Uint8Array): DataView {
    if (bytes === this.#bytes) return this.#view;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length <= REMEMBERED_SIZE_MAX_BYTES) {
      this.#bytes = bytes;
      this.#view = view;
    }
    return view;
  }
}
