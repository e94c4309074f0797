/** FUNCTION as far as it needs no interpreter: there are no libraries, so none are listed and a flush has nothing to do. */
import type { Call } from './call.ts';
import { type CommandRow, DENYOOM, LOADING, NOSCRIPT, STALE, WRITE } from './command.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

const NOT_HERE = 'functions cannot be loaded: this server has no interpreter for them';

const HELP = [
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
  '    Return the libraries: there are none.',
  'FLUSH [ASYNC|SYNC]',
  '    Delete all libraries.',
];

const group = 'scripting';

export const functionCommands: readonly CommandRow[] = [
  {
    name: 'function',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'flush', arity: -2, flags: NOSCRIPT | WRITE, group, run: flush },
      { name: 'list', arity: -2, flags: NOSCRIPT, group, run: (call) => call.reply.array(0) },
      { name: 'load', arity: -3, flags: NOSCRIPT | WRITE | DENYOOM, group, run: (call) => call.reply.error(NOT_HERE) },
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'FUNCTION', HELP) },
    ],
  },
];

function flush(call: Call): void {
  const isPlain = call.argc === 2;
  if (isPlain || (call.argc === 3 && (call.is(2, 'async') || call.is(2, 'sync')))) call.reply.ok();
  else call.reply.error('FUNCTION FLUSH only supports SYNC|ASYNC option');
}
