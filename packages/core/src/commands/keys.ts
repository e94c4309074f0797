/** Commands on keys of any type. */
import { remove } from '../engine/remove.ts';
import type { Call } from './call.ts';
import { type CommandRow, FAST, READONLY, WRITE } from './command.ts';

export const keyCommands: readonly CommandRow[] = [
  {
    name: 'del',
    arity: -2,
    flags: WRITE,
    group: 'generic',
    keys: { first: 1, last: -1, step: 1, flags: 'RM delete' },
    run: del,
  },
  {
    name: 'exists',
    arity: -2,
    flags: READONLY | FAST,
    group: 'generic',
    keys: { first: 1, last: -1, step: 1, flags: 'RO' },
    run: exists,
  },
];

function del(call: Call): void {
  let count = 0;
  for (let i = 1; i < call.argc; i++) {
    if (call.findKey(i) === 0) continue;
    remove(call.store, call.database, call.found);
    call.changed('g', 'del');
    count++;
  }
  call.reply.integer(count);
}

function exists(call: Call): void {
  let count = 0;
  for (let i = 1; i < call.argc; i++) if (call.findKey(i) !== 0) count++;
  call.reply.integer(count);
}
