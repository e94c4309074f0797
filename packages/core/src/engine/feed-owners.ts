/**
 * `FeedOwners`: which key's collection a member's record in the log belongs to, for readers of the feed.
 *
 * A member's record names its object alone; which key that is of, the object's root says, as it is now. What always holds:
 * one that was dropped or got another key is waited with until that is durable, so that no power cut takes back what the
 * reader was told, or kept from; what became of the key of one that is gone comes later in the feed.
 */
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
    const { large, log, identity } = store;
    if (!identity.readOnly && large.unsettled.has(id, log)) return 'held back';
    const object = large.isLive(store, id) ? large.get(id) : undefined;
    if (object === undefined) return undefined;
    if (object.rootDatabase !== this.namespace) return undefined;
    const { type, rootAddress } = object;
    if (this.last?.id === id && this.last.rootAddress === rootAddress) return this.last;
    locate(store, rootAddress);
    const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
    const key = Buffer.from(store.bytes.subarray(start, start + keyLengthOf(store.words, store.word)));
    this.last = { id, type, key, rootAddress };
    return this.last;
  }
}
