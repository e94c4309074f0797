/** A call of a subcommand: its arguments, and the ways to say something. */
import type { Readable, Writable } from 'node:stream';
import type { CliCall, CliColor, CliOption, CliSubcommand } from '@ferrite/core/module';
import { numberOf, optionsOf, type ParsedArguments } from './arguments.ts';
import { makeProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

/** What a program reads and where it writes; the real one, or a test's. */
export interface Host {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Output = Writable & { readonly isTTY?: boolean };

const COLORS: Record<CliColor, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

export function makeCall(row: CliSubcommand, parsed: ParsedArguments, host: Host): CliCall {
  const { stdin, stdout, stderr } = host;
  const options = new Map(optionsOf(row).map((option) => [option.name, option]));
  const declared = (name: string): CliOption => {
    const option = options.get(name);
    if (option === undefined) throw new Error(`the row of ${row.name} declares no option ${name}`);
    return option;
  };
  const texts = (name: string): readonly string[] => parsed.values.get(declared(name).name) ?? [];
  const isJson = parsed.values.has('json');
  const hasColors = hasColor(stdout, host.environment);
  return {
    arguments: parsed.arguments,
    isJson,
    input: stdin,
    output: stdout,
    isInteractive: stdin.isTTY === true && stdout.isTTY === true,
    flag: (name) => texts(name).length > 0,
    text: (name) => texts(name).at(-1),
    texts,
    number: (name) => {
      const value = texts(name).at(-1);
      return value === undefined ? undefined : numberOf(declared(name), value);
    },
    result: (text, json) => stdout.write(isJson ? `${jsonLine(json)}\n` : text.endsWith('\n') ? text : `${text}\n`),
    note: (text) => {
      if (!isJson) stderr.write(`${text}\n`);
    },
    progress: (label) => makeProgress(label, stderr),
    paint: (color, text) => (hasColors ? `\u001b[${COLORS[color]}m${text}\u001b[0m` : text),
    usageError: (message) => new UsageError(message),
  };
}

/** https://no-color.org: set and not empty means no colors. */
function hasColor(output: Output, environment: Host['environment']): boolean {
  return output.isTTY === true && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
}

function jsonLine(json: object): string {
  return JSON.stringify(json, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
