/**
 * What happens to a command beside its handler, if the state of its client or of the instance has it so: `admit` before
 * it, `observe` after each one, also those of EXEC, and `conclude` at its end.
 */
import {
  ADMIN,
  DENYOOM,
  MAY_REPLICATE,
  NEVER_QUEUED,
  NO_AUTH,
  NO_MULTI,
  READONLY,
  RUNS_QUEUE,
  SKIP_MONITOR,
  WHILE_SUBSCRIBED,
  WRITE,
} from '../commands/command.ts';
import type { Client } from './client.ts';
import {
  GATE_BACKLOG,
  GATE_DEFERRED,
  GATE_FEATURES,
  GATE_LOCKED,
  GATE_MONITOR,
  GATE_MONITORED,
  GATE_MULTI,
  GATE_NO_REPLICAS,
  GATE_PAUSED,
  GATE_SKIP,
  GATE_TRACKING,
} from './gates.ts';
import type { Instance } from './instance.ts';
import { errorText } from './error-text.ts';

const NO_REPLICAS = '-NOREPLICAS Not enough good replicas to write.';
const UNAUTHENTICATED = '-NOAUTH Authentication required.';

/** Whether the command at hand is to be run now. If not, it has been answered, or waits. */
export function admit(instance: Instance, client: Client): boolean {
  const { row } = instance.call;
  const { gates } = client;
  let { flags } = row;
  if ((flags & RUNS_QUEUE) !== 0 && client.queue !== null) flags |= client.queue.flags & (WRITE | MAY_REPLICATE);
  const error = whyRefused(instance, client, flags);
  if (error !== '') {
    refuse(instance, client, error, flags);
    return false;
  }
  const mayBePaused = (instance.gates & GATE_PAUSED) !== 0 && (gates & GATE_MONITOR) === 0;
  if (mayBePaused && instance.pause.postpones(client, flags)) return false;
  if ((instance.gates & GATE_BACKLOG) !== 0 && instance.backlog.postpones(client, flags)) return false;
  if ((gates & GATE_TRACKING) !== 0) instance.tracking.trimFirst(client);
  if ((gates & GATE_MULTI) !== 0 && (flags & NEVER_QUEUED) === 0) {
    enqueue(instance, client);
    return false;
  }
  instance.store.passesOverDue = (instance.gates & GATE_PAUSED) !== 0 && (flags & WRITE) === 0;
  return true;
}

function whyRefused(instance: Instance, client: Client, flags: number): string {
  const { gates } = client;
  const isLocked = (gates & GATE_LOCKED) !== 0 && instance.authentication.isRequired;
  if (isLocked && (flags & NO_AUTH) === 0) return UNAUTHENTICATED;
  if ((gates & GATE_MULTI) !== 0 && (flags & NO_MULTI) !== 0) return 'Command not allowed inside a transaction';
  if ((instance.gates & GATE_NO_REPLICAS) !== 0 && (flags & WRITE) !== 0) return NO_REPLICAS;
  if (client.isConfined && (flags & WHILE_SUBSCRIBED) === 0) {
    const name = instance.fullNameOf(instance.call.row);
    return (
      `Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this ` +
      'context'
    );
  }
  if ((instance.gates & GATE_FEATURES) !== 0) {
    const error = instance.stages.admit?.(instance.call) ?? '';
    if (error !== '') return error;
  }
  const touchesKeys = (flags & (WRITE | READONLY | MAY_REPLICATE)) !== 0;
  return (gates & GATE_MONITOR) !== 0 && touchesKeys ? "Replica can't interact with the keyspace" : '';
}

function enqueue(instance: Instance, client: Client): void {
  const { call, store } = instance;
  const queue = client.queue;
  if (queue === null) return;
  try {
    if ((call.row.flags & DENYOOM) !== 0)
      store.checkWritable(queue.sizeBytes + call.ends[call.argc - 1] - call.starts[0]);
  } catch (error) {
    refuse(instance, client, errorText(error), 0);
    return;
  }
  if (!queue.isSpoiled && !client.isWatchBroken && !queue.push(call)) {
    refuse(instance, client, 'the transaction is too large', 0);
    return;
  }
  client.reply.simple('QUEUED');
}

/** Answers with an error what is not run. Within MULTI that lets EXEC fail; EXEC itself ends the transaction. */
export function refuse(instance: Instance, client: Client, error: string, flags: number): void {
  answerRefused(instance, client, error, flags);
  instance.statistics.rejected(instance.call.row);
}

function answerRefused(instance: Instance, client: Client, error: string, flags: number): void {
  if (client.queue === null) client.reply.error(error);
  else if ((flags & RUNS_QUEUE) !== 0) {
    instance.transactions.discard(client);
    client.reply.error(abortText(error));
  } else {
    client.queue.isSpoiled = true;
    client.reply.error(error);
  }
}

/** What EXEC answers when it cannot run. */
export function abortText(error: string): string {
  return `-EXECABORT Transaction discarded because of: ${error.startsWith('-') ? error.slice(1) : error}`;
}

/** The command at hand was run. */
export function observe(instance: Instance, client: Client): void {
  const { call } = instance;
  const { flags } = call.row;
  if ((instance.gates & GATE_MONITORED) !== 0 && (flags & (ADMIN | SKIP_MONITOR)) === 0) instance.monitors.feed(call);
  if ((client.gates & GATE_TRACKING) !== 0 && (flags & READONLY) !== 0) instance.tracking.remember(client, call);
}

/** The command at hand has been dealt with, and its reply written. */
export function conclude(instance: Instance, client: Client): void {
  const { gates, reply } = client;
  if ((gates & GATE_TRACKING) !== 0 && (gates & GATE_MULTI) === 0) instance.tracking.concluded(client);
  if ((gates & GATE_SKIP) !== 0) {
    reply.isMuted = client.isReplyOff || client.skipsNext;
    if (!client.skipsNext) client.gates &= ~GATE_SKIP;
    client.skipsNext = false;
  }
  if ((gates & GATE_DEFERRED) !== 0) instance.pushes.release(client);
}
