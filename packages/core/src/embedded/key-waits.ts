/**
 * Calls of programs that wait for keys: `blpop` and its kin. Each is tried at once, and again when a key of its was changed,
 * by whichever door, once what changed it is over.
 *
 * What always holds: calls that wait for a key are tried in the order in which they came, and a later one is not tried before
 * them; the store is observed only while somebody waits. Those whose time is over are ended by `tick`.
 */
import { FerriteError } from '../base/errors.ts';
import { find } from '../engine/find.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { Store, StoreObserver } from '../engine/store.ts';
import { typeNumberOfFound } from '../keyspace/collections.ts';
import { DATABASE } from './store-handle.ts';

export interface Wait<T> {
  /** The type of value that is waited for, as root records have it. */
  readonly type: number;
  /** Infinity: for ever; 0: not at all. */
  readonly timeoutMs: number;
  /** Takes what is wanted, from this key if it names one; undefined if there is nothing. */
  readonly attempt: (key: Key) => T | undefined;
}

interface Waiter {
  /** The handle that was called. */
  readonly owner: object;
  /** By their names: one character for each byte. */
  readonly names: readonly string[];
  readonly type: number;
  /** On the monotonic clock. */
  readonly untilMs: number;
  /** Whether it was served, or failed. */
  readonly serve: (key: Key) => boolean;
  readonly end: (error?: FerriteError) => void;
}

export class KeyWaits implements StoreObserver {
  private readonly store: Store;
  /** In the order in which they came. */
  private readonly waiters = new Set<Waiter>();
  /** Names of keys that were changed since. */
  private readonly ready = new Set<string>();
  private isServing = false;
  private isScheduled = false;
  private namespace = 0;

  constructor(store: Store) {
    this.store = store;
  }

  /** Resolves with what the attempt returns, or, when the time is over, with undefined. */
  wait<T>(owner: object, keys: readonly Key[], { type, timeoutMs, attempt }: Wait<T>): Promise<T | undefined> {
    this.serve();
    return new Promise((resolve, reject) => {
      for (const key of keys) {
        const taken = attempt(key);
        if (taken === undefined) continue;
        resolve(taken);
        return;
      }
      if (timeoutMs === 0) {
        resolve(undefined);
        return;
      }
      const waiter: Waiter = {
        owner,
        names: keys.map(nameOf),
        type,
        untilMs: this.store.clock.monotonicMs() + timeoutMs,
        serve: (key) => {
          try {
            const taken = attempt(key);
            if (taken !== undefined) resolve(taken);
            return taken !== undefined;
          } catch (error) {
            reject(error);
            return true;
          }
        },
        end: (error) => (error === undefined ? resolve(undefined) : reject(error)),
      };
      this.add(waiter);
    });
  }

  private add(waiter: Waiter): void {
    const { store, waiters } = this;
    if (waiters.size === 0) {
      this.namespace = store.namespaces.of(DATABASE);
      store.observe(this);
    }
    waiters.add(waiter);
  }

  private remove(waiter: Waiter): void {
    this.waiters.delete(waiter);
    if (this.waiters.size > 0) return;
    this.ready.clear();
    this.store.unobserve(this);
  }

  keyChanged(namespace: number): void {
    const { key, namespaces } = this.store;
    if (namespace !== namespaces.of(DATABASE)) return;
    this.ready.add(key.bytes.latin1Slice(0, key.length));
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled || this.isServing) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      this.serve();
    });
  }

  /** Tries the calls that wait for keys which were changed. */
  private serve(): void {
    if (this.isServing || this.store.closed) return;
    this.isServing = true;
    try {
      // What a call does may make other keys ready.
      for (const name of this.ready) {
        this.ready.delete(name);
        this.serveKey(name);
      }
    } finally {
      this.isServing = false;
    }
  }

  private serveKey(name: string): void {
    const key = Buffer.from(name, 'latin1');
    for (const waiter of [...this.waiters]) {
      if (!waiter.names.includes(name) || !this.hasValue(key, waiter.type)) continue;
      if (waiter.serve(key)) this.remove(waiter);
    }
  }

  private hasValue(key: Key, type: number): boolean {
    const { store } = this;
    store.packed.release();
    store.key.set(key);
    return find(store, store.namespaces.of(DATABASE)) !== 0 && typeNumberOfFound(store) === type;
  }

  /** Ten times a second. */
  tick(): void {
    if (this.waiters.size === 0) return;
    const nowMs = this.store.clock.monotonicMs();
    for (const waiter of [...this.waiters]) {
      if (nowMs < waiter.untilMs) continue;
      this.remove(waiter);
      waiter.end();
    }
    this.lookForSwap();
  }

  /** SWAPDB of a server on the same store gives the database other keys. */
  private lookForSwap(): void {
    const namespace = this.store.namespaces.of(DATABASE);
    if (namespace === this.namespace) return;
    this.namespace = namespace;
    for (const { names } of this.waiters) for (const name of names) this.ready.add(name);
    this.serve();
  }

  /** A handle was closed: what was called on it ends. */
  close(owner: object): void {
    for (const waiter of [...this.waiters]) {
      if (waiter.owner !== owner) continue;
      this.remove(waiter);
      waiter.end(new FerriteError('FERRITE_CLOSED', 'the database was closed while a call waited for a key'));
    }
  }
}

function nameOf(key: Key): string {
  return (typeof key === 'string' ? Buffer.from(key, 'utf8') : Buffer.from(key)).toString('latin1');
}
