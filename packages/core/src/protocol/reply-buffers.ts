/**
 * Buffers for replies, used over and over by all connections.
 *
 * A connection needs one from its first reply until the socket has taken the bytes, which is most often at once. So a
 * few buffers serve all of them, and a connection without output holds none. Where replies wait for the device, each
 * client that writes needs one until the turn is over: so as many are kept as were in use lately.
 */

import { LastView } from '../base/copy-bytes.ts';

const BUFFER_SIZE_BYTES = 65_536;
const BUFFERS_KEPT_MIN = 16;
const BUFFERS_KEPT_MAX = 256;
/** Larger ones are left to the garbage collector: they were for a rare reply. */
const KEPT_SIZE_MAX_BYTES = 1_048_576;

export class ReplyBuffers {
  readonly #kept: Buffer[] = [];
  /** So many were not in use at any time since `trim`. */
  #spare = 0;
  /** For writing to buffers. */
  readonly bufferView = new LastView();
  /** For what bytes of replies are copied from: most in a row come from the same memory. */
  readonly sourceView = new LastView();

  /** A buffer of at least `sizeBytes`. What is in it is of no meaning. */
  acquire(sizeBytes: number): Buffer {
    for (let i = this.#kept.length - 1; i >= 0; i--) {
      if (this.#kept[i].length < sizeBytes) continue;
      const found = this.#kept[i];
      const last = this.#kept.pop()!;
      if (last !== found) this.#kept[i] = last;
      this.#spare = Math.min(this.#spare, this.#kept.length);
      return found;
    }
    return Buffer.allocUnsafeSlow(Math.max(sizeBytes, BUFFER_SIZE_BYTES));
  }

  /** Several times a second: gives up half of those that were not in use since the last time. */
  trim(): void {
    const least = Math.max(this.#kept.length - Math.ceil(this.#spare / 2), BUFFERS_KEPT_MIN);
    if (this.#kept.length > least) this.#kept.length = least;
    this.#spare = this.#kept.length;
  }

  /** Takes a buffer back whose bytes nobody reads any more. */
  release(buffer: Buffer): void {
    const isUseful = buffer.length >= BUFFER_SIZE_BYTES && buffer.length <= KEPT_SIZE_MAX_BYTES;
    if (isUseful && this.#kept.length < BUFFERS_KEPT_MAX) this.#kept.push(buffer);
  }
}
