/** Commands with subcommands: which one a call names, `run` of the row that only holds them, and the reply of HELP. */
import type { Call } from './call.ts';
import type { CommandRow } from './command.ts';

const NAME_SHOWN_MAX = 128;

/** The subcommand of `row` that argument 1 names, or why there is none to run. */
export function findSubcommand(call: Call, row: CommandRow): CommandRow | string {
  for (const subcommand of row.subcommands ?? []) {
    if (!call.is(1, subcommand.name)) continue;
    const { arity } = subcommand;
    if (arity > 0 ? call.argc === arity : call.argc >= -arity) return subcommand;
    call.row = subcommand;
    return `wrong number of arguments for '${row.name}|${subcommand.name}' command`;
  }
  const name = call.latin1(1).slice(0, NAME_SHOWN_MAX);
  return `unknown subcommand '${name}'. Try ${row.name.toUpperCase()} HELP.`;
}

/** Runs the subcommand that argument 1 names. */
export function runSubcommand(call: Call): void {
  const subcommand = findSubcommand(call, call.row);
  if (typeof subcommand === 'string') {
    call.reply.error(subcommand);
    return;
  }
  call.row = subcommand;
  subcommand.run(call);
}

/** Replies with what a container of subcommands offers. */
export function replyHelp(call: Call, name: string, lines: readonly string[]): void {
  const all = [
    `${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...lines,
    'HELP',
    '    Print this help.',
  ];
  call.reply.array(all.length);
  for (const line of all) call.reply.simple(line);
}
