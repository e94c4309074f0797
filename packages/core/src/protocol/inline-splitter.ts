/**
 * The arguments of an inline command, by the quoting rules of redis's `sdssplitargs`.
 *
 * Arguments are separated by white space. Within double quotes `\n \r \t \b \a`, `\xHH` and a backslash before any other
 * byte are escapes; within single quotes only `\'` is. A closing quote must be followed by white space or the end.
 * An argument is never longer than what stands for it, so it is unquoted in place, over the line itself.
 * Used by the request parser for each inline command.
 */
import { BACKSLASH, CR, DOUBLE_QUOTE, LF, QUOTE, SPACE, TAB } from './ascii.ts';

const LOWER_A = 0x61;
const LOWER_B = 0x62;
const LOWER_N = 0x6e;
const LOWER_R = 0x72;
const LOWER_T = 0x74;
const LOWER_X = 0x78;

export class InlineSplitter {
  /** The argument that `next` found is `[start, end)` of the line's bytes. */
  start = 0;
  end = 0;
  isUnbalanced = false;

  readonly #bytes: Buffer;
  /** The next byte to look at, and where the line ends. */
  #at: number;
  readonly #lineEnd: number;

  /** The line is `[start, lineEnd)` of `bytes`, without its line feed. */
  constructor(bytes: Buffer, start: number, lineEnd: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#lineEnd = lineEnd;
  }

  /** Finds the next argument. False at the end, and at a quote that is not balanced. */
  next(): boolean {
    while (this.#at < this.#lineEnd && isSpace(this.#bytes[this.#at])) this.#at++;
    if (this.#at === this.#lineEnd) return false;
    this.start = this.end = this.#at;
    while (this.#at < this.#lineEnd) {
      const byte = this.#bytes[this.#at++];
      if (byte === SPACE || byte === TAB || byte === CR || byte === LF) break;
      if (byte === DOUBLE_QUOTE || byte === QUOTE) return this.#unquote(byte);
      this.#put(byte);
    }
    return true;
  }

  /** Reads on to the closing quote, which also ends the argument. */
  #unquote(quote: number): boolean {
    while (this.#at < this.#lineEnd) {
      const byte = this.#bytes[this.#at++];
      if (byte === quote) {
        this.isUnbalanced = this.#at < this.#lineEnd && !isSpace(this.#bytes[this.#at]);
        return !this.isUnbalanced;
      }
      const isEscape = byte === BACKSLASH && this.#at < this.#lineEnd;
      if (isEscape && quote === DOUBLE_QUOTE) this.#put(this.#unescape());
      else if (isEscape && this.#bytes[this.#at] === QUOTE) this.#put(this.#bytes[this.#at++]);
      else this.#put(byte);
    }
    this.isUnbalanced = true;
    return false;
  }

  /** The byte that an escape stands for; its backslash has been read. */
  #unescape(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === LOWER_X && this.#at + 1 < this.#lineEnd) {
      const high = hexValue(this.#bytes[this.#at]);
      const low = hexValue(this.#bytes[this.#at + 1]);
      if (high < 0 || low < 0) return byte;
      this.#at += 2;
      return high * 16 + low;
    }
    if (byte === LOWER_N) return 0x0a;
    if (byte === LOWER_R) return 0x0d;
    if (byte === LOWER_T) return 0x09;
    if (byte === LOWER_B) return 0x08;
    if (byte === LOWER_A) return 0x07;
    return byte;
  }

  #put(byte: number): void {
    this.#bytes[this.end++] = byte;
  }
}

/** As C's `isspace`: also vertical tab and form feed. */
function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
