/** Channels: what was published is handed to all who have subscribed. Implemented in `instance/`. */
import type { Session } from './session.ts';

/** Shard channels have names of their own, and no patterns. */
export type ChannelKind = 'channel' | 'pattern' | 'shard';

/** What a session has subscribed to: names and patterns in latin1. */
export interface Subscriptions {
  readonly channel: ReadonlySet<string>;
  readonly pattern: ReadonlySet<string>;
  readonly shard: ReadonlySet<string>;
}

export interface Channels {
  subscribe(session: Session, kind: ChannelKind, name: string): void;
  unsubscribe(session: Session, kind: ChannelKind, name: string): void;
  /** Hands `message[start, end)` to the subscribers of a channel; how many there are. */
  publish(kind: 'channel' | 'shard', channel: string, message: Buffer, start: number, end: number): number;
  /** Channels or patterns that have subscribers. */
  names(kind: ChannelKind): Iterable<string>;
  countSubscribers(kind: ChannelKind, name: string): number;
  count(kind: ChannelKind): number;
}
