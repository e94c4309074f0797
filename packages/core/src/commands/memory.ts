/** MEMORY USAGE. */
import { memoryOfFound } from '../keyspace/memory-of.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, LOADING, READONLY, STALE } from './command.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

const HELP = [
  'USAGE <key> [SAMPLES <count>]',
  '    Return memory in bytes used by <key> and its value. Nested values are',
  '    sampled up to <count> times (default: 5, 0 means sample all).',
];

const group = 'server';

export const memoryCommands: readonly CommandRow[] = [
  {
    name: 'memory',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      {
        name: 'usage',
        arity: -3,
        flags: READONLY,
        group,
        keys: { first: 2, last: 2, step: 1, flags: 'RO' },
        run: usage,
      },
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'MEMORY', HELP) },
    ],
  },
];

function usage(call: Call): void {
  const { reply, store } = call;
  for (let i = 3; i < call.argc; i += 2) {
    if (!call.is(i, 'samples') || i + 1 === call.argc) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    const samples = call.integer(i + 1);
    if (samples === undefined) return;
    if (samples < 0) {
      reply.error(SYNTAX_ERROR);
      return;
    }
  }
  if (call.peekKey(2) === 0) reply.null();
  else reply.integer(memoryOfFound(store));
}
