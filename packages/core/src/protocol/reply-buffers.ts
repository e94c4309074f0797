/**
 * Buffers for replies, used over and over by all connections.
 *
 * A connection needs one from its first reply until the socket has taken the bytes, which is most often at once. So a
 * few buffers serve all of them, and a connection without output holds none.
 */

const BUFFER_SIZE_BYTES = 65_536;
const BUFFERS_KEPT_MAX = 16;
/** Larger ones are left to the garbage collector: they were for a rare reply. */
const KEPT_SIZE_MAX_BYTES = 1_048_576;
/** A source that is larger than a page of a log is of one reply: it is not to be kept from the garbage collector. */
const SOURCE_SIZE_MAX_BYTES = 8_388_608;

export class ReplyBuffers {
  readonly #kept: Buffer[] = [];
  // Views that were asked for last: most replies in a row come from the same memory and go to the same buffer.
  #viewed: Buffer | null = null;
  #view!: DataView;
  #source: Buffer | null = null;
  #sourceView!: DataView;

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

  /** A view of a buffer that was acquired. */
  viewOf(buffer: Buffer): DataView {
    if (buffer !== this.#viewed) {
      this.#view = viewOf(buffer);
      this.#viewed = buffer.length <= KEPT_SIZE_MAX_BYTES ? buffer : null;
    }
    return this.#view;
  }

  /** A view of what bytes of replies are copied from. */
  sourceView(source: Buffer): DataView {
    if (source !== this.#source) {
      this.#sourceView = viewOf(source);
      this.#source = source.length <= SOURCE_SIZE_MAX_BYTES ? source : null;
    }
    return this.#sourceView;
  }

  /** Takes a buffer back whose bytes nobody reads any more. */
  release(buffer: Buffer): void {
    const isUseful = buffer.length >= BUFFER_SIZE_BYTES && buffer.length <= KEPT_SIZE_MAX_BYTES;
    if (isUseful && this.#kept.length < BUFFERS_KEPT_MAX) this.#kept.push(buffer);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}
