/** Runs the commands of a client, as they are parsed out of what arrived. What is not plain is in `stages.ts`. */
import type { Call } from '../commands/call.ts';
import { type CommandRow, DENYOOM, MAY_REPLICATE, WRITE } from '../commands/command.ts';
import { findSubcommand } from '../commands/subcommand.ts';
import { COMMAND, PROTOCOL_ERROR } from '../protocol/request-parser.ts';
import type { Client } from './client.ts';
import { refuseCrossProtocol } from './cross-protocol.ts';
import type { Instance } from './instance.ts';
import { admit, conclude, observe, refuse } from './stages.ts';
import { errorText } from './turn-commit.ts';

/** Parsing stops while so much output of a client waits. */
const OUTPUT_STOP_BYTES = 1024 * 1024;
const QUOTED_BYTES_MAX = 128;

/** Stands for the row of a command that there is not. */
const unknownRow: CommandRow = { name: '', arity: 0, flags: 0, group: 'generic', run: () => {} };

/** Runs what has arrived. Returns false when it stopped early: to be called again once output has drained. */
export function execute(instance: Instance, client: Client): boolean {
  const { pushes } = instance;
  pushes.executing = client;
  const { statistics } = instance;
  client.activeMs = instance.store.clock.monotonicMs();
  statistics.begin(client.activeMs);
  instance.turn.checkUndone();
  try {
    return runAll(instance, client);
  } finally {
    pushes.executing = null;
    statistics.end();
  }
}

function runAll(instance: Instance, client: Client): boolean {
  const { parser, reply } = client;
  while (!client.isSuspended && !client.closesAfterReply) {
    if (reply.length > OUTPUT_STOP_BYTES) return false;
    const result = client.hasCommandAtHand ? COMMAND : parser.next();
    if (result === COMMAND) {
      client.hasCommandAtHand = false;
      runOne(instance, client);
      continue;
    }
    if (result === PROTOCOL_ERROR) {
      reply.error(parser.errorText);
      client.closesAfterReply = true;
    }
    return true;
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

function runOne(instance: Instance, client: Client): void {
  const { call } = instance;
  loadCall(call, client);
  instance.traffic.commands++;
  const row = findRow(instance);
  if (typeof row === 'string') {
    if (call.row !== unknownRow || !refuseCrossProtocol(instance, client))
      refuse(instance, client, row, call.row.flags);
  } else {
    call.row = row;
    client.lastRow = row;
    if ((client.gates | instance.gates) === 0 || admit(instance, client)) {
      run(instance, client);
      if ((client.gates | instance.gates) !== 0) observe(instance, client);
    }
    if (client.isSuspended) return;
  }
  if ((client.gates | instance.gates) !== 0) conclude(instance, client);
  if (client.heldFrom >= 0) client.heldCommands++;
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
  const { call, statistics } = instance;
  const { row } = call;
  const from = client.reply.length;
  client.dirty = 0;
  statistics.before(row);
  if (runRow(instance, client, from) && client.dirty > 0) instance.turn.wrote(client, from);
  if (!client.isSuspended) statistics.ran(call, row, client, from);
}

/**
 * Runs the handler of the call. `from`: where the reply begins, to the whole transaction if there is one. False: a write
 * failed, and the engine undid everything that was not committed.
 */
export function runRow(instance: Instance, client: Client, from: number): boolean {
  const { call, store, errors } = instance;
  const { row } = call;
  const { reply } = client;
  const { undone } = store.committer;
  const ownFrom = reply.length;
  const errorsBefore = errors.total;
  let isPrepared = false;
  try {
    if ((row.flags & WRITE) !== 0) prepareWrite(call, client);
    isPrepared = true;
    row.run(call);
    if (errors.total > errorsBefore && errors.total > errors.blamed) instance.statistics.failed(call.row);
    return true;
  } catch (error) {
    if ((row.flags & (WRITE | MAY_REPLICATE)) === 0) throw error;
    const refused = store.failWrite(error);
    const isUndone = store.committer.undone !== undone;
    if (isUndone) {
      instance.turn.undone(refused);
      client.dirty = 0;
    }
    reply.rollback(Math.min(isUndone ? from : ownFrom, reply.length));
    reply.error(errorText(refused));
    if (isPrepared) instance.statistics.failed(row);
    else instance.statistics.rejected(row);
    return !isUndone;
  }
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
