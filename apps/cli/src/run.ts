/**
 * The program from its command line to its exit code: finds the row, reads the arguments, loads the code and runs it.
 *
 * Errors go to standard error, with `--json` as `{"error": {"code", "message"}}`; nothing that is thrown reaches the user
 * as a stack, unless FERRITE_DEBUG is set.
 */
import { readFileSync } from 'node:fs';
import type { CliSubcommand } from '@ferrite/core/module';
import { parseCommandLine } from './arguments.ts';
import { type Host, makeCall } from './call.ts';
import { FAILED, OK, USAGE } from './exit-codes.ts';
import { programHelp, subcommandHelp, usageLine } from './help.ts';
import { didYouMean } from './suggest.ts';
import { UsageError } from './usage-error.ts';

export async function runProgram(
  argv: readonly string[],
  builtIn: readonly CliSubcommand[],
  host: Host,
): Promise<number> {
  if (argv[0] !== '--features') return runCommand(argv, builtIn, host);
  try {
    const rows = [...builtIn, ...(await subcommandsOf(argv[1] ?? '', builtIn))];
    return await runCommand(argv.slice(2), rows, host);
  } catch (error) {
    host.stderr.write(`ferrite: ${(error as Error).message}\n`);
    return USAGE;
  }
}

/** The rows that features contribute, named as ferrite-server's parameter `features` names them. */
async function subcommandsOf(names: string, builtIn: readonly CliSubcommand[]): Promise<CliSubcommand[]> {
  const { loadFeaturesOf } = await import('@ferrite/all');
  const features = await loadFeaturesOf(names);
  if (features.length === 0) throw new Error('--features takes names of features, such as tls,./mine.mjs');
  const own = new Set(builtIn.map((row) => row.name));
  const owners = new Map<string, string>();
  for (const { name, cli } of features) {
    for (const row of cli) {
      const other = owners.get(row.name);
      if (other !== undefined) throw new Error(`the features ${other} and ${name} both have a command ${row.name}`);
      owners.set(row.name, name);
    }
  }
  // A built-in feature's command may have a row in the table as well.
  return features.flatMap((feature) => feature.cli.filter((row) => !own.has(row.name)));
}

async function runCommand(argv: readonly string[], rows: readonly CliSubcommand[], host: Host): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (name === '--version' || name === '-v' || name === '-V') {
    host.stdout.write(`ferrite ${version()}\n`);
    return OK;
  }
  if (name === 'help' || name === '--help' || name === '-h') return help(rest, rows, host, argv.length > 0);
  const row = rows.find((each) => each.name === name);
  if (row === undefined) return unknownCommand(name, rows, host);
  try {
    const parsed = parseCommandLine(row, rest);
    if (parsed.values.has('help')) {
      host.stdout.write(subcommandHelp(row));
      return OK;
    }
    const handler = await row.load();
    return await handler.run(makeCall(row, parsed, host));
  } catch (error) {
    return report(error, row, rest.includes('--json'), host);
  }
}

function help(words: readonly string[], rows: readonly CliSubcommand[], host: Host, isAsked: boolean): number {
  if (words.length === 0) {
    (isAsked ? host.stdout : host.stderr).write(programHelp(rows));
    return isAsked ? OK : USAGE;
  }
  const row = rows.find((each) => each.name === words[0]);
  if (row === undefined) return unknownCommand(words[0], rows, host);
  host.stdout.write(subcommandHelp(row));
  return OK;
}

function unknownCommand(name: string, rows: readonly CliSubcommand[], host: Host): number {
  const what = name.startsWith('-') ? `there is no option ${name}` : `there is no command ${name}`;
  const names = ['help', ...rows.map((row) => row.name)];
  host.stderr.write(`ferrite: ${what}${didYouMean(name, names)}\nTry: ferrite help\n`);
  return USAGE;
}

function report(error: unknown, row: CliSubcommand, isJson: boolean, host: Host): number {
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  if (isJson) {
    const code = isUsage ? 'USAGE' : ((error as { code?: string }).code ?? 'FAILED');
    host.stderr.write(`${JSON.stringify({ error: { code, message } })}\n`);
  } else {
    host.stderr.write(`ferrite ${row.name}: ${message}\n`);
    if (isUsage) host.stderr.write(`Usage: ${usageLine(row)}\nTry: ferrite ${row.name} --help\n`);
  }
  if (host.environment['FERRITE_DEBUG'] && error instanceof Error) host.stderr.write(`${error.stack}\n`);
  return isUsage ? USAGE : FAILED;
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
