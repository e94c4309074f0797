/**
 * The replies of one connection, written into one buffer until it is taken to the socket.
 *
 * Handlers say what they mean (a map, a double, a null), and `proto` decides how it is put: as RESP3 has it, or as redis
 * puts it to a client that speaks RESP2. What always holds:
 *
 * 1. The first `length` bytes of the buffer are whole replies, unless a handler is in the middle of one. The server
 *    looks at `length` after every command, so that it can stop before too much waits.
 * 2. A buffer that was taken belongs to whoever took it, until it is given back to the `ReplyBuffers`. So bytes in
 *    flight are never overwritten.
 * 3. While `isMuted`, nothing is written, as CLIENT REPLY OFF and SKIP demand.
 *
 * No reply allocates, but for text that is not short and for bytes that are long enough for the runtime to copy them
 * faster than a loop.
 */
import { COPY_SIZE_MAX_BYTES, copyBytes } from '../base/copy-bytes.ts';
import { FerriteError } from '../base/errors.ts';
import { formatDouble } from '../base/double.ts';
import { BAR, COLON, CR, DOLLAR, EQUALS, GREATER, LF, MINUS, PERCENT, STAR, TILDE, ZERO } from './ascii.ts';
import type { ErrorTally } from './error-tally.ts';
import type { ReplyBuffers } from './reply-buffers.ts';

/** Type byte, sign, 19 digits, CR and LF. */
const HEADER_SIZE_MAX_BYTES = 23;
/** Room kept for a header whose count is not known: enough for one digit. */
const DEFERRED_SIZE_BYTES = 4;
const SHORT_TEXT_LENGTH = 32;
/** Bytes that a loop copies faster than views do; their number has at most two digits. */
const SHORT_BULK_BYTES = 24;
const INT32_MAX = 2_147_483_647;

const nothing = Buffer.alloc(0);
const viewOfNothing: DataView = new DataView(nothing.buffer, 0, 0);
const ok = Buffer.from('+OK\r\n');
const null2 = Buffer.from('$-1\r\n');
const nullArray2 = Buffer.from('*-1\r\n');
const null3 = Buffer.from('_\r\n');
const true3 = Buffer.from('#t\r\n');
const false3 = Buffer.from('#f\r\n');

export class ReplyWriter {
  /** The version of RESP that the client speaks. */
  proto: 2 | 3 = 2;
  isMuted = false;
  /** Bytes written and not taken yet. */
  length = 0;

  readonly #buffers: ReplyBuffers;
  readonly #errors: ErrorTally | null;
  #bytes: Buffer = nothing;
  #view = viewOfNothing;

  /** `errors` counts the errors written, also while nothing is sent. */
  constructor(buffers: ReplyBuffers, errors: ErrorTally | null = null) {
    this.#buffers = buffers;
    this.#errors = errors;
  }

  /** Hands over the buffer whose first `length` bytes are to be sent, read before this; writing goes on in another. */
  take(): Buffer {
    const taken = this.#bytes;
    this.#bytes = nothing;
    this.#view = viewOfNothing;
    this.length = 0;
    return taken;
  }

  /** The same for the first `count` bytes: what follows them stays, and is at the front from now on. */
  takeFront(count: number): Buffer {
    const { length } = this;
    const taken = this.take();
    if (count < length) {
      this.#reserve(length - count);
      this.#copy(taken, count, length);
    }
    return taken;
  }

  /** Takes back what was written since `length` was `mark`, as a copy. */
  cut(mark: number): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(mark, this.length));
    this.length = mark;
    return bytes;
  }

  /** Forgets what was written since `length` was `mark`. */
  rollback(mark: number): void {
    this.length = mark;
  }

  ok(): void {
    this.#constant(ok);
  }

  /** `text` is a status such as QUEUED, in latin1. */
  simple(text: string): void {
    if (!this.isMuted) this.#line('+', text);
  }

  /**
   * An error, as redis's `addReplyError` writes it: without a code of its own, that is, not beginning with `-`, `text`
   * gets the code ERR. Line ends in it become spaces. Text is latin1, so that bytes of a request can be quoted; text
   * with other characters is written as UTF-8.
   */
  error(text: string): void {
    if (this.#errors !== null) this.#errors.note(text);
    if (!this.isMuted) this.#line(text.startsWith('-') ? '' : '-ERR ', text);
  }

  integer(value: number | bigint): void {
    if (!this.isMuted) this.#header(COLON, value);
  }

  boolean(value: boolean): void {
    if (this.proto === 2) this.integer(value ? 1 : 0);
    else this.#constant(value ? true3 : false3);
  }

  null(): void {
    this.#constant(this.proto === 2 ? null2 : null3);
  }

  /** What RESP2 tells from a null: no array, where one would have been (a failed EXEC, a BLPOP that timed out). */
  nullArray(): void {
    this.#constant(this.proto === 2 ? nullArray2 : null3);
  }

  /** The bytes `[start, end)` of `source`, and of `view` if there is one of the same memory at hand. */
  bulk(source: Buffer, start: number, end: number, view: DataView | null = null): void {
    if (this.isMuted) return;
    const length = end - start;
    this.#reserve(length + HEADER_SIZE_MAX_BYTES + 2);
    if (length < 100 && view !== null) {
      this.#shortBulk(view, start, end);
      return;
    }
    this.#header(DOLLAR, length);
    this.#copy(source, start, end, view);
    this.#endLine();
  }

  /** One of less than 100 bytes, as most members and values of collections are, with room made for it. */
  #shortBulk(source: DataView, start: number, end: number): void {
    const bytes = this.#bytes;
    const length = end - start;
    let at = this.length;
    bytes[at++] = DOLLAR;
    if (length >= 10) {
      const tens = (length / 10) | 0;
      bytes[at++] = ZERO + tens;
      bytes[at++] = ZERO + length - tens * 10;
    } else bytes[at++] = ZERO + length;
    bytes[at] = CR;
    bytes[at + 1] = LF;
    copyBytes(source, start, end, this.#view, at + 2);
    at += 2 + length;
    bytes[at] = CR;
    bytes[at + 1] = LF;
    this.length = at + 2;
  }

  /** The first `count` ranges `[starts[i], ends[i])` of `source`, and of `view`, which is of the same memory, as bulks. */
  bulks(source: Buffer, view: DataView, starts: Int32Array, ends: Int32Array, count: number): void {
    if (this.isMuted) return;
    let sizeBytes = count * (HEADER_SIZE_MAX_BYTES + 2);
    for (let i = 0; i < count; i++) sizeBytes += ends[i] - starts[i];
    this.#reserve(sizeBytes);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < count; i++) {
      const start = starts[i];
      const end = ends[i];
      if (end - start <= SHORT_BULK_BYTES) at = writeShortBulk(bytes, at, source, start, end);
      else {
        this.length = at;
        this.bulk(source, start, end, view);
        at = this.length;
      }
    }
    this.length = at;
  }

  /** Text that goes out as UTF-8. */
  bulkText(text: string): void {
    if (!this.isMuted) this.#text(DOLLAR, '', text);
  }

  /** Text of which every character is one byte. */
  bulkLatin1(text: string): void {
    if (this.isMuted) return;
    this.#reserve(text.length + HEADER_SIZE_MAX_BYTES + 2);
    this.#header(DOLLAR, text.length);
    this.#latin1(text);
    this.#endLine();
  }

  double(value: number): void {
    // Most scores are small whole numbers: no text is made of them.
    if (this.proto === 2 && value > 0 && value <= INT32_MAX && Number.isInteger(value)) this.#wholeBulk(value);
    else this.#scalar(',', formatDouble(value));
  }

  #wholeBulk(value: number): void {
    if (this.isMuted) return;
    this.#header(DOLLAR, digitsOf(value), 2 * HEADER_SIZE_MAX_BYTES);
    this.#digits(value);
    this.#endLine();
  }

  /** A number as somebody else has printed it. */
  decimal(text: string): void {
    this.#scalar(',', text);
  }

  /** A whole number of any size. */
  bigNumber(value: bigint): void {
    this.#scalar('(', String(value));
  }

  /** Text for people, as INFO gives it; `format` is three characters that only RESP3 shows. */
  verbatim(format: 'txt' | 'mkd', text: string): void {
    if (this.isMuted) return;
    if (this.proto === 2) this.#text(DOLLAR, '', text);
    else this.#text(EQUALS, `${format}:`, text);
  }

  /** `count` replies follow. */
  array(count: number): void {
    if (!this.isMuted) this.#header(STAR, count);
  }

  /** `pairs` keys follow, each with its value: in RESP2 an array of twice as many. */
  map(pairs: number): void {
    if (this.isMuted) return;
    if (this.proto === 2) this.#header(STAR, pairs * 2);
    else this.#header(PERCENT, pairs);
  }

  /** `count` members follow: in RESP2 an array. */
  set(count: number): void {
    if (!this.isMuted) this.#header(this.proto === 2 ? STAR : TILDE, count);
  }

  /** A message of `count` parts follows that answers no command: in RESP2 an array. */
  push(count: number): void {
    if (!this.isMuted) this.#header(this.proto === 2 ? STAR : GREATER, count);
  }

  /** `pairs` of attributes follow, and then the reply they are about. False: RESP2 has none, so write no pairs. */
  attribute(pairs: number): boolean {
    if (this.proto === 2) return false;
    if (!this.isMuted) this.#header(BAR, pairs);
    return true;
  }

  /** What another writer wrote, or the same bytes for many connections. They must fit `proto`. */
  raw(source: Buffer, start: number, end: number): void {
    if (this.isMuted) return;
    this.#reserve(end - start);
    this.#copy(source, start, end);
  }

  /**
   * Keeps the place of an array, map or set whose size its members will tell. Write them, then say the size by one of
   * the `resolve` functions. Those that are nested are resolved from the inside out. Nothing may be taken in between.
   */
  defer(): number {
    if (this.isMuted) return -1;
    const place = this.length;
    this.#reserve(DEFERRED_SIZE_BYTES);
    this.length += DEFERRED_SIZE_BYTES;
    return place;
  }

  resolveArray(place: number, count: number): void {
    this.#resolve(place, STAR, count);
  }

  resolveMap(place: number, pairs: number): void {
    if (this.proto === 2) this.#resolve(place, STAR, pairs * 2);
    else this.#resolve(place, PERCENT, pairs);
  }

  resolveSet(place: number, count: number): void {
    this.#resolve(place, this.proto === 2 ? STAR : TILDE, count);
  }

  #resolve(place: number, type: number, count: number): void {
    if (place < 0) return;
    const extra = digitsOf(count) - 1;
    this.#reserve(extra);
    const end = this.length + extra;
    if (extra > 0) {
      this.#bytes.copyWithin(place + DEFERRED_SIZE_BYTES + extra, place + DEFERRED_SIZE_BYTES, this.length);
    }
    this.length = place;
    this.#header(type, count, 0);
    this.length = end;
  }

  /** What RESP2 knows as a bulk string only. */
  #scalar(type: string, text: string): void {
    if (this.proto === 2) this.bulkLatin1(text);
    else if (!this.isMuted) this.#line(type, text);
  }

  #constant(reply: Buffer): void {
    if (this.isMuted) return;
    this.#reserve(reply.length);
    const bytes = this.#bytes;
    for (let i = 0; i < reply.length; i++) bytes[this.length++] = reply[i];
  }

  /** A type byte, a number and CRLF. */
  #header(type: number, value: number | bigint, reserveBytes = HEADER_SIZE_MAX_BYTES): void {
    this.#reserve(reserveBytes);
    const bytes = this.#bytes;
    let at = this.length;
    bytes[at++] = type;
    if (typeof value === 'number' && value >= -INT32_MAX && value <= INT32_MAX) {
      let rest = value;
      if (rest < 0) {
        bytes[at++] = MINUS;
        rest = -rest;
      }
      this.length = at;
      this.#digits(rest);
    } else this.length = at + bytes.write(String(value), at, 'latin1');
    this.#endLine();
  }

  /** Of a whole number from 0 on, below 2^31. There is room for them. */
  #digits(value: number): void {
    const bytes = this.#bytes;
    const end = this.length + digitsOf(value);
    let rest = value;
    let position = end - 1;
    do {
      const tenth = (rest / 10) | 0;
      bytes[position--] = ZERO + rest - tenth * 10;
      rest = tenth;
    } while (rest > 0);
    this.length = end;
  }

  /** Text in latin1 that ends with the line. */
  #line(prefix: string, text: string): void {
    const shown = isPlainLine(text) ? text : plainLine(text);
    this.#reserve(prefix.length + shown.length + 2);
    this.#latin1(prefix);
    this.#latin1(shown);
    this.#endLine();
  }

  /** A header with the length of `prefix` and `text` in UTF-8, and these. */
  #text(type: number, prefix: string, text: string): void {
    const size = prefix.length + Buffer.byteLength(text);
    this.#reserve(size + HEADER_SIZE_MAX_BYTES + 2);
    this.#header(type, size);
    this.#latin1(prefix);
    this.length += this.#bytes.write(text, this.length, 'utf8');
    this.#endLine();
  }

  #latin1(text: string): void {
    if (text.length > SHORT_TEXT_LENGTH) {
      this.length += this.#bytes.write(text, this.length, 'latin1');
      return;
    }
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  #endLine(): void {
    const bytes = this.#bytes;
    const at = this.length;
    bytes[at] = CR;
    bytes[at + 1] = LF;
    this.length = at + 2;
  }

  #copy(source: Buffer, start: number, end: number, view: DataView | null = null): void {
    const at = this.length;
    this.length = at + end - start;
    if (end - start > COPY_SIZE_MAX_BYTES) {
      this.#bytes.set(new Uint8Array(source.buffer, source.byteOffset + start, end - start), at);
    } else copyBytes(view ?? this.#buffers.sourceView.of(source), start, end, this.#view, at);
  }

  #reserve(sizeBytes: number): void {
    if (this.length + sizeBytes > this.#bytes.length) this.#grow(this.length + sizeBytes);
  }

  #grow(neededBytes: number): void {
    const old = this.#bytes;
    let larger: Buffer;
    try {
      larger = this.#buffers.acquire(Math.max(neededBytes, old.length * 2));
    } catch (cause) {
      throw new FerriteError('FERRITE_MEMORY_FULL', `no memory for ${neededBytes} bytes of replies`, cause);
    }
    old.copy(larger, 0, 0, this.length);
    this.#buffers.release(old);
    this.#bytes = larger;
    this.#view = this.#buffers.bufferView.of(larger);
  }
}

/** Writes a bulk of at most `SHORT_BULK_BYTES` at `start`; returns where it ends. */
function writeShortBulk(target: Buffer, start: number, source: Buffer, from: number, until: number): number {
  const length = until - from;
  let at = start;
  target[at++] = DOLLAR;
  if (length < 10) target[at++] = ZERO + length;
  else {
    const tens = length < 20 ? 1 : 2;
    target[at++] = ZERO + tens;
    target[at++] = ZERO + length - 10 * tens;
  }
  target[at++] = CR;
  target[at++] = LF;
  for (let own = from; own < until; own++) target[at++] = source[own];
  target[at++] = CR;
  target[at++] = LF;
  return at;
}

/** Decimal digits of a count below 2^31. */
function digitsOf(count: number): number {
  if (count < 10) return 1;
  if (count < 100) return 2;
  if (count < 1000) return 3;
  let digits = 4;
  for (let bound = 10_000; bound <= count; bound *= 10) digits++;
  return digits;
}

/** Whether the text is all latin1 and has no line end in it. */
function isPlainLine(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === CR || code === LF || code > 0xff) return false;
  }
  return true;
}

/** Bytes of UTF-8 where latin1 is not enough; no line ends, but for spaces in their place within the text. */
function plainLine(text: string): string {
  const isLatin1 = !/[^\0-\xff]/.test(text);
  const bytes = isLatin1 ? text : Buffer.from(text).toString('latin1');
  return bytes.replace(/^[\r\n]+|[\r\n]+$/g, '').replace(/[\r\n]/g, ' ');
}
