/**
 * `FeatureStore`: what a feature keeps for itself, in the store and apart from users' keys.
 *
 * No command, scan or count of keys meets it; SWAPDB, FLUSHDB and FLUSHALL leave it; it is never evicted. It is as durable
 * as anything written at the same time, and is in backups. Its keys are behind the feature's name and the store's prefix:
 *
 *     name \0 prefix \0 key
 *
 * A write is committed by itself, or, if it is part of a command, with that: `call` then says which. Whoever writes within
 * a command without saying so would tear a transaction apart, so that is an error.
 */
import { FerriteError } from '../base/errors.ts';
import type { Call } from '../commands/call.ts';
import { WRITE } from '../commands/command.ts';
import { find, isDue } from '../engine/find.ts';
import { locate } from '../engine/locate.ts';
import { OWN_NAMESPACE } from '../engine/namespaces.ts';
import { putOwn, removeOwn } from '../engine/own-records.ts';
import { GATE_OPEN } from '../engine/read-gate.ts';
import { FLAG_EXPIRY, flagsOf, KIND_OWN, keyLengthOf, keyOffsetOf, valueLengthOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import { nameFeature } from '../engine/store-file.ts';

/** A record has a header and what rounds it up. */
const RECORD_OVERHEAD_BYTES = 64;
const PREFIX = /^[a-z0-9][a-z0-9.-]{0,31}$/;

export interface OwnWriteOptions {
  /** Milliseconds it lives. */
  readonly ttlMs?: number;
  /** The command that it is part of. */
  readonly call?: Call;
}

export class FeatureStore {
  private readonly store: Store;
  private readonly feature: string;
  private readonly prefix: Buffer;

  /** Says in the store's file that the feature has data there, so that an open without it tells. */
  constructor(store: Store, feature: string, prefix: string) {
    if (!PREFIX.test(prefix)) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `feature '${feature}': a prefix is at most 32 lower case letters, digits, dots and dashes, not '${prefix}'`,
      );
    }
    this.store = store;
    this.feature = feature;
    this.prefix = Buffer.from(`${feature}\0${prefix}\0`, 'latin1');
    const { device } = store.options;
    if (device !== null && !store.identity.readOnly)
      nameFeature(device, store.identity, { kind: KIND_OWN, name: feature });
  }

  /** The value of a key, in a buffer of its own. */
  get(key: string | Uint8Array): Buffer | undefined {
    return this.find(key) ? this.readValue() : undefined;
  }

  has(key: string | Uint8Array): boolean {
    return this.find(key);
  }

  /** Stores a value of at most a quarter of a page (32 KB to 64 KB); without `ttlMs`, an expiry that the key had goes. */
  set(key: string | Uint8Array, value: string | Uint8Array, { ttlMs = 0, call }: OwnWriteOptions = {}): void {
    const { store } = this;
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    if (!(ttlMs >= 0)) throw new FerriteError('FERRITE_INVALID_ARGUMENT', `ttlMs is a time from 0 on, not ${ttlMs}`);
    const full = this.fullKey(key);
    this.write(call, full.length + bytes.length + RECORD_OVERHEAD_BYTES, () => {
      store.key.set(full);
      putOwn(store, bytes, ttlMs === 0 ? 0 : Math.ceil(store.nowMs() + ttlMs));
      return true;
    });
  }

  /** Removes a key; false if there is none. */
  delete(key: string | Uint8Array, { call }: Pick<OwnWriteOptions, 'call'> = {}): boolean {
    const { store } = this;
    const full = this.fullKey(key);
    return this.write(call, 0, () => {
      store.key.set(full);
      return removeOwn(store);
    });
  }

  /** All keys with their values, in no order. Takes time by what all features keep. */
  entries(): [key: Buffer, value: Buffer][] {
    const { store, prefix } = this;
    store.checkOpen();
    const table = store.table(OWN_NAMESPACE);
    table.loadAll();
    const addresses: number[] = [];
    table.forEachInSlice(0, 0, (_, address) => addresses.push(address));
    const found: [Buffer, Buffer][] = [];
    for (const address of addresses) {
      locate(store, address);
      const { words, word, bytes } = store;
      const start = word * 4 + keyOffsetOf(words[word + 1]);
      const end = start + keyLengthOf(words, word);
      const isOwn = end - start >= prefix.length && prefix.equals(bytes.subarray(start, start + prefix.length));
      if (!isOwn || ((flagsOf(words[word + 1]) & FLAG_EXPIRY) !== 0 && isDue(store))) continue;
      found.push([Buffer.from(bytes.subarray(start + prefix.length, end)), this.readValue()]);
    }
    return found;
  }

  private find(key: string | Uint8Array): boolean {
    const { store } = this;
    store.checkOpen();
    store.key.set(this.fullKey(key));
    return find(store, OWN_NAMESPACE) !== 0;
  }

  /** Of the record located last. */
  private readValue(): Buffer {
    const { words, word, bytes } = this.store;
    const start = word * 4 + keyOffsetOf(words[word + 1]) + keyLengthOf(words, word);
    return Buffer.from(bytes.subarray(start, start + valueLengthOf(words[word + 2])));
  }

  private fullKey(key: string | Uint8Array): Buffer {
    return Buffer.concat([this.prefix, typeof key === 'string' ? Buffer.from(key, 'utf8') : key]);
  }

  private write(call: Call | undefined, growthBytes: number, change: () => boolean): boolean {
    const { store } = this;
    if (call !== undefined) return this.writeWithin(call, change);
    if (store.gate.state !== GATE_OPEN) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `feature '${this.feature}' writes within a command: name its call`,
      );
    }
    store.checkWritable(growthBytes);
    let isChanged: boolean;
    try {
      isChanged = change();
    } catch (error) {
      throw store.failWrite(error);
    }
    if (isChanged) store.committer.afterWrite();
    return isChanged;
  }

  /** What fails is undone by whoever runs the command; its reply waits for the write. */
  private writeWithin(call: Call, change: () => boolean): boolean {
    if ((call.row.flags & WRITE) === 0) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `feature '${this.feature}': the command '${call.row.name}' writes, and needs the flag 'write'`,
      );
    }
    const isChanged = change();
    if (isChanged) call.session.dirty++;
    return isChanged;
  }
}
