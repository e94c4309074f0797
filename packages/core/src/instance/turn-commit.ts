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
 * A write that has to wait in the system, for a sync or because the device stalls, would let readers wait, too. Where that
 * is to be expected (`Committer.writesInPool`), the write is made off the loop, one at a time; turns that end meanwhile are
 * written together by the next.
 */
import { FerriteError } from '../base/errors.ts';
import type { Store } from '../engine/store.ts';
import type { Backlog } from './backlog.ts';
import type { Client, Hold } from './client.ts';
import { errorText } from './error-text.ts';
import type { LatencyMonitor } from './latency-monitor.ts';
import { appendBytes } from './pushes.ts';

export class TurnCommit {
  private readonly store: Store;
  private readonly latency: LatencyMonitor;
  private readonly backlog: Backlog;
  /** Number of the turn that goes on, and who wrote in it. */
  private turn = 0;
  private writers: Client[] = [];
  private isScheduled = false;
  /** Commits that the engine had undone when that was looked at last. */
  private undoneBefore: number;

  constructor(store: Store, latency: LatencyMonitor, backlog: Backlog) {
    this.store = store;
    this.latency = latency;
    this.backlog = backlog;
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
    this.isScheduled = false;
    this.checkUndone();
    this.commitTurn();
    this.backlog.look();
  }

  private commitTurn(): void {
    const { committer, clock } = this.store;
    const { turn } = this;
    const writers = this.endTurn();
    const startMs = clock.monotonicMs();
    const isAlways = committer.durability === 'always';
    try {
      if (isAlways || (writers.length > 0 && committer.writesInPool)) {
        committer.afterWriteAsync().then(
          () => {
            this.latency.note(isAlways ? 'fsync' : 'commit', clock.monotonicMs() - startMs);
            release(writers, turn);
          },
          (error) => {
            refuse(writers, turn, error);
            this.checkUndone();
          },
        );
        return;
      }
      this.latency.note('commit', committer.afterTurn());
      release(writers, turn);
    } catch (error) {
      this.undoneBefore = committer.undone;
      refuse(writers, turn, error);
    }
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
