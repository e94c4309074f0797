/** Runs the commands of a client, as they are parsed out of what arrived. */
import { DENYOOM, MAY_REPLICATE, WRITE } from '../commands/command.ts';
import { COMMAND, PROTOCOL_ERROR } from '../protocol/request-parser.ts';
import type { Client } from './client.ts';
import type { Instance } from './instance.ts';
import { errorText } from './turn-commit.ts';

/** Parsing stops while so much output of a client waits. */
const OUTPUT_STOP_BYTES = 1024 * 1024;
const QUOTED_BYTES_MAX = 128;

/** Runs what has arrived. Returns false when it stopped early: to be called again once output has drained. */
export function execute(instance: Instance, client: Client): boolean {
  const { parser, reply } = client;
  while (!client.isSuspended && !client.closesAfterReply) {
    if (reply.length > OUTPUT_STOP_BYTES) return false;
    const result = parser.next();
    if (result === COMMAND) {
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

function runOne(instance: Instance, client: Client): void {
  const { parser, reply } = client;
  const { call } = instance;
  call.session = client;
  call.reply = reply;
  call.bytes = parser.bytes;
  call.argc = parser.argc;
  call.starts = parser.starts;
  call.ends = parser.ends;
  const from = reply.length;
  const row = instance.findCommand(parser.bytes, parser.starts[0], parser.ends[0]);
  if (row === undefined) reply.error(unknownCommand(instance, client));
  else if (row.arity > 0 ? call.argc !== row.arity : call.argc < -row.arity) {
    reply.error(`wrong number of arguments for '${row.name}' command`);
  } else {
    call.row = row;
    run(instance, client, from);
  }
  if (client.heldFrom >= 0) client.heldCommands++;
}

function run(instance: Instance, client: Client, from: number): void {
  const { call } = instance;
  const { row } = call;
  const { store } = instance;
  client.dirty = 0;
  try {
    if ((row.flags & WRITE) !== 0) store.checkWritable((row.flags & DENYOOM) !== 0 ? growthOf(client) : 0);
    row.run(call);
  } catch (error) {
    if ((row.flags & (WRITE | MAY_REPLICATE)) === 0) throw error;
    const refused = store.failWrite(error);
    if (refused !== error) instance.turn.undone(refused);
    client.reply.rollback(Math.min(from, client.reply.length));
    client.reply.error(errorText(refused));
    return;
  }
  if (client.dirty > 0) instance.turn.wrote(client, from);
}

/** What a command may add to what is stored: all of its arguments. */
function growthOf(client: Client): number {
  const { starts, ends, argc } = client.parser;
  return ends[argc - 1] - starts[0];
}

function unknownCommand({ call }: Instance, client: Client): string {
  const { bytes, starts, ends } = client.parser;
  const name = bytes.toString('latin1', starts[0], Math.min(ends[0], starts[0] + QUOTED_BYTES_MAX));
  let quoted = '';
  for (let i = 1; i < call.argc && quoted.length < QUOTED_BYTES_MAX; i++) {
    const room = QUOTED_BYTES_MAX - quoted.length;
    quoted += `'${bytes.toString('latin1', starts[i], Math.min(ends[i], starts[i] + room))}' `;
  }
  return `unknown command '${name}', with args beginning with: ${quoted}`;
}
