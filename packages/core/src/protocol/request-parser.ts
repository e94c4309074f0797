/**
 * Requests of one connection, cut out of the bytes as they arrive: multibulk commands and inline ones, with the limits
 * and the error texts of redis's `networking.c`.
 *
 * All connections may read into one and the same buffer, the chunk. A command that lies whole in the chunk is given as
 * ranges of it, without a copy. What is left at its end is carried over: it goes to the parser's own buffer, the carry,
 * and the next chunk gives it the bytes that it lacks. What always holds:
 *
 * 1. `bytes[pos, end)` has not been parsed. `bytes` is the chunk or the carry; if it is the carry, the chunk's bytes
 *    from `chunkPos` on come after it.
 * 2. The carry is in use only while `bytes` is the carry. It holds the start of one command, unless `park` put more
 *    there.
 * 3. The carry grows with the bytes that arrive, and by doubling, so that a large argument is copied a bounded number of
 *    times. An announced length counts only once a good part of it has arrived: then there is room for all of it, for to
 *    copy hundreds of megabytes would let all clients wait. The system gives memory to what is written, not to the room.
 * 4. However the stream is cut into chunks, the same commands and the same error come out. So a line of more than 64 KB
 *    is refused even if its end is at hand; redis refuses it if the end has not been read yet.
 *
 * As in redis, a header ends at the first CR and an inline command at the first LF, neither is seen behind a NUL, the
 * byte after the CR is not looked at, and neither are the two after an argument.
 */
import { assert } from '../base/assert.ts';
import { CR, DOLLAR, LF, STAR, ZERO } from './ascii.ts';
import { InlineSplitter } from './inline-splitter.ts';
import { parseLengthField } from './length-field.ts';

/** `next` found a command. */
export const COMMAND = 1;
/** `next` used up all bytes. */
export const NEED_MORE = 0;
/** The stream makes no sense from here on: `errorText` is to be sent, and the connection closed. */
export const PROTOCOL_ERROR = -1;

/** What all connections share and what may change while they live. */
export interface RequestLimits {
  /** Longest argument: redis's `proto-max-bulk-len`. */
  bulkLengthMax: number;
}

const LINE_LENGTH_MAX = 65_536;
const ARGUMENT_COUNT_MAX = 2_147_483_647;
/** Offsets are kept in 32 bits. */
const CARRY_SIZE_MAX_BYTES = 2_147_483_647;
const UNAUTHENTICATED_COUNT_MAX = 10;
const UNAUTHENTICATED_LENGTH_MAX = 16_384;

/** Typed arrays of up to 64 bytes lie in the heap of V8 itself. */
const ARGUMENTS_AT_FIRST = 16;
const ARGUMENTS_KEPT_MAX = 1024;
const CARRY_SIZE_MIN_BYTES = 256;
const CARRY_KEPT_MAX_BYTES = 32_768;
/** Once so much has arrived, and one part in so many of what was announced, there is room for all of it. */
const RESERVED_FROM_BYTES = 1024 * 1024;
const RESERVED_SHARE = 64;
/** How much of the chunk the carry takes at a time while a line's end is not in sight. */
const LINE_PULL_BYTES = 64;

const LENGTH_UNKNOWN = -1;
const OUT_OF_MEMORY = 'out of memory';
const nothing = Buffer.alloc(0);

export class RequestParser {
  /** What the arguments of the current command are ranges of. */
  bytes: Buffer = nothing;
  /** How many arguments the current command has, its name included. */
  argc = 0;
  /** Argument `i` is `bytes[starts[i], ends[i])`. Valid until `next`, `feed` or `park` is called; see `park`. */
  starts = new Int32Array(ARGUMENTS_AT_FIRST);
  ends = new Int32Array(ARGUMENTS_AT_FIRST);
  /** What to answer after PROTOCOL_ERROR, in latin1, for a byte of the request may be quoted in it. */
  errorText = '';
  /** While false, the small limits hold that redis sets for a client that has yet to give the password. */
  isAuthenticated = true;

  readonly #limits: RequestLimits;
  #pos = 0;
  #end = 0;
  /** Where in `bytes` the current command begins. */
  #commandStart = 0;
  /** Arguments of the current command that are still to come. */
  #argumentsLeft = 0;
  /** Length of the argument at `pos`, or LENGTH_UNKNOWN while its header is to come. */
  #bulkLength = LENGTH_UNKNOWN;
  /** The line at `pos` has been searched for its end up to here. */
  #scannedTo = 0;

  #carry: Buffer = nothing;
  #inCarry = false;
  /** The chunk while `bytes` is the carry, which has taken `chunkPos` bytes of it. */
  #chunk: Buffer = nothing;
  #chunkPos = 0;
  #chunkEnd = 0;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Bytes that arrived and belong to no finished command: what `client-query-buffer-limit` is about. */
  get pendingBytes(): number {
    const from = this.#isComplete() ? this.#pos : this.#commandStart;
    return this.#end - from + this.#chunkEnd - this.#chunkPos;
  }

  /** Where in `bytes` what has not been parsed begins. */
  get position(): number {
    return this.#pos;
  }

  /** Where in `bytes` it ends. */
  get limit(): number {
    return this.#end;
  }

  /** Memory held for bytes of requests. */
  get bufferBytes(): number {
    return this.#carry.length;
  }

  /**
   * Takes the first `length` bytes of `chunk`. They are the parser's until `next` returns NEED_MORE or `park` is
   * called, and one of these must have happened before the next chunk. They may be changed: an inline command is
   * unquoted in place.
   */
  feed(chunk: Buffer, length: number): void {
    assert(this.pendingBytes === 0 || (this.#inCarry && this.#chunkEnd === 0), 'the last chunk was used up or parked');
    if (this.errorText !== '') return;
    if (this.#inCarry) {
      this.#chunk = chunk;
      this.#chunkPos = 0;
      this.#chunkEnd = length;
    } else {
      this.argc = 0;
      this.#readChunk(chunk, 0, length);
    }
  }

  /** Finds the next command: COMMAND, NEED_MORE or PROTOCOL_ERROR. */
  next(): number {
    if (this.errorText !== '') return PROTOCOL_ERROR;
    if (this.#isComplete()) this.#begin();
    for (;;) {
      const result = this.#parse();
      if (result !== NEED_MORE) return result;
      if (!this.#inCarry || this.#chunkPos === this.#chunkEnd) break;
      const lacking = this.#bulkLength < 0 ? LINE_PULL_BYTES : this.#pos + this.#bulkLength + 2 - this.#end;
      if (!this.#pull(lacking)) return PROTOCOL_ERROR;
    }
    this.park(true);
    if (!this.#inCarry) this.#shrink(ARGUMENTS_KEPT_MAX, CARRY_KEPT_MAX_BYTES);
    return this.errorText === '' ? NEED_MORE : PROTOCOL_ERROR;
  }

  /**
   * Saves what is left of the chunk, whose memory may serve another connection then, and `next` may go on whenever it
   * shall. With `keepCommand` the arguments of the current command stay, in other `bytes`; else they are gone.
   */
  park(keepCommand: boolean): void {
    if (this.errorText !== '') return;
    if (!keepCommand && this.#isComplete()) this.#begin();
    if (this.#inCarry) this.#pull(this.#chunkEnd - this.#chunkPos);
    else if (this.#commandStart < this.#end) this.#moveToFront(0);
    this.#chunkPos = this.#chunkEnd = 0;
  }

  /** Gives back memory that is not in use. For connections that have been quiet. */
  trim(): void {
    if (!this.#inCarry) this.#shrink(ARGUMENTS_AT_FIRST, 0);
  }

  #isComplete(): boolean {
    return this.argc > 0 && this.#argumentsLeft === 0;
  }

  /** Forgets the last command; goes back from the carry to the chunk if the carry was needed for that command only. */
  #begin(): void {
    this.argc = 0;
    this.#commandStart = this.#scannedTo = this.#pos;
    const left = this.#end - this.#pos;
    if (this.#inCarry && left <= this.#chunkPos) {
      this.#inCarry = false;
      this.#readChunk(this.#chunk, this.#chunkPos - left, this.#chunkEnd);
      this.#chunkPos = this.#chunkEnd = 0;
    }
  }

  #readChunk(chunk: Buffer, from: number, end: number): void {
    this.bytes = chunk;
    this.#pos = this.#commandStart = this.#scannedTo = from;
    this.#end = end;
  }

  /** Goes on with the command at hand, and over empty ones, as far as `bytes` reaches. */
  #parse(): number {
    while (this.#argumentsLeft === 0) {
      const { bytes } = this;
      const pos = this.#pos;
      if (pos >= this.#end) return NEED_MORE;
      const isMultibulk = bytes[pos] === STAR;
      const count = isMultibulk && pos + 3 < this.#end && bytes[pos + 2] === CR ? bytes[pos + 1] - ZERO : 0;
      if (count > 0 && count < 10) {
        this.#argumentsLeft = count;
        this.#pos = pos + 4;
        break;
      }
      const result = isMultibulk ? this.#parseCount() : this.#parseInline();
      if (result !== COMMAND || this.argc > 0) return result;
      if (this.#argumentsLeft === 0) this.#begin();
    }
    return this.#parseArguments();
  }

  #parseArguments(): number {
    const { bytes } = this;
    const end = this.#end;
    const lengthMax = this.isAuthenticated ? this.#limits.bulkLengthMax : 0;
    while (this.#argumentsLeft > 0) {
      let start = this.#pos;
      let length = this.#bulkLength;
      if (length < 0) {
        // The usual header: `$`, a number that is not too long, CR, and one byte more. All else is done elsewhere.
        const digitsStart = start + 1;
        let at = digitsStart;
        let value = 0;
        if (start + 3 < end && bytes[start] === DOLLAR) {
          let digit = bytes[at] - ZERO;
          while (digit >= 0 && digit <= 9 && value < 100_000_000 && at < end - 2) {
            value = value * 10 + digit;
            digit = bytes[++at] - ZERO;
          }
        }
        const isZeroLed = at > digitsStart + 1 && bytes[digitsStart] === ZERO;
        if (at > digitsStart && bytes[at] === CR && !isZeroLed && value <= lengthMax) {
          length = value;
          start = at + 2;
        } else {
          const result = this.#parseBulkHeader();
          if (result !== COMMAND) return result;
          length = this.#bulkLength;
          start = this.#pos;
        }
      }
      if (start + length + 2 > end) {
        this.#bulkLength = length;
        this.#pos = start;
        return NEED_MORE;
      }
      if (!this.#addArgument(start, start + length)) return PROTOCOL_ERROR;
      this.#pos = start + length + 2;
      this.#bulkLength = LENGTH_UNKNOWN;
      this.#argumentsLeft--;
    }
    return COMMAND;
  }

  /** Reads the header `*count` at `pos`. COMMAND: done. */
  #parseCount(): number {
    const lineEnd = this.#findLineEnd(CR);
    if (lineEnd < 0) return this.#lackLine('too big mbulk count string');
    if (lineEnd + 2 > this.#end) return NEED_MORE;
    const count = parseLengthField(this.bytes, this.#pos + 1, lineEnd);
    if (!(count <= ARGUMENT_COUNT_MAX)) return this.#fail('invalid multibulk length');
    if (count > UNAUTHENTICATED_COUNT_MAX && !this.isAuthenticated) {
      return this.#fail('unauthenticated multibulk length');
    }
    this.#pos = lineEnd + 2;
    if (count > 0) this.#argumentsLeft = count;
    return COMMAND;
  }

  /** Reads the header `$length` at `pos`. COMMAND: done. */
  #parseBulkHeader(): number {
    const lineEnd = this.#findLineEnd(CR);
    if (lineEnd < 0) return this.#lackLine('too big bulk count string');
    if (lineEnd + 2 > this.#end) return NEED_MORE;
    const first = this.bytes[this.#pos];
    if (first !== DOLLAR) return this.#fail(`expected '$', got '${quotable(first)}'`);
    const length = parseLengthField(this.bytes, this.#pos + 1, lineEnd);
    const isInRange = length >= 0 && length <= this.#limits.bulkLengthMax && length < CARRY_SIZE_MAX_BYTES;
    if (!isInRange) return this.#fail('invalid bulk length');
    if (length > UNAUTHENTICATED_LENGTH_MAX && !this.isAuthenticated) return this.#fail('unauthenticated bulk length');
    this.#pos = lineEnd + 2;
    this.#bulkLength = length;
    return COMMAND;
  }

  /** Reads the inline command at `pos`, which may be empty. COMMAND: done. */
  #parseInline(): number {
    const lineFeed = this.#findLineEnd(LF);
    if (lineFeed < 0) return this.#lackLine('too big inline request');
    const hasReturn = lineFeed > this.#pos && this.bytes[lineFeed - 1] === CR;
    const splitter = new InlineSplitter(this.bytes, this.#pos, hasReturn ? lineFeed - 1 : lineFeed);
    while (splitter.next()) {
      if (!this.#addArgument(splitter.start, splitter.end)) return PROTOCOL_ERROR;
    }
    if (splitter.isUnbalanced) return this.#fail('unbalanced quotes in request');
    this.#pos = lineFeed + 1;
    return COMMAND;
  }

  /** Where the line at `pos` ends, or -1 if that is not to be seen. */
  #findLineEnd(terminator: number): number {
    const { bytes } = this;
    const limit = Math.min(this.#end, this.#pos + LINE_LENGTH_MAX + 1);
    let at = Math.max(this.#pos, this.#scannedTo);
    while (at < limit && bytes[at] !== terminator && bytes[at] !== 0) at++;
    this.#scannedTo = at;
    return at < limit && bytes[at] === terminator ? at : -1;
  }

  #lackLine(tooLong: string): number {
    return this.#end - this.#pos > LINE_LENGTH_MAX ? this.#fail(tooLong) : NEED_MORE;
  }

  #addArgument(start: number, end: number): boolean {
    const { argc } = this;
    if (argc === this.starts.length && !this.#growArguments()) return false;
    this.starts[argc] = start;
    this.ends[argc] = end;
    this.argc = argc + 1;
    return true;
  }

  #growArguments(): boolean {
    try {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
      return true;
    } catch {
      this.#fail(OUT_OF_MEMORY);
      return false;
    }
  }

  /** Adds up to `count` bytes of the chunk to the carry. False: there is no memory for them. */
  #pull(count: number): boolean {
    const taken = Math.min(count, this.#chunkEnd - this.#chunkPos);
    if (this.#end + taken > this.#carry.length && !this.#moveToFront(taken)) return false;
    this.#chunk.copy(this.#carry, this.#end, this.#chunkPos, this.#chunkPos + taken);
    this.#end += taken;
    this.#chunkPos += taken;
    return true;
  }

  /** Moves what is there of the current command and after it to the front of the carry, with `room` bytes behind. */
  #moveToFront(room: number): boolean {
    const from = this.#commandStart;
    const held = this.#end - from;
    const carry = this.#fits(held, room) ? this.#carry : this.#allocate(held + room);
    if (carry === undefined) return false;
    this.bytes.copy(carry, 0, from, this.#end);
    this.bytes = this.#carry = carry;
    this.#inCarry = true;
    this.#pos -= from;
    this.#end -= from;
    this.#scannedTo -= from;
    this.#commandStart = 0;
    if (from > 0) {
      for (let i = 0; i < this.argc; i++) {
        this.starts[i] -= from;
        this.ends[i] -= from;
      }
    }
    return true;
  }

  /** Whether the carry at hand will do: large enough, neither far too large nor moving more than it wins. */
  #fits(held: number, room: number): boolean {
    const { length } = this.#carry;
    if (held + room > length) return false;
    return this.#inCarry ? held <= this.#commandStart : length <= CARRY_KEPT_MAX_BYTES || (held + room) * 4 > length;
  }

  /** A carry for `needed` bytes and as many more, but not beyond the end of a command whose length is known. */
  #allocate(needed: number): Buffer | undefined {
    const argumentEnd = this.#bulkLength < 0 ? 0 : this.#pos - this.#commandStart + this.#bulkLength + 2;
    const isReserved = needed >= RESERVED_FROM_BYTES && argumentEnd / needed <= RESERVED_SHARE;
    const growth = Math.max(needed * 2, isReserved ? argumentEnd : 0);
    const isLast = this.#argumentsLeft === 1 && argumentEnd > 0;
    const wanted = Math.max(CARRY_SIZE_MIN_BYTES, needed, isLast ? Math.min(growth, argumentEnd) : growth);
    try {
      if (needed <= CARRY_SIZE_MAX_BYTES) return Buffer.allocUnsafeSlow(wanted);
    } catch {
      // Answered below, like a request that is longer than offsets can say.
    }
    this.#fail(OUT_OF_MEMORY);
    return undefined;
  }

  #shrink(argumentsKept: number, carryKeptBytes: number): void {
    if (this.#carry.length > carryKeptBytes) this.#carry = nothing;
    if (this.starts.length <= argumentsKept) return;
    this.starts = new Int32Array(ARGUMENTS_AT_FIRST);
    this.ends = new Int32Array(ARGUMENTS_AT_FIRST);
  }

  #fail(text: string): number {
    this.errorText = `Protocol error: ${text}`;
    this.argc = this.#argumentsLeft = 0;
    this.#inCarry = false;
    this.#carry = nothing;
    this.#chunkPos = this.#chunkEnd = 0;
    this.#readChunk(nothing, 0, 0);
    return PROTOCOL_ERROR;
  }
}

function doubled(offsets: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(offsets.length * 2);
  larger.set(offsets);
  return larger;
}

/** A byte as redis shows it in an error: raw, but for what would end the reply's line. */
function quotable(byte: number): string {
  return byte === CR || byte === LF ? ' ' : String.fromCharCode(byte);
}
