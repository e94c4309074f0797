/**
 * Replies of a server, RESP2 and RESP3, as values of JavaScript. For tools, tests and sync: the other side of the
 * server's own path, made for clarity, not for millions of replies per second.
 *
 * | RESP | value |
 * |---|---|
 * | simple, bulk and verbatim string | string, or Buffer if asked for |
 * | error, bulk error | `ReplyError`, also within arrays |
 * | integer | number, or bigint beyond 2^53 |
 * | double, boolean, big number | number, boolean, bigint |
 * | null, null bulk, null array | null |
 * | array, set, map | Array, Set, Map |
 *
 * Pushed messages come apart from replies. An attribute goes with the reply that it stands before; one in the middle of
 * a reply is read and dropped. Never throws on what it reads: a stream that makes no sense ends in `malformed`.
 */
import {
  BAR,
  COLON,
  COMMA,
  CR,
  DOLLAR,
  EQUALS,
  EXCLAMATION,
  GREATER,
  HASH,
  LF,
  MINUS,
  OPEN_PARENTHESIS,
  PERCENT,
  PLUS,
  STAR,
  TILDE,
  UNDERSCORE,
} from './ascii.ts';
import { parseLengthField } from './length-field.ts';

/** An error that a server replied: data, so it is returned and not thrown. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';

  /** The first word, by which programs tell errors apart: `ERR`, `WRONGTYPE`, `MOVED`. */
  get code(): string {
    return this.message.split(' ', 1)[0];
  }
}

export type ReplyValue =
  | string
  | Buffer
  | number
  | bigint
  | boolean
  | null
  | ReplyError
  | ReplyValue[]
  | Set<ReplyValue>
  | Map<ReplyValue, ReplyValue>;

/** What `next` finds. */
export type Reply =
  | { readonly kind: 'reply'; readonly value: ReplyValue; readonly attributes?: Map<ReplyValue, ReplyValue> }
  | { readonly kind: 'push'; readonly value: ReplyValue[] }
  | { readonly kind: 'malformed'; readonly text: string };

interface ReplyParserOptions {
  /** What strings become. Default: `utf8`. */
  readonly strings?: 'utf8' | 'latin1' | 'buffer';
  /** True: simple strings are strings where bulk strings are buffers, for who shows a status apart from data. */
  readonly keepsStatus?: boolean;
}

/** An aggregate whose members are still coming. */
interface Frame {
  readonly type: number;
  /** Members to come; a pair counts twice. */
  left: number;
  readonly members: ReplyValue[];
}

const DEPTH_MAX = 128;
const BULK_LENGTH_MAX = 1_073_741_824;
const COUNT_MAX = 2_147_483_647;
const LINE_LENGTH_MAX = 65_536;
const integerText = /^[+-]?\d{1,19}$/;
const bigNumberText = /^[+-]?\d+$/;
const doubleText = /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/;
const infinities = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
]);

/** What `#read` gives when the bytes do not reach, and when an aggregate has begun. */
const incomplete = Symbol('incomplete');
const begun = Symbol('begun');
type Read = ReplyValue | typeof incomplete | typeof begun;

export class ReplyParser {
  readonly #strings: 'utf8' | 'latin1' | 'buffer';
  readonly #keepsStatus: boolean;
  /** `[pos, end)` of `bytes` has arrived and has not been read. */
  #bytes: Buffer = Buffer.alloc(0);
  #pos = 0;
  #end = 0;
  /** Aggregates that are open, from the outermost on. */
  readonly #frames: Frame[] = [];
  #attributes: Map<ReplyValue, ReplyValue> | undefined;
  #malformed = '';

  constructor(options: ReplyParserOptions = {}) {
    this.#strings = options.strings ?? 'utf8';
    this.#keepsStatus = options.keepsStatus === true;
  }

  /** Everything that was fed has been given: the stream may end here. */
  get isBetween(): boolean {
    return this.#pos === this.#end && this.#frames.length === 0;
  }

  /** Adds bytes, which are copied. */
  feed(chunk: Uint8Array): void {
    if (this.#malformed !== '') return;
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The next reply or message, or undefined if more bytes are needed. */
  next(): Reply | undefined {
    for (;;) {
      const value = this.#malformed === '' ? this.#read() : incomplete;
      if (this.#malformed !== '') return { kind: 'malformed', text: this.#malformed };
      if (value === incomplete) return undefined;
      const reply = value === begun ? undefined : this.#place(value);
      if (reply !== undefined) return reply;
    }
  }

  /** Puts a value where it belongs; closes aggregates that it completes. Gives what is complete at the outermost. */
  #place(value: ReplyValue): Reply | undefined {
    for (;;) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) {
        const attributes = this.#attributes;
        this.#attributes = undefined;
        return attributes === undefined ? { kind: 'reply', value } : { kind: 'reply', value, attributes };
      }
      frame.members.push(value);
      if (--frame.left > 0) return undefined;
      const closed = this.#close();
      if (closed === undefined || closed.kind === 'push') return closed;
      value = closed.value;
    }
  }

  /** Ends the innermost aggregate. Undefined: it was an attribute, and the value that it is about comes next. */
  #close(): Exclude<Reply, { kind: 'malformed' }> | undefined {
    const { type, members } = this.#frames.pop()!;
    if (type === GREATER) return { kind: 'push', value: members };
    if (type === STAR) return { kind: 'reply', value: members };
    if (type === TILDE) return { kind: 'reply', value: new Set(members) };
    const map = new Map<ReplyValue, ReplyValue>();
    for (let i = 0; i < members.length; i += 2) map.set(members[i], members[i + 1]);
    if (type === PERCENT) return { kind: 'reply', value: map };
    if (this.#frames.length === 0) this.#attributes = map;
    return undefined;
  }

  /** Reads one value, or the beginning of an aggregate. */
  #read(): Read {
    const lineEnd = this.#findLineEnd();
    if (lineEnd < 0) return incomplete;
    const type = this.#bytes[this.#pos];
    const start = this.#pos + 1;
    if (type === DOLLAR || type === EQUALS || type === EXCLAMATION) return this.#readBulk(type, lineEnd);
    if (type === STAR || type === TILDE || type === PERCENT || type === GREATER || type === BAR) {
      return this.#readAggregate(type, lineEnd);
    }
    this.#pos = lineEnd + 2;
    if (type === PLUS && this.#keepsStatus) return this.#bytes.toString('utf8', start, lineEnd);
    if (type === PLUS) return this.#string(start, lineEnd);
    const text = this.#bytes.toString(type === MINUS ? 'utf8' : 'latin1', start, lineEnd);
    if (type === MINUS) return new ReplyError(text);
    if (type === COLON && integerText.test(text)) return integer(text);
    if (type === UNDERSCORE && text === '') return null;
    if (type === HASH && (text === 't' || text === 'f')) return text === 't';
    if (type === OPEN_PARENTHESIS && bigNumberText.test(text)) return BigInt(text);
    if (type === COMMA && infinities.has(text)) return infinities.get(text)!;
    if (type === COMMA && doubleText.test(text)) return Number(text);
    return this.#fail(`unexpected ${JSON.stringify(String.fromCharCode(type) + text.slice(0, 40))}`);
  }

  #readBulk(type: number, lineEnd: number): Read {
    const length = parseLengthField(this.#bytes, this.#pos + 1, lineEnd);
    const start = lineEnd + 2;
    if (length === -1 && type === DOLLAR) {
      this.#pos = start;
      return null;
    }
    const isFormatMissing = type === EQUALS && length < 4;
    if (!(length >= 0 && length <= BULK_LENGTH_MAX) || isFormatMissing) return this.#fail('invalid bulk length');
    const end = start + length;
    if (end + 2 > this.#end) return incomplete;
    if (this.#bytes[end] !== CR || this.#bytes[end + 1] !== LF) return this.#fail('no line end after a bulk');
    this.#pos = end + 2;
    if (type === EXCLAMATION) return new ReplyError(this.#bytes.toString('utf8', start, end));
    return this.#string(type === EQUALS ? start + 4 : start, end);
  }

  #readAggregate(type: number, lineEnd: number): Read {
    const count = parseLengthField(this.#bytes, this.#pos + 1, lineEnd);
    const isNull = count === -1 && type === STAR;
    if (!isNull && !(count >= 0 && count <= COUNT_MAX)) return this.#fail('invalid count');
    if (type === GREATER && (count === 0 || this.#frames.length > 0)) return this.#fail('misplaced push');
    if (this.#frames.length === DEPTH_MAX) return this.#fail('nested too deeply');
    this.#pos = lineEnd + 2;
    if (isNull) return null;
    this.#frames.push({ type, left: type === PERCENT || type === BAR ? count * 2 : count, members: [] });
    if (count > 0) return begun;
    const empty = this.#close();
    return empty === undefined ? begun : empty.value;
  }

  /** Where the line at `pos` ends: at its CR, which LF must follow. -1: not there yet, or malformed. */
  #findLineEnd(): number {
    const at = this.#bytes.subarray(0, this.#end).indexOf(CR, this.#pos);
    const lengthSeen = (at < 0 ? this.#end : at) - this.#pos;
    if (lengthSeen > LINE_LENGTH_MAX) this.#fail('a line is too long');
    else if (at >= 0 && at + 1 < this.#end && this.#bytes[at + 1] !== LF) this.#fail('CR without LF');
    return this.#malformed === '' && at >= 0 && at + 1 < this.#end ? at : -1;
  }

  #string(start: number, end: number): string | Buffer {
    if (this.#strings === 'buffer') return Buffer.from(this.#bytes.subarray(start, end));
    return this.#bytes.toString(this.#strings, start, end);
  }

  #fail(text: string): typeof incomplete {
    this.#malformed = text;
    this.#frames.length = 0;
    this.#bytes = Buffer.alloc(0);
    this.#pos = this.#end = 0;
    return incomplete;
  }

  /** Moves what is unread to the front, of a larger buffer if need be; a long bulk is copied a few times at most. */
  #makeRoom(count: number): void {
    const unread = this.#bytes.subarray(this.#pos, this.#end);
    const needed = unread.length + count;
    const target = needed * 2 > this.#bytes.length ? Buffer.allocUnsafeSlow(needed * 2) : this.#bytes;
    target.set(unread);
    this.#bytes = target;
    this.#pos = 0;
    this.#end = unread.length;
  }
}

function integer(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
