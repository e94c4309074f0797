/** What a change feed gives: one shape for each kind of change. */

interface ChangeBase {
  key: string;
  /** The key's bytes, where they are not UTF-8. */
  keyBytes: Buffer | undefined;
  /** Pass it as `from` to go on after this change, in this process or a later one. */
  token: string;
}

export type CollectionKind = 'hash' | 'list' | 'set' | 'zset' | 'stream';

/**
 * From now on the key has the collection with this number, which may be new, or have been another key's (RENAME, MOVE), or
 * have got another expiry. What it holds came or comes by itself.
 * A small collection has the number 0, and comes whole whenever a member of it changes: `members` is all that it has.
 */
export type CollectionChange<V> = ChangeBase & {
  type: 'collection';
  kind: CollectionKind;
  collection: number;
  expiresAt: number | undefined;
  members: readonly Pick<MemberChange<V>, 'member' | 'memberBytes' | 'value' | 'score'>[] | undefined;
};

/**
 * A member of a hash, set or sorted set, which is told apart by its number, was set or removed (`isRemoved`). The key is the
 * one that has the collection when this is read: members of a new collection come before the change that says so. `value`
 * is that of a hash's field.
 */
export type MemberChange<V> = ChangeBase & {
  type: 'member';
  kind: CollectionKind;
  collection: number;
  member: string;
  /** The member's bytes, where they are not UTF-8. */
  memberBytes: Buffer | undefined;
  isRemoved: boolean;
  value: V | undefined;
  /** The score in a sorted set. */
  score: number | undefined;
  /** When a hash's field expires, ms since the epoch. */
  expiresAt: number | undefined;
};

/** What is at a place of a list from now on, whatever was there: nothing, if there are no elements. Places ascend from left to right. */
export type ElementsChange<V> = ChangeBase & {
  type: 'elements';
  kind: 'list';
  collection: number;
  place: number;
  elements: readonly V[];
};

/**
 * All places of a list that are further to this end than `place` are gone, and at that one only `left` elements stay: those
 * that are farthest from the end, or all of them if it is `undefined`.
 */
export type CutChange = ChangeBase & {
  type: 'cut';
  kind: 'list';
  collection: number;
  end: 'left' | 'right';
  place: number;
  left: number | undefined;
};

/** An entry of a stream was added, or removed. */
export type EntryChange<V> = ChangeBase & {
  type: 'entry';
  kind: 'stream';
  collection: number;
  id: string;
  isRemoved: boolean;
  /** Empty if it was removed. */
  fields: Map<string, V>;
  /** How many entries were added up to this one; `undefined` if it was removed. */
  number: number | undefined;
};

/**
 * What a stream, a group of it, a consumer or a pending entry of a group says of itself from now on; `undefined` for `state`:
 * it was removed. Groups and consumers are told apart by their numbers.
 */
export type StreamStateChange = ChangeBase & { type: 'stream'; kind: 'stream'; collection: number } & (
    | { of: 'stream'; state: { lastId: string; maxDeletedId: string; entriesAdded: number } | undefined }
    | {
        of: 'group';
        group: number;
        state: { name: string; lastId: string; entriesRead: number | undefined } | undefined;
      }
    | {
        of: 'consumer';
        group: number;
        consumer: number;
        state: { name: string; seenAt: number; activeAt: number | undefined } | undefined;
      }
    | {
        of: 'pending';
        group: number;
        id: string;
        state: { consumer: number; deliveredAt: number; deliveries: number } | undefined;
      }
  );

/**
 * A change of one key, or, of type `clear`, the end of all keys there were (FLUSHDB and FLUSHALL of a server on the same
 * store). An expiry that is reached later is no change: whoever keeps a copy applies `expiresAt`.
 */
export type Change<V> =
  | (ChangeBase & { type: 'set'; value: V; expiresAt: number | undefined })
  | (ChangeBase & { type: 'del' })
  | CollectionChange<V>
  | MemberChange<V>
  | ElementsChange<V>
  | CutChange
  | EntryChange<V>
  | StreamStateChange
  | { type: 'clear'; token: string };
