/** Runs the commands of a client, as they are parsed out of what arrived. What is not plain is in `stages.ts`. */
import { FerriteError } from '../base/errors.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import type { Call } from '../commands/call.ts';
import { type CommandRow, DENYOOM, FAST, MAY_REPLICATE, READONLY, WRITE } from '../commands/command.ts';
import { forEveryKey } from '../commands/keys-of.ts';
import { findSubcommand } from '../commands/subcommand.ts';
import { GATE_COUNTED, GATE_OPEN, GATE_READS, GATE_WRITES } from '../engine/read-gate.ts';
import { COMMAND, NEED_MORE, PROTOCOL_ERROR } from '../protocol/request-parser.ts';
import type { Client } from './client.ts';
import { refuseCrossProtocol } from './cross-protocol.ts';
import type { Instance } from './instance.ts';
import { lookAhead } from './lookahead.ts';
import { admit, conclude, observe, refuse } from './stages.ts';
import { errorText, KEY_TOO_LONG } from './error-text.ts';

/** Parsing stops while so much output of a client waits. */
const OUTPUT_STOP_BYTES = 1024 * 1024;
const QUOTED_BYTES_MAX = 128;
/** Commands of one client have run for so long: others have their turn before it goes on. */
const GIVE_WAY_MS = 3;
/** So many quick commands of one client may see the same time. */
const CLOCK_EVERY = 64;
const QUICK = FAST | WRITE;

/** Stands for the row of a command that there is not. */
const unknownRow: CommandRow = { name: '', arity: 0, flags: 0, group: 'generic', run: () => {} };

/** Runs what has arrived. Returns false when it stopped early: to be called again once output has drained, and others have had their turn. */
export function execute(instance: Instance, client: Client): boolean {
  const { pushes, store } = instance;
  pushes.executing = client;
  const { statistics } = instance;
  store.holdClock();
  client.activeMs = store.nowMs();
  statistics.begin(store.clock.monotonicMs());
  instance.turn.checkUndone();
  const { batchBegin } = instance.stages;
  const commandsBefore = instance.traffic.commands;
  if (batchBegin !== null) batchBegin(client);
  try {
    return runAll(instance, client);
  } finally {
    const { batchEnd } = instance.stages;
    if (batchEnd !== null) batchEnd(client, instance.traffic.commands - commandsBefore);
    store.releaseClock();
    store.key.foreseen.forget();
    store.member.foreseen.forget();
    pushes.executing = null;
    statistics.end();
  }
}

function runAll(instance: Instance, client: Client): boolean {
  const { parser, reply } = client;
  const { statistics } = instance;
  const untilMs = statistics.fromMs + GIVE_WAY_MS;
  let untilClock = CLOCK_EVERY;
  let untilLook = 0;
  while (!client.isSuspended && !client.closesAfterReply) {
    if (reply.length > OUTPUT_STOP_BYTES) return false;
    // By what the statistics have timed last: no look at the clock for it.
    if (statistics.fromMs >= untilMs && parser.pendingBytes > 0) return false;
    if (untilLook-- === 0) {
      untilLook = lookAhead(instance.store, instance.store.namespaces.of(client.database), parser) - 1;
    }
    const result = client.hasCommandAtHand ? COMMAND : parser.next();
    if (result === NEED_MORE) return true;
    if (result === PROTOCOL_ERROR) {
      reply.error(parser.errorText);
      client.closesAfterReply = true;
      return true;
    }
    client.hasCommandAtHand = false;
    runOne(instance, client);
    if (instance.blocking.hasReady) instance.blocking.serve();
    if (--untilClock === 0 || (instance.call.row.flags & QUICK) === 0) {
      untilClock = CLOCK_EVERY;
      instance.store.holdClock();
    }
  }
  return false;
}

/** Makes the command that the client's parser stands at the call. */
export function loadCall(call: Call, client: Client): void {
  const { parser } = client;
  call.session = client;
  call.reply = client.reply;
  call.bytes = parser.bytes;
  call.argc = parser.argc;
  call.starts = parser.starts;
  call.ends = parser.ends;
}

/** Runs the command that the client's parser stands at, which waited for a key. */
export function runHeld(instance: Instance, client: Client): void {
  client.hasCommandAtHand = false;
  runOne(instance, client);
}

function runOne(instance: Instance, client: Client): void {
  const { call } = instance;
  loadCall(call, client);
  const row = findRow(instance);
  if (typeof row === 'string') {
    if (call.row !== unknownRow || !refuseCrossProtocol(instance, client))
      refuse(instance, client, row, call.row.flags);
  } else {
    call.row = row;
    client.lastRow = row;
    if (hasLongKey(call)) refuse(instance, client, KEY_TOO_LONG, row.flags);
    else if ((client.gates | instance.gates) === 0 || admit(instance, client)) {
      run(instance, client);
      instance.store.passesOverDue = false;
      if (client.isSuspended) return;
      if ((client.gates | instance.gates) !== 0) observe(instance, client);
    }
    if (client.isSuspended) return;
  }
  if ((client.gates | instance.gates) !== 0) conclude(instance, client);
  answered(instance, client);
}

/** A command of the client has been answered. */
export function answered(instance: Instance, client: Client): void {
  instance.traffic.commands++;
  if (client.heldFrom >= 0) client.holds[client.holds.length - 1].commands++;
}

/** Whether a key of the call is longer than keys may be: met before anything is changed. */
function hasLongKey(call: Call): boolean {
  if (call.ends[call.argc - 1] - call.starts[0] <= KEY_SIZE_MAX_BYTES) return false;
  let isLong = false;
  forEveryKey(call, (i) => {
    if (call.lengthOf(i) > KEY_SIZE_MAX_BYTES) isLong = true;
  });
  return isLong;
}

/** The row of the command at hand, or, with `call.row` as far as it is known, what is wrong with it. */
function findRow(instance: Instance): CommandRow | string {
  const { call } = instance;
  const row = instance.findCommand(call.bytes, call.starts[0], call.ends[0]);
  call.row = row ?? unknownRow;
  if (row === undefined) return unknownCommand(call);
  if (row.arity > 0 ? call.argc !== row.arity : call.argc < -row.arity) {
    return `wrong number of arguments for '${row.name}' command`;
  }
  return row.subcommands === undefined || call.argc === 1 ? row : findSubcommand(call, row);
}

/** Runs the command at hand; its reply begins at the end of the client's output. */
function run(instance: Instance, client: Client): void {
  const { call, coldReads, statistics } = instance;
  const { row } = call;
  const from = client.reply.length;
  client.dirty = 0;
  if (client.coldRead !== null) coldReads.resumed(client.coldRead);
  if (coldReads.needsAll(row) && !coldReads.hasAll(client)) return;
  statistics.before(row);
  const isDone = runRow(instance, client, from);
  if (client.isSuspended) return;
  if (client.coldRead !== null) coldReads.finished(client);
  if (client.wait !== null) instance.blocking.forget(client);
  if (isDone && client.dirty > 0) instance.turn.wrote(client, from);
  statistics.ran(call, row, client, from);
}

/**
 * Runs the handler of the call. `from`: where the reply begins, to the whole transaction if there is one. False: a write
 * failed, and the engine undid everything that was not committed; or the client waits for a read.
 */
export function runRow(instance: Instance, client: Client, from: number): boolean {
  const { call, store, errors } = instance;
  const { row } = call;
  const { gate } = store;
  const { undone } = store.committer;
  const ownFrom = client.reply.length;
  const errorsBefore = errors.total;
  let isPrepared = false;
  let isWriting = false;
  try {
    if ((row.flags & (WRITE | MAY_REPLICATE)) !== 0) {
      if ((row.flags & WRITE) !== 0) prepareWrite(call, client);
      else store.noteBefore();
      isWriting = true;
    }
    isPrepared = true;
    const { before } = instance.stages;
    if (before !== null) before(call);
    gate.state = client.isInExec ? GATE_COUNTED : gateFor(row.flags);
    store.packed.release();
    row.run(call);
    gate.state = GATE_OPEN;
    const isFailed = errors.total > errorsBefore && errors.total > errors.blamed;
    if (isFailed) instance.statistics.failed(call.row);
    const { after } = instance.stages;
    if (after !== null && !client.isSuspended) after(call, isFailed ? errors.last : '');
    return true;
  } catch (error) {
    gate.state = GATE_OPEN;
    if (error === gate.pending) {
      client.reply.rollback(ownFrom);
      instance.coldReads.suspend(client);
      return false;
    }
    if (isBug(error)) instance.log('warning', `Error in ${row.name}: ${(error as Error).stack}`);
    const refused = isWriting && (!isBug(error) || store.hasWritten) ? store.failWrite(error) : error;
    const isUndone = failed(instance, client, refused, undone, from, ownFrom);
    if (isPrepared) instance.statistics.failed(row);
    else instance.statistics.rejected(row);
    if (isPrepared) instance.stages.after?.(call, errors.last);
    return !isUndone;
  }
}

function gateFor(flags: number): number {
  if ((flags & (WRITE | MAY_REPLICATE)) !== 0) return GATE_WRITES;
  return (flags & READONLY) !== 0 ? GATE_READS : GATE_COUNTED;
}

/** Neither a failure that the engine tells of nor one of the device. */
function isBug(error: unknown): boolean {
  return !(error instanceof FerriteError) && typeof (error as { code?: unknown } | null)?.code !== 'string';
}

/** Answers a command that threw. Returns whether the engine undid what was not committed: `undone` is what its count was. */
function failed(
  instance: Instance,
  client: Client,
  error: unknown,
  undone: number,
  from: number,
  ownFrom: number,
): boolean {
  const { reply } = client;
  const isUndone = instance.store.committer.undone !== undone;
  reply.rollback(Math.min(isUndone ? from : ownFrom, reply.length));
  if (isUndone) {
    instance.turn.undone(error);
    client.dirty = 0;
  }
  reply.error(errorText(error));
  return isUndone;
}

function prepareWrite(call: Call, client: Client): void {
  const growthBytes = (call.row.flags & DENYOOM) !== 0 ? growthOf(call) : 0;
  if (client.isInExec) call.store.continueWriting(growthBytes);
  else call.store.checkWritable(growthBytes);
}

/** What a command may add to what is stored: all of its arguments. */
function growthOf({ starts, ends, argc }: Call): number {
  return ends[argc - 1] - starts[0];
}

function unknownCommand(call: Call): string {
  const { bytes, starts, ends } = call;
  const name = bytes.toString('latin1', starts[0], Math.min(ends[0], starts[0] + QUOTED_BYTES_MAX));
  let quoted = '';
  for (let i = 1; i < call.argc && quoted.length < QUOTED_BYTES_MAX; i++) {
    const room = QUOTED_BYTES_MAX - quoted.length;
    quoted += `'${bytes.toString('latin1', starts[i], Math.min(ends[i], starts[i] + room))}' `;
  }
  return `unknown command '${name}', with args beginning with: ${quoted}`;
}
