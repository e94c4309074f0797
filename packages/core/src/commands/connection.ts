/** Commands about the connection. */
import type { Call } from './call.ts';
import { type CommandRow, FAST, LOADING, STALE } from './command.ts';

export const connectionCommands: readonly CommandRow[] = [
  { name: 'ping', arity: -1, flags: FAST, group: 'connection', run: ping },
  { name: 'echo', arity: 2, flags: LOADING | STALE | FAST, group: 'connection', run: echo },
  { name: 'select', arity: 2, flags: LOADING | STALE | FAST, group: 'connection', run: select },
];

function ping(call: Call): void {
  if (call.argc > 2) call.reply.error("wrong number of arguments for 'ping' command");
  else if (call.argc === 2) call.reply.bulk(call.bytes, call.starts[1], call.ends[1]);
  else call.reply.simple('PONG');
}

function echo(call: Call): void {
  call.reply.bulk(call.bytes, call.starts[1], call.ends[1]);
}

function select(call: Call): void {
  const database = call.integer(1, 'invalid DB index');
  if (database === undefined) return;
  if (!(database >= 0 && database < 16)) {
    call.reply.error('DB index is out of range');
    return;
  }
  call.session.database = Number(database);
  call.reply.ok();
}
