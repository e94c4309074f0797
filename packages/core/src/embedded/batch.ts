/** A batch: writes that are there all together or not at all, however the power goes. */

import { FerriteError } from '../base/errors.ts';
import { nameOfKind } from '../base/name-of-kind.ts';
import { KEY_SIZE_MAX_BYTES, VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { Store } from '../engine/store.ts';
import { applyAtomically, WRITE_DEL, WRITE_EXPIRE, WRITE_SET, WriteList } from '../keyspace/atomic.ts';
import type { Codec } from './codec.ts';
import { checkKey, checkLength, checkOptions, deadlineOf, encodeValue, type OptionTypes } from './values.ts';

const UTF8_BYTES_PER_CHARACTER = 3;
const SET_OPTIONS: OptionTypes = { ttlMs: 'number', expiresAt: 'number' };

export interface BatchSetOptions {
  /** Milliseconds the key lives. */
  ttlMs?: number;
  /** When it ends, ms since the epoch. */
  expiresAt?: number;
}

export class Batch<V> {
  private readonly store: Store;
  private readonly codec: Codec<V>;
  private writes = new WriteList();
  private done = false;

  constructor(store: Store, codec: Codec<V>) {
    this.store = store;
    this.codec = codec;
  }

  /** Writes staged so far. */
  get size(): number {
    return this.writes.size;
  }

  set(key: Key, value: V | Uint8Array, options?: BatchSetOptions): this {
    if (options !== undefined) checkOptions(options, SET_OPTIONS);
    const expiresAtMs = options === undefined ? 0 : deadlineOf(this.store, options);
    return this.stage(WRITE_SET, key, checkLength(encodeValue(this.codec, value)), expiresAtMs);
  }

  del(key: Key): this {
    return this.stage(WRITE_DEL, key, '', 0);
  }

  /** Gives a key `ttlMs` milliseconds to live; one that is over removes it. Keys that are missing are passed over. */
  expire(key: Key, ttlMs: number): this {
    return this.stage(WRITE_EXPIRE, key, '', deadlineOf(this.store, { ttlMs }));
  }

  private stage(kind: number, key: Key, value: string | Uint8Array, deadlineMs: number): this {
    if (this.done) throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'the batch was committed: make a new one');
    // A mistake is told here: once the list is being applied it must go through.
    checkSize('key', key, KEY_SIZE_MAX_BYTES);
    checkSize('value', value, VALUE_SIZE_MAX_BYTES);
    checkKey(key);
    this.writes.push(kind, key, value, deadlineMs);
    return this;
  }

  private take(): WriteList {
    if (this.done) throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'the batch was committed: make a new one');
    this.done = true;
    const writes = this.writes;
    this.writes = new WriteList();
    return writes;
  }

  /** Applies the batch; returns when it is as durable as the mode promises. If it throws, nothing was applied. */
  commit(): void {
    const writes = this.take();
    try {
      this.apply(writes);
    } catch (error) {
      // What only removes may use the room that is kept for it.
      if (writes.growthBytes > 0 || !this.store.useReserve(error)) throw error;
      this.apply(writes);
    }
  }

  private apply(writes: WriteList): void {
    applyAtomically(this.store, this.store.namespaces.of(0), writes);
    this.store.committer.afterWrite();
  }

  /** The same without holding the loop for the device: with `always`, writers of a turn share one fsync. */
  async commitAsync(): Promise<void> {
    applyAtomically(this.store, this.store.namespaces.of(0), this.take());
    await this.store.committer.afterWriteAsync();
  }
}

function checkSize(what: string, text: string | Uint8Array, mostBytes: number): void {
  const isText = typeof text === 'string';
  if (!isText && !(text instanceof Uint8Array)) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `a ${what} is a string or bytes, not ${nameOfKind(text)}`);
  }
  if (text.length * (isText ? UTF8_BYTES_PER_CHARACTER : 1) <= mostBytes) return;
  if ((isText ? Buffer.byteLength(text) : text.length) <= mostBytes) return;
  throw new FerriteError('FERRITE_INVALID_ARGUMENT', `a ${what} has at most ${mostBytes} bytes`);
}
