/**
 * Reads changes off the main log, oldest first: what was set and deleted, in the order it was done.
 *
 * What always holds:
 * 1. Only what is durable is read, and so only whole groups: `durableUntil` moves by groups.
 * 2. Each frame is checked: its sums, and that it follows the one before.
 * 3. A change's token leads to the change after it, in this process or another.
 *
 * A large value comes whole, with its root record. A set whose expiry is over comes as a deletion: record and clock
 * decide, here as everywhere; so does a member. A large value that was replaced meanwhile is passed over (its successor comes later), one
 * that was removed or ended comes as a deletion, both only once nothing waits to become durable: or a power cut could
 * bring back a value that the reader was never given.
 *
 * A collection comes as its root record, which says which key has it from then on, and as a change for each member, with
 * the key that has it by the time of reading (`feed-owners.ts`). Members of a new collection come before its root. A list's
 * elements come by chunks (`feed-lists.ts`).
 *
 * FLUSHDB comes as one change. SWAPDB ends the history of a database: its reader has to take a snapshot.
 */

import { FerriteError } from '../base/errors.ts';
import { isCold, UNIT_BYTES } from './address.ts';
import { FRAME_HEADER_UNITS } from './frame.ts';
import { type FeedListChange, isListRecord, listChangeAt } from './feed-lists.ts';
import { FeedOwners } from './feed-owners.ts';
import { type FeedPosition, parseToken, snapshotRequired, tokenAt, tokenStem } from './feed-token.ts';
import { find } from './find.ts';
import { TYPE_STRING, typeOfRoot } from './large-values.ts';
import { decodeMeta } from './meta-record.ts';
import {
  databaseOf,
  expiryOf,
  isValueKind,
  KIND_MEMBER,
  KIND_MEMBER_TOMBSTONE,
  KIND_META,
  KIND_PACKED,
  KIND_ROOT,
  KIND_STRING,
  KIND_TOMBSTONE,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  objectIdOf,
  recordUnits,
  valueLengthOf,
} from './record.ts';
import type { Segments } from './segments.ts';
import type { Store } from './store.ts';
import { type FramePlace, Walker } from './walk.ts';

const STRETCH_BYTES = 128 * 1024;
const NO_KEY = Buffer.alloc(0);

export interface FeedChange {
  /** All keys are gone, not this one alone. */
  isClear: boolean;
  key: Buffer;
  /** null: deleted. */
  value: Buffer | null;
  /** The collection that the key has from then on, or that has the member; 0 for other changes. */
  object: number;
  /** A small collection, whole, that the key has from then on: it is no object. */
  packed: Buffer | null;
  /** The collection's type. */
  type: number;
  /** null: the change is not of a member. */
  member: Buffer | null;
  /** null: nor is it of elements of a list. */
  list: FeedListChange | null;
  /** ms since the epoch, 0 for never. */
  expiresAtMs: number;
  token: string;
  /** The reader still needs the log from here on once the change is dealt with. */
  needsFrom: number;
}

const NO_CHANGE: FeedChange = {
  isClear: false,
  key: NO_KEY,
  value: null,
  object: 0,
  packed: null,
  type: TYPE_STRING,
  member: null,
  list: null,
  expiresAtMs: 0,
  token: '',
  needsFrom: 0,
};

export class FeedReader {
  private readonly store: Store;
  private readonly segments: Segments;
  private readonly walker: Walker;
  /** By its number for clients. After another got its namespace, the log before cannot be read as its history. */
  private readonly database: number;
  private readonly namespace: number;
  private readonly owners: FeedOwners;
  private place: FramePlace;
  private skip: number;
  /** Where reading has to stop for now. */
  private heldBack: FeedPosition | null = null;

  /** `from`: a token, `start` (what is left of the log), `now`, or nothing for everything since the store was made. */
  constructor(store: Store, database: number, from: string | undefined) {
    const { log } = store;
    if (log.segments === null) {
      throw new FerriteError('FERRITE_UNSUPPORTED', 'a memory-only store keeps no log of changes: open with a path');
    }
    this.store = store;
    this.database = database;
    this.namespace = store.namespaces.of(database);
    this.owners = new FeedOwners(store, this.namespace);
    this.segments = log.segments;
    this.walker = new Walker(log.segments, store.identity.salt, store.pageBytes);
    // What a killed process left may be durable or not: a sync makes sure, so that it can be delivered.
    const isUnsure = log.durableUntil < log.openedAt && !store.identity.readOnly;
    if (isUnsure && store.committer.poisoned === null) store.committer.commitSync();
    const swappedAt = store.namespaces.swappedAt(database);
    if (from === 'now' && swappedAt >= log.flushedUntil && swappedAt > 0) store.committer.flushNow();
    const position = this.positionOf(from);
    if (position.place.address <= swappedAt && swappedAt > 0) throw swapped();
    this.place = position.place;
    this.skip = position.skip;
  }

  private positionOf(from: string | undefined): FeedPosition {
    const { log } = this.store;
    if (from === 'now') return { place: { address: log.flushedUntil, chain: log.flushedChain }, skip: 0 };
    if (from !== undefined && from !== 'start') return this.positionOfToken(from);
    const oldest = this.oldest();
    if (from === undefined && oldest.address !== 0) {
      throw snapshotRequired("the oldest changes are no longer kept (from: 'start' takes those that are)");
    }
    return { place: oldest, skip: 0 };
  }

  /** The start of the first segment that is not on its way out. */
  private oldest(): FramePlace {
    const { log, compactor } = this.store;
    const from = compactor?.keepsMainFrom ?? 0;
    const segment = this.segments.list.find((candidate) => candidate.base >= from && candidate.base < log.flushedUntil);
    if (segment === undefined) return { address: log.flushedUntil, chain: log.flushedChain };
    if (segment.base === 0) return { address: 0, chain: 0 };
    const chain = this.walker.chainAtBase(segment);
    if (chain === undefined) throw this.damaged(segment.base);
    return { address: segment.base, chain };
  }

  private positionOfToken(token: string): FeedPosition {
    const { log, identity } = this.store;
    const { place, skip, epoch } = parseToken(token, identity);
    if (place.address < this.begin) throw snapshotRequired('the changes after this token are no longer kept');
    const isKnown =
      epoch <= log.epoch &&
      (place.address === log.flushedUntil
        ? place.chain === log.flushedChain
        : place.address < log.flushedUntil && this.follows(place));
    if (!isKnown) throw snapshotRequired('the token is of a history that this store does not have');
    return { place, skip };
  }

  private get begin(): number {
    return this.segments.list[0]?.base ?? this.store.log.flushedUntil;
  }

  private follows(place: FramePlace): boolean {
    const until = this.store.log.flushedUntil;
    return this.walker.readLinked(place, until, UNIT_BYTES, () => undefined) !== undefined;
  }

  /** Where the next change is read from: the log is still needed from here on. */
  get needsFrom(): number {
    return this.place.address;
  }

  get token(): string {
    return tokenAt(tokenStem(this.store.identity, this.store.log, this.place), this.skip);
  }

  /** The next few changes; none at all may be in a stretch. Undefined at the end of what is durable. */
  read(): FeedChange[] | undefined {
    const { log, identity } = this.store;
    const until = identity.readOnly ? log.openedAt : log.durableUntil;
    if (this.place.address >= until) return undefined;
    if (this.place.address < this.begin) throw snapshotRequired('compaction gave back the log before it was read');
    const changes: FeedChange[] = [];
    const next = this.walker.readLinked(this.place, until, STRETCH_BYTES, (at, word, units) =>
      this.readFrame(at, word, units, changes),
    );
    if (this.heldBack !== null) {
      this.place = this.heldBack.place;
      this.skip = this.heldBack.skip;
      this.heldBack = null;
      return changes.length > 0 ? changes : undefined;
    }
    if (next === undefined) throw this.damaged(this.place.address);
    if (next.address === this.place.address) return undefined;
    this.place = next;
    this.skip = 0;
    const last = changes[changes.length - 1];
    if (last !== undefined) {
      last.token = this.token;
      last.needsFrom = next.address;
    }
    return changes;
  }

  private damaged(address: number): FerriteError {
    return new FerriteError(
      'FERRITE_CORRUPT',
      `the main log of ${this.store.path} is damaged at address ${address}: changes there are lost, take a snapshot with entries() and go on from 'now'`,
    );
  }

  private readFrame(at: FramePlace, frameWord: number, units: number, changes: FeedChange[]): void {
    if (this.heldBack !== null) return;
    const { words } = this.walker.memory;
    const stem = tokenStem(this.store.identity, this.store.log, at);
    const end = frameWord + units * 2;
    let index = 0;
    for (let word = frameWord + FRAME_HEADER_UNITS * 2; word < end; word += recordUnits(words, word) * 2) {
      if (index++ < this.skip) continue;
      const change = this.changeAt(word, at.address + (word - frameWord) / 2);
      if (change === 'held back') {
        this.heldBack = { place: at, skip: index - 1 };
        return;
      }
      if (change === undefined) continue;
      change.token = tokenAt(stem, index);
      change.needsFrom = at.address;
      changes.push(change);
    }
    this.skip = 0;
  }

  private changeAt(word: number, address: number): FeedChange | 'held back' | undefined {
    const { words, bytes } = this.walker.memory;
    const word1 = words[word + 1];
    const kind = kindOf(word1);
    if (kind === KIND_META) return this.changeOfMeta(word);
    if (kind === KIND_MEMBER || kind === KIND_MEMBER_TOMBSTONE) return this.changeOfMember(word, kind);
    if (isListRecord(this.walker.memory, word)) return this.changeOfList(word);
    if (!isValueKind(kind) && kind !== KIND_TOMBSTONE) return undefined;
    if (databaseOf(word1) !== this.namespace) return undefined;
    const keyStart = word * 4 + keyOffsetOf(word1);
    const start = keyStart + keyLengthOf(words, word);
    const key = Buffer.from(bytes.subarray(keyStart, start));
    const expiresAtMs = expiryOf(words, word);
    const change: FeedChange = { ...NO_CHANGE, key, expiresAtMs };
    const isOver = expiresAtMs !== 0 && expiresAtMs <= this.store.nowMs();
    if (kind === KIND_TOMBSTONE || isOver) return change;
    if (kind === KIND_STRING) {
      change.value = Buffer.from(bytes.subarray(start, start + valueLengthOf(words[word + 2])));
      return change;
    }
    if (kind === KIND_PACKED) {
      change.packed = Buffer.from(bytes.subarray(start, start + valueLengthOf(words[word + 2])));
      change.type = bytes[start];
      return change;
    }
    if (kind !== KIND_ROOT) return undefined;
    const type = typeOfRoot(words, word, keyLengthOf(words, word));
    if (type === TYPE_STRING) return this.addLarge(change, word, address);
    change.object = objectIdOf(words, word);
    change.type = type;
    return change;
  }

  private changeOfMember(word: number, kind: number): FeedChange | 'held back' | undefined {
    const { words, bytes } = this.walker.memory;
    const object = objectIdOf(words, word);
    const owner = this.owners.find(object);
    if (owner === undefined || owner === 'held back') return owner;
    const start = word * 4 + keyOffsetOf(words[word + 1]);
    const end = start + keyLengthOf(words, word);
    const expiresAtMs = expiryOf(words, word);
    const isThere = kind === KIND_MEMBER && (expiresAtMs === 0 || expiresAtMs > this.store.nowMs());
    return {
      ...NO_CHANGE,
      key: owner.key,
      value: isThere ? Buffer.from(bytes.subarray(end, end + valueLengthOf(words[word + 2]))) : null,
      object,
      type: owner.type,
      member: Buffer.from(bytes.subarray(start, end)),
      expiresAtMs,
    };
  }

  private changeOfList(word: number): FeedChange | 'held back' | undefined {
    const { memory } = this.walker;
    const object = objectIdOf(memory.words, word);
    const owner = this.owners.find(object);
    if (owner === undefined || owner === 'held back') return owner;
    return { ...NO_CHANGE, key: owner.key, object, type: owner.type, list: listChangeAt(memory, word) };
  }

  private changeOfMeta(word: number): FeedChange | undefined {
    const meta = decodeMeta(this.walker.memory, word);
    if (meta?.operation === 'swap' && (meta.one === this.database || meta.other === this.database)) throw swapped();
    if (meta?.operation !== 'flush' || (meta.namespaces & (1 << this.namespace)) === 0) return undefined;
    return { ...NO_CHANGE, isClear: true };
  }

  /** Undefined when a later change of the key has the say; held back until that one is sure to be durable. */
  private addLarge(change: FeedChange, word: number, address: number): FeedChange | 'held back' | undefined {
    const { store } = this;
    const { memory } = this.walker;
    const id = objectIdOf(memory.words, word);
    // A later root of the same value tells of chunks that were changed.
    const root = store.large.isLive(store, id) ? store.large.get(id)?.rootAddress : undefined;
    if (root === address || (root !== undefined && isCold(root))) {
      store.words = memory.words;
      store.bytes = memory.bytes;
      store.view = memory.view;
      store.word = word;
      change.value = store.large.read(store);
      return change;
    }
    if (!store.identity.readOnly && store.log.durableUntil < store.log.tail) return 'held back';
    store.key.set(change.key);
    return find(store, this.namespace) === 0 ? change : undefined;
  }
}

function swapped(): FerriteError {
  return snapshotRequired('the database was exchanged for another (SWAPDB)');
}
