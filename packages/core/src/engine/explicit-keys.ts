/**
 * The keys that the ordered key index keeps itself, because another key had the same hash when they came.
 *
 * An entry of the index refers to its key by hash, and the hash table leads from there to the record. That is unique
 * for at most one key per hash, the plain one. Every further key with that hash stands here, under a number that its
 * entry holds instead. There are few of them: about 116 in a million keys, in proportion to the square of the keys.
 */

import { equalBytes } from '../base/bytes.ts';

/** What a kept key costs beyond its bytes, about: array, list, map entry. */
const KEY_OVERHEAD_BYTES = 400;
/** Bits are kept in 512 words: a few hundred keys leave most of them 0. */
const SEEN_MASK = 511;

/** The keys of one hash; both lists are in the same order. */
interface Siblings {
  readonly ids: number[];
  readonly keys: Uint8Array[];
}

export class ExplicitKeys {
  private readonly keys: (Uint8Array | null)[] = [];
  private readonly hashes: number[] = [];
  private readonly free: number[] = [];
  private readonly byHash = new Map<number, Siblings>();
  /** A bit for the low bits of every hash that was ever in `byHash`. */
  private readonly seen = new Int32Array(SEEN_MASK + 1);
  private keyBytes = 0;
  count = 0;

  /** One more than the greatest id in use. */
  get idsMax(): number {
    return this.keys.length;
  }

  get bytesHeld(): number {
    return this.keyBytes + this.count * KEY_OVERHEAD_BYTES;
  }

  /** Keeps `key`, which the caller hands over, and returns its id. */
  add(hash: number, key: Uint8Array): number {
    const id = this.free.pop() ?? this.keys.length;
    this.place(id, hash, key);
    return id;
  }

  /** Keeps `key` under an id chosen earlier; false if the id is taken. `closeHoles` ends a series of these. */
  restore(id: number, hash: number, key: Uint8Array): boolean {
    while (this.keys.length <= id) {
      this.keys.push(null);
      this.hashes.push(0);
    }
    if (this.keys[id] !== null) return false;
    this.place(id, hash, key);
    return true;
  }

  closeHoles(): void {
    for (let id = 0; id < this.keys.length; id++) if (this.keys[id] === null) this.free.push(id);
  }

  /** The id of a key, or -1. */
  find(hash: number, bytes: Uint8Array, start: number, length: number): number {
    const siblings = this.byHash.size === 0 ? undefined : this.byHash.get(hash);
    if (siblings === undefined) return -1;
    for (let i = 0; i < siblings.keys.length; i++) {
      const key = siblings.keys[i];
      if (key.length === length && equalBytes(key, 0, bytes, start, length)) return siblings.ids[i];
    }
    return -1;
  }

  /** All keys kept for a hash. */
  keysOf(hash: number): readonly Uint8Array[] | undefined {
    // Scans ask for every key they meet: almost always a bit says that there are none.
    if ((this.seen[(hash >>> 5) & SEEN_MASK] & (1 << (hash & 31))) === 0) return undefined;
    return this.byHash.get(hash)?.keys;
  }

  /** The key with this id, or null. */
  keyAt(id: number): Uint8Array | null {
    return this.keys[id] ?? null;
  }

  hashAt(id: number): number {
    return this.hashes[id];
  }

  remove(id: number): void {
    const key = this.keys[id] as Uint8Array;
    const siblings = this.byHash.get(this.hashes[id]) as Siblings;
    const at = siblings.ids.indexOf(id);
    siblings.ids.splice(at, 1);
    siblings.keys.splice(at, 1);
    if (siblings.ids.length === 0) this.byHash.delete(this.hashes[id]);
    this.keys[id] = null;
    this.keyBytes -= key.length;
    this.count--;
    this.free.push(id);
  }

  private place(id: number, hash: number, key: Uint8Array): void {
    this.keys[id] = key;
    this.hashes[id] = hash;
    this.keyBytes += key.length;
    this.count++;
    this.seen[(hash >>> 5) & SEEN_MASK] |= 1 << (hash & 31);
    const siblings = this.byHash.get(hash);
    if (siblings === undefined) {
      this.byHash.set(hash, { ids: [id], keys: [key] });
    } else {
      siblings.ids.push(id);
      siblings.keys.push(key);
    }
  }
}
