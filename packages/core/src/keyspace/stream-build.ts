/**
 * Makes what is kept in memory of a stream from its records, in slices: at its first use after an open.
 *
 * A stream changes only by operations that ask for that first (`streamOf`). So while it is being made nothing changes but
 * where records lie, which is `MemberWalk`'s concern, unless a commit is refused: then it begins anew.
 */
import { StreamId } from '../base/stream-id.ts';
import type { LargeValue } from '../engine/large-values.ts';
import { MemberWalk } from '../engine/member-walk.ts';
import { countMembers } from '../engine/members.ts';
import { runInSlices } from '../engine/slices.ts';
import type { Store } from '../engine/store.ts';
import { type StreamGroup, StreamIndex } from '../engine/stream-index.ts';
import {
  CONSUMER_KEY_BYTES,
  GROUP_KEY_BYTES,
  keyLengthOfLocated,
  PENDING_KEY_BYTES,
  readConsumer,
  readEntryId,
  readGroup,
  readPendingOfGroup,
  readStream,
  STREAM_KEY_BYTES,
} from '../engine/stream-records.ts';

/** So few records are read on the spot, whoever asks. */
const BUILD_ON_THE_SPOT_MAX = 2048;
const LINKED_PER_STEP = 256;

const builds = new WeakMap<LargeValue, StreamBuild>();
const id = new StreamId();

/** Makes it. A command that may wait is unwound while there is much to read. */
export function buildStream(store: Store, object: LargeValue): StreamIndex {
  const count = countMembers(object);
  let build = builds.get(object);
  if (build === undefined || !build.isOfNow) {
    build = new StreamBuild(store, object);
    builds.set(object, build);
  }
  const { run, step, index } = build;
  if (count > BUILD_ON_THE_SPOT_MAX) store.gate.waitFor(run);
  while (!step());
  builds.delete(object);
  return index;
}

class StreamBuild {
  readonly index = new StreamIndex();
  private readonly store: Store;
  private readonly object: LargeValue;
  private readonly walk: MemberWalk;
  private readonly undone: number;
  private readonly last = new StreamId();
  private lastNumber = 0;
  private readonly groups = new Map<number, StreamGroup>();
  private readonly consumers: ReturnType<typeof readConsumer>[] = [];
  private readonly pending: ReturnType<typeof readPendingOfGroup>[] = [];
  private isRead = false;
  /** How many of both have been linked. */
  private linked = 0;
  private running: Promise<void> | null = null;

  constructor(store: Store, object: LargeValue) {
    this.store = store;
    this.object = object;
    this.walk = new MemberWalk(store, object);
    this.undone = store.committer.undone;
  }

  /** No commit was refused since it began. */
  get isOfNow(): boolean {
    return this.store.committer.undone === this.undone;
  }

  readonly run = (): Promise<void> => {
    const { store, object } = this;
    const isWanted = () => builds.get(object) === this && this.isOfNow && store.large.get(object.id) === object;
    this.running ??= runInSlices(store, isWanted, this.step).finally(() => {
      this.running = null;
    });
    return this.running;
  };

  /** Goes a little further; true at the end. */
  readonly step = (): boolean => {
    if (!this.isRead) {
      this.isRead = this.walk.step(this.visit);
      if (this.isRead) this.finishEntries();
      return false;
    }
    for (let i = 0; i < LINKED_PER_STEP; i++) if (!this.linkNext()) return true;
    return false;
  };

  /** A record is located: one that was met before may come again. */
  private readonly visit = (): void => {
    const { store, index, last } = this;
    const keyLength = keyLengthOfLocated(store);
    if (keyLength === STREAM_KEY_BYTES) readStream(store, index);
    else if (keyLength === GROUP_KEY_BYTES) {
      const group = readGroup(store);
      index.groups.set(group.name, group);
      this.groups.set(group.number, group);
      index.nextGroup = Math.max(index.nextGroup, group.number + 1);
    } else if (keyLength === CONSUMER_KEY_BYTES) this.consumers.push(readConsumer(store));
    else if (keyLength === PENDING_KEY_BYTES) this.pending.push(readPendingOfGroup(store));
    else {
      const number = readEntryId(store, id);
      index.entries.add(id);
      if (id.compare(last) < 0) return;
      last.set(id);
      this.lastNumber = number;
    }
  };

  private finishEntries(): void {
    const { index, last } = this;
    if (last.compare(index.lastId) <= 0) return;
    index.lastId.set(last);
    index.entriesAdded = this.lastNumber;
  }

  /** Consumers come to their groups, then what is pending to its consumers; false when there is nothing left. */
  private linkNext(): boolean {
    const { groups, consumers, pending } = this;
    if (this.linked < consumers.length) {
      const next = consumers[this.linked++];
      const group = groups.get(next.group);
      if (group === undefined) return true;
      group.consumers.set(next.consumer.name, next.consumer);
      group.byNumber.set(next.consumer.number, next.consumer);
      group.nextConsumer = Math.max(group.nextConsumer, next.consumer.number + 1);
      return true;
    }
    if (this.linked === consumers.length + pending.length) return false;
    const entry = pending[this.linked++ - consumers.length];
    const group = groups.get(entry.group);
    group?.pending.add(entry.pending.id);
    group?.byNumber.get(entry.pending.consumer)?.pending.add(entry.pending.id);
    return true;
  }
}
