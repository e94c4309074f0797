/**
 * MULTI and EXEC. What was queued runs in one piece, and what it writes is committed as one group: all of its growth is
 * asked for beforehand, and nothing in the middle commits. If the engine undoes one of its writes it has undone all of
 * them, and the rest is not run.
 */
import type { Call } from '../commands/call.ts';
import { DENYOOM, WRITE } from '../commands/command.ts';
import type { Transactions as TransactionService } from '../commands/transactions.ts';
import { journalGroup } from '../keyspace/atomic.ts';
import type { Client } from './client.ts';
import { CommandQueue } from './command-queue.ts';
import { loadCall, runRow } from './executor.ts';
import { GATE_MULTI } from './gates.ts';
import type { Instance } from './instance.ts';
import { abortText, observe } from './stages.ts';
import { errorText } from './error-text.ts';

/** What a command may write beyond its arguments: record, slot and the like. */
const OVERHEAD_PER_COMMAND_UNITS = 16;
const UNIT_BYTES = 8;

export class Transactions implements TransactionService {
  private readonly instance: Instance;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  begin(client: Client): void {
    client.queue = new CommandQueue();
    client.gates |= GATE_MULTI;
  }

  discard(client: Client): void {
    client.queue = null;
    client.gates &= ~GATE_MULTI;
    this.instance.watches.forget(client);
  }

  watch(call: Call, i: number): void {
    this.instance.watches.add(call, call.session as Client, i);
  }

  unwatch(client: Client): void {
    this.instance.watches.forget(client);
  }

  exec(call: Call): void {
    const { statistics } = this.instance;
    const beganMs = statistics.fromMs;
    const client = call.session as Client;
    const queue = client.queue as CommandQueue;
    if (queue.isSpoiled) call.reply.error('-EXECABORT Transaction discarded because of previous errors.');
    else if (this.instance.watches.isBroken(client)) call.reply.nullArray();
    else {
      this.instance.watches.forget(client);
      this.tryRun(client, queue);
    }
    this.discard(client);
    statistics.fromMs = beganMs;
  }

  private tryRun(client: Client, queue: CommandQueue): void {
    const { store } = this.instance;
    const from = client.reply.length;
    let isJournaled = false;
    try {
      if ((queue.flags & WRITE) !== 0) {
        const growthBytes = queue.sizeBytes + queue.size * OVERHEAD_PER_COMMAND_UNITS * UNIT_BYTES;
        store.checkWritable((queue.flags & DENYOOM) !== 0 ? growthBytes : 0);
        isJournaled = journalGroup(store, growthBytes / UNIT_BYTES);
      }
    } catch (error) {
      client.reply.error(abortText(errorText(error)));
      return;
    }
    try {
      this.run(client, queue, from);
      if (isJournaled) store.committer.flushNow();
    } catch (error) {
      if (!isJournaled) throw error;
      client.dirty = 0;
      client.reply.rollback(Math.min(from, client.reply.length));
      client.reply.error(abortText(errorText(store.failWrite(error))));
    } finally {
      if (isJournaled) store.journal.enabled = false;
    }
  }

  private run(client: Client, queue: CommandQueue, from: number): void {
    const { instance } = this;
    const { call } = instance;
    const { row } = call;
    client.isInExec = true;
    client.reply.array(queue.size);
    try {
      for (let i = 0; i < queue.size; i++) {
        queue.load(i, call);
        const { row: queued } = call;
        const replyFrom = client.reply.length;
        const isDone = runRow(instance, client, from);
        instance.statistics.ran(call, queued, client, replyFrom);
        if (!isDone) break;
        if ((client.gates | instance.gates) !== GATE_MULTI) observe(instance, client);
      }
    } finally {
      client.isInExec = false;
      loadCall(call, client);
      call.row = row;
    }
  }
}
