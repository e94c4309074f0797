/**
 * When writes of clients are acknowledged: once per turn of the loop, for all who wrote in it, by one write to the device.
 *
 * What always holds:
 *
 * 1. The reply to a write, and whatever the client is answered after it in the same turn, is sent when the turn's write
 *    was made (`everysec`) or is durable (`always`), not before. In `interval` and `none` nothing is held.
 * 2. A client that writes in several turns before the first is durable has a hold for each; they are released in order,
 *    each by the commit of its own turn.
 * 3. Clients that only read are answered at once.
 * 4. If the device refuses the write, everything that the turn changed is undone by the engine, and each reply of the
 *    hold is replaced by an error; those of other turns stay.
 *
 * In `always` the sync runs off the loop, one for all turns that were written before it began.
 *
 * A write that has to wait in the system for a sync would let readers wait, too. So while a sync takes long, and writes
 * were slow, turns merge until it has ended.
 */
import { FerriteError } from '../base/errors.ts';
import type { Store } from '../engine/store.ts';
import type { Client, Hold } from './client.ts';
import { errorText } from './error-text.ts';
import type { LatencyMonitor } from './latency-monitor.ts';
import { appendBytes } from './pushes.ts';

const SLOW_WRITE_MS = 1;
const LONG_SYNC_MS = 50;
/** Of the mutable region: a turn that has so much to write waits no longer. */
const UNSEALED_SHARE = 0.5;

export class TurnCommit {
  private readonly store: Store;
  private readonly latency: LatencyMonitor;
  /** Number of the turn that goes on, and who wrote in it. */
  private turn = 0;
  private writers: Client[] = [];
  private isScheduled = false;
  /** The last write held the loop for long. */
  private isWriteSlow = false;
  private isPutOff = false;
  /** Commits that the engine had undone when that was looked at last. */
  private undoneBefore: number;

  constructor(store: Store, latency: LatencyMonitor) {
    this.store = store;
    this.latency = latency;
    this.undoneBefore = store.committer.undone;
  }

  /** A command of the client changed something; its reply began at `from` of the client's output. */
  wrote(client: Client, from: number): void {
    const { durability } = this.store.committer;
    if (this.store.hasDisk && (durability === 'always' || durability === 'everysec')) this.hold(client, from);
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.store.yieldTurn().then(() => this.commit());
  }

  private hold(client: Client, from: number): void {
    const { holds } = client;
    if (holds.length > 0 && holds[holds.length - 1].turn === this.turn) return;
    holds.push({ turn: this.turn, from, commands: 0, messages: [], isDone: false });
    if (client.heldFrom < 0) client.heldFrom = from;
    this.writers.push(client);
  }

  private commit(): void {
    const { committer, clock } = this.store;
    this.isScheduled = false;
    this.checkUndone();
    if (this.mustWait) {
      this.putOff();
      return;
    }
    const { turn } = this;
    const writers = this.endTurn();
    const startMs = clock.monotonicMs();
    try {
      if (committer.durability === 'always') {
        committer.afterWriteAsync().then(
          () => {
            this.latency.note('fsync', clock.monotonicMs() - startMs);
            release(writers, turn);
          },
          (error) => refuse(writers, turn, error),
        );
        return;
      }
      committer.afterWrite();
      const tookMs = clock.monotonicMs() - startMs;
      this.isWriteSlow = tookMs > SLOW_WRITE_MS;
      this.latency.note('commit', tookMs);
      release(writers, turn);
    } catch (error) {
      this.undoneBefore = committer.undone;
      refuse(writers, turn, error);
    }
  }

  /** Whether the write is put off, and what comes meanwhile goes into the same turn. */
  private get mustWait(): boolean {
    const { committer, log, mutableUnits } = this.store;
    if (!this.isWriteSlow || this.writers.length === 0 || committer.syncRunsMs < LONG_SYNC_MS) return false;
    return log.unsealedUnits < mutableUnits * UNSEALED_SHARE;
  }

  /** Until the sync has ended; or the next who writes finds that it has become too much. */
  private putOff(): void {
    if (this.isPutOff) return;
    this.isPutOff = true;
    this.store.committer.whenSynced().then(() => {
      this.isPutOff = false;
      this.commit();
    });
  }

  private endTurn(): Client[] {
    const { writers } = this;
    this.writers = [];
    this.turn++;
    return writers;
  }

  /** A write through the other door failed and took this turn's writes with it: nobody else tells their clients. */
  checkUndone(): void {
    if (this.store.committer.undone === this.undoneBefore) return;
    this.undone(new FerriteError('FERRITE_DISK_FULL', 'the write was undone with another one that failed'));
  }

  /** The engine undid the turn while a command ran. */
  undone(error: unknown): void {
    this.undoneBefore = this.store.committer.undone;
    const { turn } = this;
    refuse(this.endTurn(), turn, error);
  }
}

function release(clients: Client[], turn: number): void {
  for (const client of clients) {
    const hold = client.holds.find((each) => each.turn === turn);
    if (hold !== undefined) end(client, hold);
  }
}

/** The hold is over: sends what may be sent now. */
function end(client: Client, hold: Hold): void {
  const { holds } = client;
  hold.isDone = true;
  while (holds.length > 0 && holds[0].isDone) holds.shift();
  client.heldFrom = holds.length === 0 ? -1 : holds[0].from;
  client.releasedUntil = Math.max(client.heldFrom, 0);
  client.link.flush();
}

function refuse(clients: Client[], turn: number, error: unknown): void {
  const text = errorText(error);
  for (const client of clients) {
    const at = client.holds.findIndex((each) => each.turn === turn);
    if (at >= 0) refuseHold(client, at, text);
  }
}

function refuseHold(client: Client, at: number, text: string): void {
  const { reply, holds } = client;
  const hold = holds[at];
  const endAt = at + 1 < holds.length ? holds[at + 1].from : reply.length;
  const rest = reply.cut(endAt);
  reply.rollback(hold.from);
  for (let i = 0; i < hold.commands; i++) reply.error(text);
  for (const message of hold.messages) appendBytes(reply, message, message.length);
  const shift = reply.length - endAt;
  for (let i = at + 1; i < holds.length; i++) holds[i].from += shift;
  appendBytes(reply, rest, rest.length);
  end(client, hold);
}
