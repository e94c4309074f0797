/**
 * What all methods of a `Database` need: its store, its codec, and whether it is open.
 *
 * The methods for each type of value stand in a class of their own, each made from the one before: `HashMethods`,
 * `HashExpiryMethods`, `SetMethods`, `ListMethods`, `SortedSetMethods`, `GeoMethods`, `StreamMethods`, `StreamGroupMethods`, `BitmapMethods`,
 * `SortMethods`, `WaitingMethods`, and `Database` last. To a program they are methods of `Database` alone.
 */

import { FerriteError } from '../base/errors.ts';
import type { Store } from '../engine/store.ts';
import type { Codec } from './codec.ts';
import { encodeValue } from './values.ts';

/** The database that programs see. */
export const DATABASE = 0;

export abstract class StoreHandle<V> {
  /** @internal */
  protected readonly store: Store;
  /** @internal */
  protected readonly codec: Codec<V>;
  /** @internal */
  protected readonly isText: boolean;
  /** @internal */
  protected isClosed = false;

  /** @internal */
  constructor(store: Store, codec: Codec<V>) {
    this.store = store;
    this.codec = codec;
    this.isText = codec.isText === true;
  }

  /** @internal */
  protected get namespace(): number {
    return this.store.namespaces.of(DATABASE);
  }

  /** @internal */
  protected checkOpen(): void {
    if (this.isClosed || this.store.closed) throw new FerriteError('FERRITE_CLOSED', 'the database is closed');
    this.store.packed.release();
  }

  /** @internal */
  protected encode(value: V | Uint8Array): string | Uint8Array {
    return this.isText && typeof value === 'string' ? value : encodeValue(this.codec, value);
  }

  /** @internal */
  protected decode(bytes: Buffer): V {
    return this.isText ? (bytes.toString('utf8') as V) : this.codec.decode(bytes);
  }
}
