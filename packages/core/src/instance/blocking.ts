/**
 * Clients that wait for keys: BLPOP and its kin. A client's command stays at its parser, as with a record on disk, and is
 * run anew when a key of its may serve it, as if it had come then.
 *
 * Which keys were changed, the store tells (`KeyObserver`), whoever changed them. After the command or the transaction that
 * did it, the clients that wait for such a key are served in the order in which they came, while the key has a value of the
 * type that they want; those that wait with a group of a stream hear of any change, since without it they wait in vain. What
 * they do may make other keys ready: these come next.
 *
 * What always holds: a client that waits is suspended, with its command at hand; it stands in the list of each of its keys,
 * in the order in which it came first, also while its command waits for a read from disk meanwhile.
 */
import type { StreamId } from '../base/stream-id.ts';
import { ANY_CHANGE, type Blocking as BlockingService } from '../commands/blocking.ts';
import type { Call } from '../commands/call.ts';
import { find } from '../engine/find.ts';
import { typeNumberOfFound } from '../keyspace/collections.ts';
import type { Client } from './client.ts';
import { answered, runHeld } from './executor.ts';
import type { Instance } from './instance.ts';
import { type KeyEntry, KeyMap } from './key-map.ts';
import { conclude } from './stages.ts';

const UNBLOCKED = '-UNBLOCKED client unblocked via CLIENT UNBLOCK';

/** What a client waits for. */
export interface Wait {
  readonly client: Client;
  readonly database: number;
  readonly type: number;
  readonly entries: KeyEntry<Wait[]>[];
  /** On the monotonic clock; Infinity for never. */
  readonly untilMs: number;
  /** Where it reads streams on from, as it was when the command came. */
  readonly from: readonly StreamId[] | undefined;
}

/** A key that may have a value now. */
interface Ready {
  readonly entry: KeyEntry<Wait[]>;
  readonly database: number;
}

export class Blocking implements BlockingService {
  private readonly instance: Instance;
  private readonly byKey = new KeyMap<Wait[]>();
  private readonly waits = new Set<Wait>();
  private ready: Ready[] = [];
  private isServing = false;
  private isScheduled = false;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  /** Clients that wait. */
  get size(): number {
    return this.waits.size;
  }

  /** Keys that are waited for, a key of two databases being two; `ofAnyChange`: those whose end is waited for, too. */
  countKeys(ofAnyChange: boolean): number {
    let count = 0;
    for (const { value } of this.byKey.entries()) {
      const waits = ofAnyChange ? value.filter(({ type }) => type === ANY_CHANGE) : value;
      count += new Set(waits.map(({ database }) => database)).size;
    }
    return count;
  }

  get hasReady(): boolean {
    return this.ready.length > 0;
  }

  fromOf(call: Call): readonly StreamId[] | undefined {
    return (call.session as Client).wait?.from;
  }

  tryWait(
    call: Call,
    first: number,
    count: number,
    type: number,
    timeoutMs: number,
    from?: readonly StreamId[],
  ): boolean {
    const { store } = this.instance;
    const client = call.session as Client;
    if (client.isInExec) return false;
    // What was read for it from disk has led to nothing.
    if (client.coldRead !== null) this.instance.coldReads.finished(client);
    client.isSuspended = true;
    client.hasCommandAtHand = true;
    // It was tried in vain, and keeps its place and its time.
    if (client.wait !== null) return true;
    const untilMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : store.clock.monotonicMs() + timeoutMs;
    const wait: Wait = { client, database: client.database, type, entries: [], untilMs, from };
    for (let i = first; i < first + count; i++) {
      store.key.setFrom(call.bytes, call.starts[i], call.lengthOf(i));
      const entry = this.byKey.find(store.key) ?? this.byKey.add(store.key, []);
      if (wait.entries.includes(entry)) continue;
      entry.value.push(wait);
      wait.entries.push(entry);
    }
    client.wait = wait;
    this.waits.add(wait);
    this.instance.observer.refresh();
    return true;
  }

  /** The client waits no longer: it was served, or has left. */
  forget(client: Client): void {
    const { wait } = client;
    if (wait === null) return;
    client.wait = null;
    this.waits.delete(wait);
    for (const entry of wait.entries) {
      entry.value.splice(entry.value.indexOf(wait), 1);
      if (entry.value.length === 0) this.byKey.remove(entry);
    }
    this.instance.observer.refresh();
  }

  end(sessionId: number, withError: boolean): boolean {
    const client = this.instance.clients.get(sessionId);
    if (client === undefined || client.wait === null || client.coldRead !== null) return false;
    this.giveUp(client, withError);
    return true;
  }

  /** Several times a second. */
  endDue(): void {
    if (this.waits.size === 0) return;
    const nowMs = this.instance.store.clock.monotonicMs();
    for (const { client, untilMs } of [...this.waits]) {
      if (nowMs >= untilMs && client.coldRead === null && client.isSuspended) this.giveUp(client, false);
    }
  }

  private giveUp(client: Client, withError: boolean): void {
    const { instance } = this;
    this.forget(client);
    client.isSuspended = false;
    client.hasCommandAtHand = false;
    if (withError) client.reply.error(UNBLOCKED);
    else client.reply.nullArray();
    if ((client.gates | instance.gates) !== 0) conclude(instance, client);
    answered(instance, client);
    this.goOn(client);
  }

  /** The client goes on with what it sent since, once what runs now is over. */
  private goOn(client: Client): void {
    Promise.resolve().then(() => {
      if (this.instance.clients.has(client.id)) client.link.resume();
    });
  }

  /** The key in the scratch was changed. */
  keyChanged(database: number): void {
    const entry = this.byKey.find(this.instance.store.key);
    if (entry !== undefined) this.note(entry, database);
  }

  /** Two databases have exchanged their keys. */
  swapped(one: number, other: number): void {
    for (const entry of this.byKey.entries()) {
      this.note(entry, one);
      this.note(entry, other);
    }
  }

  /** All keys of a database are gone; -1: of all. */
  flushed(database: number): void {
    for (const entry of this.byKey.entries()) {
      for (const wait of entry.value) if (database < 0 || wait.database === database) this.note(entry, wait.database);
    }
  }

  private note(entry: KeyEntry<Wait[]>, database: number): void {
    const isNoted = this.ready.some((each) => each.entry === entry && each.database === database);
    if (isNoted || !entry.value.some((wait) => wait.database === database)) return;
    this.ready.push({ entry, database });
    if (this.instance.pushes.executing !== null || this.isScheduled) return;
    // A program changed it, past all clients.
    this.isScheduled = true;
    Promise.resolve().then(() => {
      this.isScheduled = false;
      this.serve();
    });
  }

  /** A command has ended: serves those who wait for what it changed. */
  serve(): void {
    if (this.isServing) return;
    this.isServing = true;
    const { pushes } = this.instance;
    const { executing } = pushes;
    try {
      for (let next = this.ready.shift(); next !== undefined; next = this.ready.shift()) this.serveKey(next);
    } finally {
      pushes.executing = executing;
      this.isServing = false;
    }
  }

  private serveKey({ entry, database }: Ready): void {
    for (const wait of [...entry.value]) {
      const { client } = wait;
      if (wait.database !== database || client.wait !== wait || client.coldRead !== null || !client.isSuspended)
        continue;
      if (!this.mayServe(entry, wait)) continue;
      this.instance.pushes.executing = client;
      client.isSuspended = false;
      runHeld(this.instance, client);
      if (!client.isSuspended) this.goOn(client);
    }
  }

  /** Whether the key has a value of the type that is waited for, or may have ended the waiting in another way. */
  private mayServe(entry: KeyEntry<Wait[]>, { database, type }: Wait): boolean {
    if (type === ANY_CHANGE) return true;
    const { store } = this.instance;
    store.key.set(entry.key);
    if (find(store, store.namespaces.of(database)) === 0) return false;
    return typeNumberOfFound(store) === type;
  }
}
