/**
 * `ChangeFeed`: what `db.changes()` returns, changes in the order they were made, as an asynchronous iterator.
 *
 * The log is read a stretch at a time, and other work runs between two stretches. A change is dealt with when the next
 * one is asked for: until then a named reader that comes back gets it again.
 */

import { FerriteError } from '../base/errors.ts';
import type { FeedCursors, FeedHold } from '../engine/feed-cursors.ts';
import { type FeedChange, FeedReader } from '../engine/feed-reader.ts';
import type { Store } from '../engine/store.ts';
import type { Change } from './change-types.ts';
import type { Codec } from './codec.ts';
import { changeOfCollection, textOf } from './collection-changes.ts';
import { checkOptions, type OptionTypes } from './values.ts';

const DATABASE = 0;
const OPTIONS: OptionTypes = { from: 'string', name: 'string', live: 'boolean' };

export interface ChangesOptions {
  /**
   * Where to begin: after the change with this token, at the oldest change that is still kept (`'start'`), or with what is
   * written from now on (`'now'`). By default where the named reader stood, or with the very first change: if that is
   * no longer kept, `FERRITE_SNAPSHOT_REQUIRED`.
   */
  from?: string;
  /** Remembers under this name, in the store, how far the reader came, and keeps what it has not read (`feedRetention`). */
  name?: string;
  /** Waits for more at the end instead of ending; ends when the database is closed. */
  live?: boolean;
}

export class ChangeFeed<V> implements AsyncIterableIterator<Change<V>> {
  private readonly store: Store;
  private readonly feeds: FeedCursors;
  private readonly codec: Codec<V>;
  private readonly reader: FeedReader;
  private readonly name: string | undefined;
  private readonly isLive: boolean;
  private readonly hold: FeedHold;
  private readonly onEnd: (feed: ChangeFeed<V>) => void;
  private changes: FeedChange[] = [];
  private position = 0;
  /** After the change given last. */
  private givenToken: string;
  private isEnded = false;
  private isCutShort = false;
  private wake: (() => void) | null = null;
  private last: Promise<unknown> = Promise.resolve();

  /** @internal `onEnd` is called once, when the feed will give nothing more. */
  constructor(store: Store, codec: Codec<V>, options: ChangesOptions, onEnd: (feed: ChangeFeed<V>) => void) {
    checkOptions(options, OPTIONS);
    const { from, name, live = false } = options;
    this.store = store;
    this.codec = codec;
    this.name = name;
    this.isLive = live;
    this.onEnd = onEnd;
    if (live && store.identity.readOnly) {
      throw new FerriteError(
        'FERRITE_READ_ONLY',
        `nothing more comes from ${store.path}, which was opened read-only: leave out live`,
      );
    }
    const known = name === undefined ? undefined : store.feeds?.take(name);
    this.reader = new FeedReader(store, DATABASE, from ?? known);
    this.feeds = store.feeds as FeedCursors;
    this.hold = this.feeds.hold(this.reader.needsFrom);
    this.givenToken = this.reader.token;
    if (name !== undefined) this.feeds.begin(name, this.givenToken, this.reader.needsFrom);
  }

  /** Where the feed stands: after the change it gave last. */
  get token(): string {
    return this.givenToken;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Change<V>, undefined>> {
    const result = this.last.then(() => this.step());
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Ends the feed; a `next` that waits is answered. */
  return(): Promise<IteratorResult<Change<V>, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  /** @internal The handle was closed: a live feed ends, any other has not given everything. */
  close(): void {
    if (this.isEnded) return;
    this.isCutShort = !this.isLive;
    this.end();
  }

  private end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.changes = [];
    this.position = 0;
    this.feeds.letGo(this.hold);
    if (this.name !== undefined) this.feeds.end(this.name);
    this.onEnd(this);
    this.wake?.();
  }

  private async step(): Promise<IteratorResult<Change<V>, undefined>> {
    try {
      return await this.findNext();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  private async findNext(): Promise<IteratorResult<Change<V>, undefined>> {
    this.acknowledge();
    for (;;) {
      if (this.store.closed) this.close();
      if (this.isCutShort)
        throw new FerriteError('FERRITE_CLOSED', 'the database was closed before all changes were read');
      if (this.isEnded) return { value: undefined, done: true };
      if (this.position < this.changes.length) return { value: this.give(this.changes[this.position++]), done: false };
      const changes = this.reader.read();
      if (changes !== undefined) {
        this.changes = changes;
        this.position = 0;
        await this.store.yieldTurn();
      } else {
        this.acknowledgeAll();
        if (this.isLive) await this.more();
        else this.end();
      }
    }
  }

  /** The change given last has been dealt with. */
  private acknowledge(): void {
    const given = this.changes[this.position - 1];
    if (given === undefined) return;
    this.hold.from = given.needsFrom;
    if (this.name !== undefined && !this.isEnded) this.feeds.advance(this.name, given.token);
  }

  /** So has everything read, including what was not for us. */
  private acknowledgeAll(): void {
    this.changes = [];
    this.position = 0;
    this.hold.from = this.reader.needsFrom;
    this.givenToken = this.reader.token;
    if (this.name !== undefined) this.feeds.advance(this.name, this.givenToken);
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = null;
        resolve();
      };
      this.feeds.onMore(() => this.wake?.());
    });
  }

  private give(change: FeedChange): Change<V> {
    this.givenToken = change.token;
    if (change.isClear) return { type: 'clear', token: change.token };
    const [key, keyBytes] = textOf(change.key);
    const base = { key, keyBytes, token: change.token };
    if (change.object !== 0 || change.packed !== null) {
      return changeOfCollection(change, base, this.codec);
    }
    if (change.value === null) return { type: 'del', ...base };
    const value = this.codec.decode(change.value);
    return { type: 'set', ...base, value, expiresAt: change.expiresAtMs === 0 ? undefined : change.expiresAtMs };
  }
}
