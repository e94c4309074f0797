/** Tracking: sessions that cache what they read are told when it is no longer true. Implemented in `instance/`. */
import type { Session } from './session.ts';

export interface TrackingOptions {
  /** Session that is told instead; 0 for the session itself. */
  redirect: number;
  /** Of all keys that begin with one of `prefixes`, read or not. */
  isBroadcast: boolean;
  /** In latin1. */
  prefixes: readonly string[];
  /** Only of what the command after CLIENT CACHING YES reads. */
  isOptIn: boolean;
  /** Not of what the command after CLIENT CACHING NO reads. */
  isOptOut: boolean;
  /** Not of what it changes itself. */
  isNoLoop: boolean;
}

export interface TrackingState extends TrackingOptions {
  readonly prefixes: string[];
  /** CLIENT CACHING was said for the next command. */
  readonly isCachingSaid: boolean;
  /** The session that was to be told is gone. */
  readonly isRedirectBroken: boolean;
}

export interface Tracking {
  /** Prefixes come in addition to those it has. */
  enable(session: Session, options: TrackingOptions): void;
  disable(session: Session): void;
  sayCaching(session: Session): void;
}
