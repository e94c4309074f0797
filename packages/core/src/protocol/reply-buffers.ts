/**
 * Buffers for replies, used over and over by all connections.
 *
 * A connection needs one from its first reply until the socket has taken the bytes, which is most often at once. So a
 * few buffers serve all of them, and a connection without output holds none.
 */

import { LastView } from '../base/copy-bytes.ts';

const BUFFER_SIZE_BYTES = 65_536;
const BUFFERS_KEPT_MAX = 16;
/** Larger ones are left to the garbage collector: they were for a rare reply. */
const KEPT_SIZE_MAX_BYTES = 1_048_576;

export class ReplyBuffers {
  readonly #kept: Buffer[] = [];
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
      return found;
    }
    return Buffer.allocUnsafeSlow(Math.max(sizeBytes, BUFFER_SIZE_BYTES));
  }

  /** Takes a buffer back whose bytes nobody reads any more. */
  release(buffer: Buffer): void {
    const isUseful = buffer.length >= BUFFER_SIZE_BYTES && buffer.length <= KEPT_SIZE_MAX_BYTES;
    if (isUseful && this.#kept.length < BUFFERS_KEPT_MAX) this.#kept.push(buffer);
  }
}
