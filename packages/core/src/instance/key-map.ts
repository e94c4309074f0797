/**
 * Values by key. They are found by the hash that the store's scratch has of the key at hand, so that asking for one that
 * is not here, which is what nearly every write does, costs one look-up of a number.
 */
import type { KeyScratch } from '../engine/key-scratch.ts';

export interface KeyEntry<T> {
  readonly hash: number;
  readonly key: Buffer;
  readonly value: T;
}

export class KeyMap<T> {
  size = 0;
  private readonly byHash = new Map<number, KeyEntry<T>[]>();

  find(key: KeyScratch): KeyEntry<T> | undefined {
    const entries = this.byHash.get(key.hash);
    if (entries === undefined) return undefined;
    for (const entry of entries) if (isKey(entry.key, key)) return entry;
    return undefined;
  }

  /** There must be none with this key. */
  add(key: KeyScratch, value: T): KeyEntry<T> {
    const entry = { hash: key.hash, key: key.copy(), value };
    const entries = this.byHash.get(key.hash);
    if (entries === undefined) this.byHash.set(key.hash, [entry]);
    else entries.push(entry);
    this.size++;
    return entry;
  }

  remove(entry: KeyEntry<T>): void {
    const entries = this.byHash.get(entry.hash);
    const at = entries?.indexOf(entry) ?? -1;
    if (entries === undefined || at < 0) return;
    if (entries.length === 1) this.byHash.delete(entry.hash);
    else entries.splice(at, 1);
    this.size--;
  }

  /** One of those that have been here longest. */
  oldest(): KeyEntry<T> | undefined {
    for (const entries of this.byHash.values()) return entries[0];
    return undefined;
  }

  *entries(): Iterable<KeyEntry<T>> {
    for (const entries of this.byHash.values()) yield* entries;
  }

  clear(): void {
    this.byHash.clear();
    this.size = 0;
  }
}

function isKey(bytes: Buffer, key: KeyScratch): boolean {
  if (bytes.length !== key.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== key.bytes[i]) return false;
  return true;
}
