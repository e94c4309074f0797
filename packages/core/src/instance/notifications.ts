/**
 * Keyspace notifications: messages about what happens to keys, on channels named after the key and after the event.
 * `flags` are redis's `notify-keyspace-events`.
 */
import type { Channels } from '../commands/channels.ts';
import type { Store, StoreListener } from '../engine/store.ts';

/** Classes of events, in the order in which CONFIG GET shows them. */
const CLASSES = 'g$lshzxetdn';
/** The letter A: all but new keys and misses. */
const ALL = 'g$lshzxetd';
const KEYSPACE = 'K';
const KEYEVENT = 'E';
const MISS = 'm';

export class Notifications {
  /** New keys are told: who makes one must say so. */
  tellsNew = false;
  /** So are keys that a command did not find. */
  tellsMisses = false;
  private readonly onInterest: () => void;
  private readonly store: Store;
  private readonly channels: Channels;
  private flags: ReadonlySet<string> = new Set();
  private readonly listener: StoreListener = {
    expired: (key, database) => this.publish('x', 'expired', key.toString('latin1'), database),
    membersExpired: (key, database, isGone) => {
      this.publish('h', 'hexpired', key.toString('latin1'), database);
      if (isGone) this.publish('g', 'del', key.toString('latin1'), database);
    },
    evicted: (key, database) => this.publish('e', 'evicted', key.toString('latin1'), database),
  };

  /** `onInterest` is called when new keys may be wanted where they were not, or the other way round. */
  constructor(store: Store, channels: Channels, onInterest: () => void) {
    this.onInterest = onInterest;
    this.store = store;
    this.channels = channels;
  }

  /** Sets the flags. False, and nothing changed: there is a letter among them that means nothing. */
  trySetFlags(text: string): boolean {
    const flags = new Set<string>(text.includes('A') ? ALL : '');
    for (const letter of text) {
      if (!`${CLASSES}A${KEYSPACE}${KEYEVENT}${MISS}`.includes(letter)) return false;
      if (letter !== 'A') flags.add(letter);
    }
    this.flags = flags;
    this.tellsNew = flags.has('n');
    this.tellsMisses = flags.has(MISS);
    if (['x', 'e', 'h', 'g'].some((kind) => flags.has(kind))) this.store.listeners.add(this.listener);
    else this.store.listeners.delete(this.listener);
    this.onInterest();
    return true;
  }

  /** The flags as CONFIG GET shows them. */
  get flagsText(): string {
    const { flags } = this;
    const hasAll = [...ALL].every((letter) => flags.has(letter));
    let text = hasAll ? 'A' : '';
    if (!hasAll) for (const letter of CLASSES) if (flags.has(letter)) text += letter;
    for (const letter of [KEYSPACE, KEYEVENT, MISS]) if (flags.has(letter)) text += letter;
    return text;
  }

  /** An event of the key in the store's scratch. */
  notify(kind: string, event: string, database: number): void {
    if (!this.flags.has(kind)) return;
    const { bytes, length } = this.store.key;
    this.publish(kind, event, bytes.latin1Slice(0, length), database);
  }

  private publish(kind: string, event: string, key: string, database: number): void {
    const { flags } = this;
    if (!flags.has(kind)) return;
    if (flags.has(KEYSPACE)) this.publishText(`__keyspace@${database}__:${key}`, event);
    if (flags.has(KEYEVENT)) this.publishText(`__keyevent@${database}__:${event}`, key);
  }

  private publishText(channel: string, text: string): void {
    const message = Buffer.from(text, 'latin1');
    this.channels.publish('channel', channel, message, 0, message.length);
  }
}
