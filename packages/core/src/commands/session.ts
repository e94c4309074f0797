/** A session: what a connection is to commands. And all sessions of the instance. Implemented in `instance/`. */
import type { Subscriptions } from './channels.ts';
import type { TrackingState } from './tracking.ts';

/** Classes of clients, as redis tells them apart. */
export type SessionType = 'normal' | 'pubsub' | 'replica' | 'master';

export interface Session {
  readonly id: number;
  /** `address:port`, or the path of a Unix socket and `:0`. */
  readonly address: string;
  readonly localAddress: string;
  readonly type: SessionType;
  database: number;
  /** In latin1, as the following. */
  name: string;
  libraryName: string;
  libraryVersion: string;
  userName: string;
  readonly isAuthenticated: boolean;
  /** MULTI was called, and neither EXEC nor DISCARD since. */
  readonly isInMulti: boolean;
  /** It runs what it queued: each command has one reply, and none can wait for something. */
  readonly isInExec: boolean;
  readonly subscriptions: Subscriptions | null;
  /** null: it keeps no cache that it wants to be told about. */
  readonly tracking: TrackingState | null;
  /** It speaks RESP2 and has subscribed: only a few commands work. */
  readonly isConfined: boolean;
  isNoEvict: boolean;
  isNoTouch: boolean;
  /** Changes that its commands made since it was last written out. */
  dirty: number;
  /** The connection ends once its replies are sent. */
  closesAfterReply: boolean;
}

export interface Sessions {
  /** In the order in which they came. */
  all(): Iterable<Session>;
  find(id: number): Session | undefined;
  /** A line of CLIENT LIST, without its end. */
  describe(session: Session): string;
  /** Ends the connection of another session at once. */
  kill(session: Session): void;
  /** Puts everything back as for a new connection. */
  reset(session: Session): void;
  /** From the next command on. */
  setReplies(session: Session, mode: 'on' | 'off' | 'skip'): void;
  /** Shows it what all others do. */
  monitor(session: Session): void;
  /** Lets commands wait, all of them or those that write. */
  pause(untilMs: number, isAll: boolean): void;
  endPause(): void;
  /** The command at hand has to wait: it runs again when `ready` is settled. */
  postpone(session: Session, ready: Promise<void>): void;
}
