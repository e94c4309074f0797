/** Commands on strings. */
import { putBytes } from '../engine/put.ts';
import type { Call } from './call.ts';
import { type CommandRow, DENYOOM, FAST, READONLY, WRITE } from './command.ts';

export const stringCommands: readonly CommandRow[] = [
  {
    name: 'get',
    arity: 2,
    flags: READONLY | FAST,
    group: 'string',
    keys: { first: 1, last: 1, step: 1, flags: 'RO access' },
    run: get,
  },
  {
    name: 'set',
    arity: -3,
    flags: WRITE | DENYOOM,
    group: 'string',
    keys: { first: 1, last: 1, step: 1, flags: 'OW update' },
    run: set,
  },
];

function get(call: Call): void {
  if (!call.findString(1)) return;
  if (call.found === 0) call.reply.null();
  else call.replyValue();
}

function set(call: Call): void {
  if (call.argc > 3) {
    call.reply.error('syntax error');
    return;
  }
  call.findKey(1);
  putBytes(call.store, call.database, call.found, call.bytes, call.starts[2], call.ends[2], 0);
  call.changed('$', 'set');
  call.reply.ok();
}
