/** Commands with subcommands: `run` of the row that only holds them, and the reply of HELP. */
import type { Call } from './call.ts';

const NAME_SHOWN_MAX = 128;

/** Runs the subcommand that argument 1 names. */
export function runSubcommand(call: Call): void {
  const { row } = call;
  for (const subcommand of row.subcommands ?? []) {
    if (!call.is(1, subcommand.name)) continue;
    const { arity } = subcommand;
    if (arity > 0 ? call.argc !== arity : call.argc < -arity) {
      call.reply.error(`wrong number of arguments for '${row.name}|${subcommand.name}' command`);
      return;
    }
    call.row = subcommand;
    subcommand.run(call);
    return;
  }
  const name = call.latin1(1).slice(0, NAME_SHOWN_MAX);
  call.reply.error(`unknown subcommand '${name}'. Try ${row.name.toUpperCase()} HELP.`);
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
