/**
 * Tracking: which clients may have which keys in their caches, and what they are told when a key changes.
 *
 * By default a key that a client reads is remembered in a table, for all databases alike, until it changes once. At most
 * `keysMax` are; beyond that the oldest is called changed. In broadcasting mode nothing is remembered: keys that changed
 * are gathered by prefix, and told when the turn of the loop is over.
 */
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import type { Call } from '../commands/call.ts';
import { PUBSUB } from '../commands/command.ts';
import { forEachKey } from '../commands/keys-of.ts';
import type { Tracking as TrackingService, TrackingOptions, TrackingState } from '../commands/tracking.ts';
import type { Store } from '../engine/store.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Client } from './client.ts';
import { GATE_SUBSCRIBED, GATE_TRACKING } from './gates.ts';
import { type KeyEntry, KeyMap } from './key-map.ts';
import type { Pushes } from './pushes.ts';

const KEYS_MAX = 1_000_000;

export interface ClientTracking extends TrackingState {
  isCachingSaid: boolean;
  /** The command that said so is still being run. */
  isCachingFresh: boolean;
  isRedirectBroken: boolean;
}

interface Prefix {
  readonly clients: Set<Client>;
  /** Keys that changed in this turn, in latin1, and who changed them last; null for nobody here. */
  changed: Map<string, Client | null>;
}

export class Tracking implements TrackingService {
  /** `tracking-table-max-keys`; 0 for no limit. */
  keysMax = KEYS_MAX;
  readonly clients = new Set<Client>();
  private readonly onInterest: () => void;
  private readonly store: Store;
  private readonly pushes: Pushes;
  private readonly clientsById: ReadonlyMap<number, Client>;
  private readonly readers = new KeyMap<Set<number>>();
  private readonly prefixes = new Map<string, Prefix>();
  private isBroadcastDue = false;

  /** `onInterest` is called when there may be clients to tell where there were none, or the other way round. */
  constructor(store: Store, pushes: Pushes, clientsById: ReadonlyMap<number, Client>, onInterest: () => void) {
    this.onInterest = onInterest;
    this.store = store;
    this.pushes = pushes;
    this.clientsById = clientsById;
  }

  /** Keys in the table, for INFO. */
  get keyCount(): number {
    return this.readers.size;
  }

  enable(client: Client, options: TrackingOptions): void {
    const prefixes = client.tracking?.prefixes ?? [];
    client.tracking = { ...options, prefixes, isCachingSaid: false, isCachingFresh: false, isRedirectBroken: false };
    client.gates |= GATE_TRACKING;
    this.clients.add(client);
    this.onInterest();
    if (!options.isBroadcast) return;
    for (const prefix of options.prefixes.length > 0 ? options.prefixes : ['']) {
      if (!prefixes.includes(prefix)) prefixes.push(prefix);
      const known = this.prefixes.get(prefix);
      if (known !== undefined) known.clients.add(client);
      else this.prefixes.set(prefix, { clients: new Set([client]), changed: new Map() });
    }
  }

  disable(client: Client): void {
    for (const prefix of client.tracking?.prefixes ?? []) {
      const known = this.prefixes.get(prefix);
      known?.clients.delete(client);
      if (known?.clients.size === 0) this.prefixes.delete(prefix);
    }
    client.tracking = null;
    client.gates &= ~GATE_TRACKING;
    this.clients.delete(client);
    if (this.clients.size === 0) this.readers.clear();
    this.onInterest();
  }

  sayCaching(client: Client): void {
    if (client.tracking === null) return;
    client.tracking.isCachingSaid = true;
    client.tracking.isCachingFresh = true;
  }

  /** A command of the client's is over. */
  concluded(client: Client): void {
    const { tracking } = client;
    if (tracking === null) return;
    if (!tracking.isCachingFresh) tracking.isCachingSaid = false;
    tracking.isCachingFresh = false;
  }

  /** The command at hand has read its keys for the client. */
  remember(client: Client, call: Call): void {
    const { tracking } = client;
    if (tracking === null || tracking.isBroadcast || (call.row.flags & PUBSUB) !== 0) return;
    if (tracking.isOptIn ? !tracking.isCachingSaid : tracking.isOptOut && tracking.isCachingSaid) return;
    const { store, readers } = this;
    forEachKey(call, (i) => {
      const length = call.lengthOf(i);
      if (length > KEY_SIZE_MAX_BYTES) return;
      store.key.setFrom(call.bytes, call.starts[i], length);
      const entry = readers.find(store.key) ?? readers.add(store.key, new Set());
      entry.value.add(client.id);
    });
    this.trim();
  }

  /** Calls the oldest keys changed, by nobody, until no more are remembered than may be. */
  trim(): void {
    const { readers, keysMax } = this;
    if (keysMax === 0 || readers.size <= keysMax) return;
    for (let entry = readers.oldest(); entry !== undefined && readers.size > keysMax; entry = readers.oldest()) {
      this.invalidate(entry, null);
    }
  }

  /** The key in the scratch has changed. */
  keyChanged(): void {
    if (this.prefixes.size > 0) this.gather();
    const entry = this.readers.find(this.store.key);
    if (entry !== undefined) this.invalidate(entry, this.pushes.executing);
  }

  /** Pairs of a key and a client to be told. */
  get itemCount(): number {
    let items = 0;
    for (const { value } of this.readers.entries()) items += value.size;
    return items;
  }

  get prefixCount(): number {
    return this.prefixes.size;
  }

  /** `by`: who changed the key, null for nobody here. */
  private invalidate(entry: KeyEntry<Set<number>>, by: Client | null): void {
    this.readers.remove(entry);
    for (const id of entry.value) {
      const client = this.clientsById.get(id);
      const tracking = client?.tracking;
      if (client === undefined || !tracking || tracking.isBroadcast) continue;
      if (tracking.isNoLoop && client === by) continue;
      this.tell(client, tracking, (reply) => {
        reply.array(1);
        reply.bulk(entry.key, 0, entry.key.length);
      });
    }
  }

  /** Whatever a client has cached is no longer true. */
  invalidateAll(): void {
    this.readers.clear();
    for (const client of this.clients) {
      if (client.tracking !== null) this.tell(client, client.tracking, (reply) => reply.null());
    }
  }

  /** The same before a command of the client's: what it is told comes before the reply. */
  trimFirst(client: Client): void {
    this.pushes.executing = null;
    this.trim();
    this.pushes.executing = client;
  }

  private gather(): void {
    const { bytes, length } = this.store.key;
    const key = bytes.latin1Slice(0, length);
    for (const [prefix, { changed }] of this.prefixes) {
      if (!key.startsWith(prefix)) continue;
      changed.set(key, this.pushes.executing);
      if (this.isBroadcastDue) continue;
      this.isBroadcastDue = true;
      this.store.yieldTurn().then(() => this.broadcast());
    }
  }

  private broadcast(): void {
    this.isBroadcastDue = false;
    for (const prefix of this.prefixes.values()) {
      const { changed } = prefix;
      if (changed.size === 0) continue;
      prefix.changed = new Map();
      for (const client of prefix.clients) {
        const { tracking } = client;
        if (tracking === null) continue;
        const keys: string[] = [];
        for (const [key, by] of changed) if (!tracking.isNoLoop || by !== client) keys.push(key);
        if (keys.length > 0) this.tell(client, tracking, (reply) => replyKeys(reply, keys));
      }
    }
  }

  /** Tells the client, or the one that it redirects to, by a message that ends in what `write` writes. */
  private tell(client: Client, tracking: ClientTracking, write: (reply: ReplyWriter) => void): void {
    const { redirect } = tracking;
    const target = redirect === 0 ? client : this.clientsById.get(redirect);
    if (target === undefined) {
      tracking.isRedirectBroken = true;
      if (client.reply.proto === 3) this.tellBroken(client, redirect);
      return;
    }
    const isSubscribed = (target.gates & GATE_SUBSCRIBED) !== 0;
    if (target.reply.proto === 2 && (redirect === 0 || !isSubscribed)) return;
    this.pushes.send(target, (reply) => {
      if (reply.proto === 3) {
        reply.push(2);
        reply.bulkLatin1('invalidate');
      } else {
        reply.array(3);
        reply.bulkLatin1('message');
        reply.bulkLatin1('__redis__:invalidate');
      }
      write(reply);
    });
  }

  private tellBroken(client: Client, redirect: number): void {
    this.pushes.send(client, (reply) => {
      reply.push(2);
      reply.bulkLatin1('tracking-redir-broken');
      reply.integer(redirect);
    });
  }
}

function replyKeys(reply: ReplyWriter, keys: readonly string[]): void {
  reply.array(keys.length);
  for (const key of keys) reply.bulkLatin1(key);
}
