/**
 * When writes of clients are acknowledged: once per turn of the loop, for all who wrote in it, by one write to the device.
 *
 * Replies of a client that wrote are held until that write is done (`everysec`) or durable (`always`); clients that
 * only read are answered at once. If the device refuses the write, everything the turn changed is undone by the engine,
 * and every reply that was held is replaced by an error.
 */
import { FerriteError } from '../base/errors.ts';
import { DiskLimitError } from '../engine/disk-limit.ts';
import type { Store } from '../engine/store.ts';
import type { Client } from './client.ts';
import { appendMessage } from './pushes.ts';

export class TurnCommit {
  private readonly store: Store;
  private waiting: Client[] = [];
  private isScheduled = false;
  /** Commits that the engine had undone when that was looked at last. */
  private undoneBefore: number;

  constructor(store: Store) {
    this.store = store;
    this.undoneBefore = store.committer.undone;
  }

  /** A command of the client changed something; its reply began at `from` of the client's output. */
  wrote(client: Client, from: number): void {
    const { durability } = this.store.committer;
    if (this.store.hasDisk && (durability === 'always' || durability === 'everysec') && client.heldFrom < 0) {
      client.heldFrom = from;
      client.heldCommands = 0;
      this.waiting.push(client);
    }
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.commit());
  }

  private commit(): void {
    this.isScheduled = false;
    const { committer } = this.store;
    this.checkUndone();
    const waiting = this.waiting;
    this.waiting = [];
    try {
      if (committer.durability === 'always') {
        committer.afterWriteAsync().then(
          () => release(waiting),
          (error) => refuse(waiting, error),
        );
        return;
      }
      committer.afterWrite();
      release(waiting);
    } catch (error) {
      refuse(waiting, error);
    }
  }

  /** A write through the other door failed and took this turn's writes with it: nobody else tells their clients. */
  checkUndone(): void {
    if (this.store.committer.undone === this.undoneBefore) return;
    this.undone(new FerriteError('FERRITE_DISK_FULL', 'the write was undone with another one that failed'));
  }

  /** The engine undid the turn while a command ran. */
  undone(error: unknown): void {
    this.undoneBefore = this.store.committer.undone;
    const waiting = this.waiting;
    this.waiting = [];
    refuse(waiting, error);
  }
}

function release(clients: Client[]): void {
  for (const client of clients) {
    client.heldFrom = -1;
    client.heldMessages = [];
    client.link.flush();
  }
}

function refuse(clients: Client[], error: unknown): void {
  const text = errorText(error);
  for (const client of clients) {
    client.reply.rollback(client.heldFrom);
    client.heldFrom = -1;
    for (let i = 0; i < client.heldCommands; i++) client.reply.error(text);
    const messages = client.heldMessages;
    client.heldMessages = [];
    for (const message of messages) appendMessage(client, message, message.length);
    client.link.flush();
  }
}

/** The reply to a command that the engine refused. */
export function errorText(error: unknown): string {
  if (!(error instanceof FerriteError)) throw error;
  if (error.code === 'FERRITE_MEMORY_FULL' || error instanceof DiskLimitError)
    return "-OOM command not allowed when used memory > 'maxmemory'.";
  return `-MISCONF ${error.message}`;
}
