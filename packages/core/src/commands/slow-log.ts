/** SLOWLOG: the commands that took long. */
import type { Call } from './call.ts';
import { ADMIN, type CommandRow, LOADING, STALE } from './command.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

/** Texts in latin1. */
export interface SlowEntry {
  readonly id: number;
  readonly atSeconds: number;
  readonly micros: number;
  readonly argumentTexts: readonly string[];
  readonly address: string;
  readonly name: string;
}

/** Implemented in `instance/`. */
export interface SlowLog {
  /** The latest first. */
  readonly entries: readonly SlowEntry[];
  readonly thresholdMicros: number;
  clear(): void;
}

const COUNT = 10;
const COUNT_ERROR = 'count should be greater than or equal to -1';
const HELP = [
  'GET [<count>]',
  '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
  '    Entries are made of:',
  '    id, timestamp, time in microseconds, arguments array, client IP and port,',
  '    client name',
  'LEN',
  '    Return the length of the slowlog.',
  'RESET',
  '    Reset the slowlog.',
];

const group = 'server';
const flags = ADMIN | LOADING | STALE;

export const slowLogCommands: readonly CommandRow[] = [
  {
    name: 'slowlog',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'get', arity: -2, flags, group, run: get },
      {
        name: 'len',
        arity: 2,
        flags,
        group,
        run: (call) => call.reply.integer(call.host.slowLog.entries.length),
      },
      { name: 'reset', arity: 2, flags, group, run: reset },
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'SLOWLOG', HELP) },
    ],
  },
];

function get(call: Call): void {
  const { reply } = call;
  const { entries } = call.host.slowLog;
  if (call.argc > 3) {
    reply.error("unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.");
    return;
  }
  const asked = call.argc === 3 ? call.integer(2, COUNT_ERROR) : COUNT;
  if (asked === undefined) return;
  if (asked < -1) {
    reply.error(COUNT_ERROR);
    return;
  }
  const shown = asked === -1 ? entries : entries.slice(0, Number(asked));
  reply.array(shown.length);
  for (const { id, atSeconds, micros, argumentTexts, address, name } of shown) {
    reply.array(6);
    reply.integer(id);
    reply.integer(atSeconds);
    reply.integer(micros);
    reply.array(argumentTexts.length);
    for (const text of argumentTexts) reply.bulkLatin1(text);
    reply.bulkLatin1(address);
    reply.bulkLatin1(name);
  }
}

function reset(call: Call): void {
  call.host.slowLog.clear();
  call.reply.ok();
}
