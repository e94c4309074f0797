/**
 * A key with its value, of whatever type, between a source and a file.
 *
 * The common types are told by their members, so that any program can read a file and any server take it. What else there is
 * (streams, types of modules) goes as the payload of DUMP, which only a server that knows the type takes.
 */

export type EntryValue =
  | { readonly type: 'string'; readonly value: Buffer }
  | { readonly type: 'list'; readonly value: readonly Buffer[] }
  | { readonly type: 'set'; readonly value: readonly Buffer[] }
  | { readonly type: 'hash'; readonly value: readonly (readonly [field: Buffer, value: Buffer])[] }
  /** Scores as texts, exact. */
  | { readonly type: 'zset'; readonly value: readonly (readonly [member: Buffer, score: string])[] }
  | { readonly type: 'dump'; readonly of: string; readonly value: Buffer };

export type Entry = EntryValue & {
  readonly database: number;
  readonly key: Buffer;
  /** ms since the epoch. */
  readonly expiresAtMs: number | undefined;
};
