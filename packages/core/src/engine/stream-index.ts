/**
 * What is kept in memory of a stream beside its records (`stream-records.ts`): which entries there are, in order, its
 * counters, its groups with their consumers, and which entries are pending for whom.
 *
 * It can be told from the records, and is, when a stream is first used after an open, or after a refused commit. So what
 * always holds: an index that is there knows of every change.
 */
import { StreamId } from '../base/stream-id.ts';
import { IdList } from './id-list.ts';

/** What the object and its lists take, about. */
const INDEX_BYTES = 400;
const CONSUMER_BYTES = 300;

/** How many entries a group has read is not known. */
export const READ_UNKNOWN = -1;
/** The consumer was never given an entry. */
export const NEVER_MS = -1;

export interface StreamConsumer {
  readonly number: number;
  /** One character for each byte. */
  readonly name: string;
  /** When it last asked for something. */
  seenAtMs: number;
  /** When it was last given an entry. */
  activeAtMs: number;
  readonly pending: IdList;
}

export interface StreamGroup {
  readonly number: number;
  /** One character for each byte. */
  readonly name: string;
  /** The last entry that was delivered. */
  readonly lastId: StreamId;
  /** How many entries were added up to that one, or `READ_UNKNOWN`. */
  entriesRead: number;
  nextConsumer: number;
  readonly consumers: Map<string, StreamConsumer>;
  /** The same by their numbers. */
  readonly byNumber: Map<number, StreamConsumer>;
  readonly pending: IdList;
}

export class StreamIndex {
  readonly entries = new IdList();
  readonly lastId = new StreamId();
  /** The last one that XDEL removed. */
  readonly maxDeletedId = new StreamId();
  /** How many entries were ever added. */
  entriesAdded = 0;
  nextGroup = 0;
  readonly groups = new Map<string, StreamGroup>();

  get bytesHeld(): number {
    let bytes = INDEX_BYTES + this.entries.bytesHeld;
    for (const { pending, consumers } of this.groups.values()) {
      bytes += INDEX_BYTES + pending.bytesHeld;
      for (const consumer of consumers.values()) bytes += CONSUMER_BYTES + consumer.pending.bytesHeld;
    }
    return bytes;
  }

  /** The first entry's ID, 0-0 without entries. */
  loadFirst(into: StreamId): void {
    if (this.entries.count === 0) into.setMin();
    else this.entries.loadAt(0, into);
  }
}

export function makeGroup(number: number, name: string): StreamGroup {
  return {
    number,
    name,
    lastId: new StreamId(),
    entriesRead: READ_UNKNOWN,
    nextConsumer: 0,
    consumers: new Map(),
    byNumber: new Map(),
    pending: new IdList(),
  };
}

export function makeConsumer(number: number, name: string): StreamConsumer {
  return { number, name, seenAtMs: 0, activeAtMs: NEVER_MS, pending: new IdList() };
}
