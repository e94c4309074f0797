/**
 * `FeedOwners`: which key's collection a member's record in the log belongs to, for readers of the feed.
 *
 * A member's record names its object alone; which key that is of, the object's root says, as it is now. What always holds:
 * 1. Only a root that is durable counts: a power cut cannot take back what the reader was told.
 * 2. An object without a root is passed over only once nothing waits to become durable; what became of its key comes later
 *    in the feed.
 */
import { isCold } from './address.ts';
import { locate } from './locate.ts';
import { keyLengthOf, keyOffsetOf } from './record.ts';
import type { Store } from './store.ts';

interface FeedOwner {
  readonly id: number;
  readonly type: number;
  readonly key: Buffer;
  readonly rootAddress: number;
}

export class FeedOwners {
  private readonly store: Store;
  private readonly namespace: number;
  /** The one asked for last: members of a collection often come in a row. */
  private last: FeedOwner | null = null;

  constructor(store: Store, namespace: number) {
    this.store = store;
    this.namespace = namespace;
  }

  /** Of the object with this id; undefined when its members are of no interest any more; or it is too early to tell. */
  find(id: number): FeedOwner | 'held back' | undefined {
    const { store } = this;
    const object = store.large.isLive(store, id) ? store.large.get(id) : undefined;
    if (object === undefined || !this.isDurable(object.rootAddress)) {
      const mayChange = !store.identity.readOnly && store.log.durableUntil < store.log.tail;
      return mayChange ? 'held back' : undefined;
    }
    if (object.rootDatabase !== this.namespace) return undefined;
    const { type, rootAddress } = object;
    if (this.last?.id === id && this.last.rootAddress === rootAddress) return this.last;
    locate(store, rootAddress);
    const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
    const key = Buffer.from(store.bytes.subarray(start, start + keyLengthOf(store.words, store.word)));
    this.last = { id, type, key, rootAddress };
    return this.last;
  }

  private isDurable(address: number): boolean {
    const { identity, log } = this.store;
    return isCold(address) || address < (identity.readOnly ? log.openedAt : log.durableUntil);
  }
}
