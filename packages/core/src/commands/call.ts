/**
 * The call: the command that is being run, its arguments, and where its reply goes. One per instance, filled anew for
 * each command: handlers must not keep it.
 *
 * Arguments are ranges of `bytes`, which are the connection's read buffer: they are gone once the handler returns.
 */
import { equalBytes } from '../base/bytes.ts';
import { parseInteger } from '../base/decimal.ts';
import { find } from '../engine/find.ts';
import { FORESEEN_KEYS_MAX, FORESEEN_SIZE_MAX_BYTES, ForeseenKeys } from '../engine/foreseen-keys.ts';
import { TYPE_STRING } from '../engine/large-values.ts';
import { touchClock } from '../engine/lru-clock.ts';
import { KIND_ROOT, keyLengthOf, keyOffsetOf, kindOf, valueLengthOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import { typeNumberOfFound } from '../keyspace/collections.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { type CommandRow, READONLY } from './command.ts';
import type { Host } from './host.ts';
import type { Session } from './session.ts';

export const SYNTAX_ERROR = 'syntax error';
export const NOT_AN_INTEGER = 'value is not an integer or out of range';
export const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';

const LOWER = 0x20;
/** So few keys are not worth it. */
const FORESEEN_MIN = 3;

export class Call {
  readonly host: Host;
  readonly store: Store;
  row!: CommandRow;
  session!: Session;
  reply!: ReplyWriter;
  bytes!: Buffer;
  argc = 0;
  starts!: Int32Array;
  ends!: Int32Array;
  /** Keys that commands which read found, and that they did not. */
  keyHits = 0;
  keyMisses = 0;
  /** Address of the record that `findKey` or `findString` found, 0 for none. */
  found = 0;
  /** What a handler drew at random, kept for it if it is run anew; 0 for nothing. It sets it back when it is done. */
  seed = 0;

  constructor(host: Host, store: Store) {
    this.host = host;
    this.store = store;
  }

  /** The namespace of the session's database: what functions of the engine take. */
  get database(): number {
    return this.store.namespaces.of(this.session.database);
  }

  lengthOf(i: number): number {
    return this.ends[i] - this.starts[i];
  }

  isSameArgument(i: number, other: number): boolean {
    const length = this.lengthOf(i);
    return (
      length === this.lengthOf(other) && equalBytes(this.bytes, this.starts[i], this.bytes, this.starts[other], length)
    );
  }

  /** Argument `i` as text (UTF-8). */
  text(i: number): string {
    return this.bytes.toString('utf8', this.starts[i], this.ends[i]);
  }

  /** Argument `i` with a character for each byte: to be quoted in an error. */
  latin1(i: number): string {
    return this.bytes.toString('latin1', this.starts[i], this.ends[i]);
  }

  /** Argument `i` as bytes of its own. */
  copyOf(i: number): Buffer {
    return Buffer.from(this.bytes.subarray(this.starts[i], this.ends[i]));
  }

  /** Argument `i` as a view of bytes that are there only while the handler runs. */
  viewOf(i: number): Buffer {
    return this.bytes.subarray(this.starts[i], this.ends[i]);
  }

  /** Whether argument `i` is this word, which is in lower case; letters of either case do. */
  is(i: number, word: string): boolean {
    const start = this.starts[i];
    if (this.ends[i] - start !== word.length) return false;
    for (let at = 0; at < word.length; at++) {
      const byte = this.bytes[start + at];
      const lower = byte >= 0x41 && byte <= 0x5a ? byte | LOWER : byte;
      if (lower !== word.charCodeAt(at)) return false;
    }
    return true;
  }

  /** Argument `i` as a signed integer of 64 bits; replies with an error and returns undefined if it is none. */
  integer(i: number, error = NOT_AN_INTEGER): number | bigint | undefined {
    const value = parseInteger(this.bytes, this.starts[i], this.ends[i]);
    if (value === undefined) this.reply.error(error);
    return value;
  }

  /** In a loop over keys, each `step`th argument from the first on, before `i`: some that follow will be asked for together. */
  foresee(i: number, step: number): void {
    if ((i - 1) % (FORESEEN_KEYS_MAX * step) !== 0 || this.argc - i < FORESEEN_MIN * step) return;
    const { store, starts, ends, bytes } = this;
    const { foreseen } = store.key;
    if (!ForeseenKeys.isWorthIt(store.table(this.database))) return;
    foreseen.forget();
    const end = Math.min(this.argc, i + FORESEEN_KEYS_MAX * step);
    for (let at = i; at < end; at += step) {
      if (ends[at] - starts[at] <= FORESEEN_SIZE_MAX_BYTES) foreseen.add(starts[at], ends[at] - starts[at]);
    }
    store.touchForeseen(this.database, bytes);
  }

  /** Makes argument `i` the key of the operation at hand, and finds it: its record's address, 0 for none. */
  findKey(i: number): number {
    const { store } = this;
    if (this.peekKey(i) !== 0 && store.pages !== null) touchClock(store, store.words, store.word);
    return this.found;
  }

  /** The same without counting as a use of the key: for commands that only ask about it. */
  peekKey(i: number): number {
    const { store } = this;
    store.key.setFrom(this.bytes, this.starts[i], this.ends[i] - this.starts[i]);
    this.found = find(store, this.database);
    if ((this.row.flags & READONLY) !== 0) {
      if (this.found !== 0) this.keyHits++;
      else {
        this.keyMisses++;
        this.host.keyMissed(this);
      }
    }
    return this.found;
  }

  /** The same for a key that must hold a string or be missing: replies WRONGTYPE and returns false for another type. */
  findString(i: number): boolean {
    if (this.findKey(i) === 0) return true;
    if (this.holdsString()) return true;
    this.reply.error(WRONG_TYPE);
    return false;
  }

  /** Whether the key that `findKey` found holds a string. */
  holdsString(): boolean {
    return typeNumberOfFound(this.store) === TYPE_STRING;
  }

  /** Finds the found record again after other records were read. */
  relocate(): void {
    if (this.found !== 0) this.store.relocate(this.database, this.found);
  }

  /** Replies with the value that `findString` found, and leaves it found. */
  replyValue(): void {
    const { store, reply } = this;
    const { words, word } = store;
    const word1 = words[word + 1];
    if (kindOf(word1) === KIND_ROOT) {
      const whole = store.large.read(store);
      reply.bulk(whole, 0, whole.length);
      this.relocate();
      return;
    }
    const start = word * 4 + keyOffsetOf(word1) + keyLengthOf(words, word);
    reply.bulk(store.bytes, start, start + valueLengthOf(words[word + 2]), store.view);
  }

  /**
   * A handler has changed the key in the store's scratch: listeners of `event` (of the class of keyspace events that
   * `kind` names, such as `$` or `g`; none where it is empty) are told. Who watches or caches the key was told by the store.
   */
  changed(kind: string, event: string): void {
    this.session.dirty++;
    this.host.keyChanged(this, kind, event);
  }

  /** The same for a key of another database of the session's. */
  changedIn(database: number, kind: string, event: string): void {
    const { session } = this;
    const own = session.database;
    session.database = database;
    this.changed(kind, event);
    session.database = own;
  }

  /** The change that was just told makes another event. */
  alsoNotify(kind: string, event: string): void {
    this.host.keyEvent(this, kind, event);
  }
}
