/**
 * The command table's row: what is said about a command once, and everything else is derived from.
 *
 * COMMAND and its subcommands, arity errors, the checks before a command runs, MULTI's rules, which keys it names (for
 * WATCH, cluster slots and the reading ahead of cold keys) come from the row. No other place chooses by a command's name.
 */
import type { Call } from './call.ts';

// Flags, as COMMAND INFO names them.
export const WRITE = 1;
export const READONLY = 1 << 1;
export const DENYOOM = 1 << 2;
export const ADMIN = 1 << 3;
export const PUBSUB = 1 << 4;
export const NOSCRIPT = 1 << 5;
export const BLOCKING = 1 << 6;
export const LOADING = 1 << 7;
export const STALE = 1 << 8;
export const SKIP_MONITOR = 1 << 9;
export const SKIP_SLOWLOG = 1 << 10;
export const FAST = 1 << 11;
export const NO_AUTH = 1 << 12;
export const NO_MANDATORY_KEYS = 1 << 13;
export const NO_ASYNC_LOADING = 1 << 14;
export const NO_MULTI = 1 << 15;
/** Follows from the ranges of a row: see `flagsWithKeys`. */
export const MOVABLE_KEYS = 1 << 16;
export const ALLOW_BUSY = 1 << 17;

// What redis knows by the command's name, and COMMAND INFO does not show.
export const MAY_REPLICATE = 1 << 18;
/** Runs at once after MULTI, where others are queued. */
export const NEVER_QUEUED = 1 << 19;
/** Runs what was queued, and so needs what that needs. */
export const RUNS_QUEUE = 1 << 20;
/** Works while the client is subscribed and speaks RESP2. */
export const WHILE_SUBSCRIBED = 1 << 21;

/** Names of the flags that COMMAND INFO shows, the lowest bit first. */
export const FLAG_NAMES = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
] as const;

/** Groups, as COMMAND DOCS names them. */
export type CommandGroup =
  | 'string'
  | 'generic'
  | 'bitmap'
  | 'hash'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'geo'
  | 'stream'
  | 'hyperloglog'
  | 'pubsub'
  | 'connection'
  | 'server'
  | 'scripting'
  | 'transactions'
  | 'module';

/**
 * Where the keys stand: from argument `first` to `last` (negative: counted from the end) in steps of `step`, as redis
 * has them. `flags` are those of redis's key specifications, such as `RW access update`.
 */
export interface KeyRange {
  first: number;
  last: number;
  step: number;
  flags: string;
  /** The argument that says how many keys follow from `first` on, where one does: then `last` says nothing. */
  countAt?: number;
  /** The word, in lower case, after which the keys stand, from argument `first` on: the first half of what follows it. */
  keyword?: string;
}

export interface CommandRow {
  /** In lower case. */
  name: string;
  /** Arguments with the name: so many, or, if negative, at least so many. */
  arity: number;
  flags: number;
  group: CommandGroup;
  /** Categories of the ACL beyond those that follow from flags and group, without the `@`. */
  categories?: readonly string[];
  keys?: KeyRange;
  /** The keys after those, where something else is done with them. */
  moreKeys?: KeyRange;
  /** Flags of keys that stand where no range can say it. */
  unknownKeys?: readonly string[];
  /**
   * Where the keys stand of a command that no range says it of: pushes the indexes of arguments that are keys, with flags
   * that are not those of `keys`.
   */
  findKeys?: (call: Call, push: (index: number, flags?: string) => void) => void;
  /** What a call does with its keys, where the flags of `keys` say that it depends. */
  keyFlags?: (call: Call) => string;
  /** Which arguments are secrets, that no log shows. */
  findSecrets?: (call: Call, push: (index: number) => void) => void;
  /** Runs the command: reads the call, writes its reply. Never waits. */
  run: (call: Call) => void;
  subcommands?: readonly CommandRow[];
  /** The feature that adds it; absent: the core. */
  feature?: string;
}

/** Whether one of a call's options, which come after a key, is this word. */
export function hasWord(call: Call, word: string): boolean {
  for (let i = 2; i < call.argc; i++) if (call.is(i, word)) return true;
  return false;
}

/** For a command whose only key is its first argument. */
export function firstKey(flags: string): KeyRange {
  return { first: 1, last: 1, step: 1, flags };
}

/** For a command that says how many keys follow argument `countAt`. */
export function countedKeys(countAt: number, flags: string): KeyRange {
  return { first: countAt + 1, last: 0, step: 1, flags, countAt };
}

/** The flags of a row, with the one that says that its keys stand where a call says it. */
export function flagsWithKeys(row: CommandRow): number {
  const { keys, moreKeys } = row;
  const isMovable = keys?.countAt !== undefined || keys?.keyword !== undefined || moreKeys?.countAt !== undefined;
  return isMovable ? row.flags | MOVABLE_KEYS : row.flags;
}
