/**
 * The command line of one subcommand, read by what its row declares. Everything that does not fit is a `UsageError` that
 * names the option or argument, and what was probably meant.
 */
import { parseArgs } from 'node:util';
import type { CliOption, CliSubcommand } from '@ferrite/core/module';
import { didYouMean } from './suggest.ts';
import { UsageError } from './usage-error.ts';

/** What every subcommand takes, unless it is raw. */
export const commonOptions: readonly CliOption[] = [
  { name: 'json', kind: 'flag', summary: 'Write the result as JSON' },
  { name: 'help', kind: 'flag', summary: 'Show this help' },
];

export interface ParsedArguments {
  readonly arguments: readonly string[];
  /** By name, what was given or is the default. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

const SIZE = /^(\d+)(b|k|m|g|kb|mb|gb)?$/i;
const SIZE_UNITS: Record<string, number> = {
  b: 1,
  k: 1000,
  m: 1000 ** 2,
  g: 1000 ** 3,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
};

export function optionsOf(row: CliSubcommand): readonly CliOption[] {
  return [...(row.options ?? []), ...commonOptions];
}

export function parseCommandLine(row: CliSubcommand, argv: readonly string[]): ParsedArguments {
  if (row.isRaw === true) return { arguments: argv, values: new Map() };
  const options = optionsOf(row);
  const cut = row.restIsArguments === true ? firstArgument(options, argv) : argv.length;
  const { tokens } = parse(options, argv.slice(0, cut));
  const byName = new Map(options.map((option) => [option.name, option]));
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = byName.get(token.name);
    if (option === undefined) throw unknownOption(token.rawName, options);
    const value = valueOf(option, token.rawName, token.value, token.inlineValue === true);
    const earlier = option.repeated === true ? (values.get(option.name) ?? []) : [];
    values.set(option.name, [...earlier, value]);
  }
  const given = [...positionals, ...argv.slice(cut)];
  if (!values.has('help')) checkArguments(row, given);
  for (const { name, default: value } of options)
    if (value !== undefined && !values.has(name)) values.set(name, [value]);
  return { arguments: given, values };
}

function parse(options: readonly CliOption[], argv: readonly string[]) {
  const config: Record<string, { type: 'string' | 'boolean'; short?: string }> = {};
  for (const { name, short, kind } of options) {
    config[name] = { type: kind === 'flag' ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) };
  }
  return parseArgs({ args: [...argv], options: config, strict: false, allowPositionals: true, tokens: true });
}

/** Where the first argument stands that is neither an option nor an option's value. */
function firstArgument(options: readonly CliOption[], argv: readonly string[]): number {
  const { tokens } = parse(options, argv);
  const first = tokens.find((token) => token.kind !== 'option');
  if (first === undefined) return argv.length;
  return first.kind === 'option-terminator' ? first.index + 1 : first.index;
}

function unknownOption(given: string, options: readonly CliOption[]): UsageError {
  const names = options.flatMap(({ name, short }) =>
    short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`],
  );
  return new UsageError(`there is no option ${given}${didYouMean(given, names)}`);
}

/** The value of an option as text, once it is known to be of its kind. */
function valueOf(option: CliOption, given: string, value: string | undefined, isInline: boolean): string {
  const { kind } = option;
  if (kind === 'flag') {
    if (value !== undefined) throw new UsageError(`option ${given} takes no value`);
    return 'yes';
  }
  if (value === undefined || (!isInline && value.length > 1 && value.startsWith('-') && !/^-\d/.test(value))) {
    throw new UsageError(`option ${given} needs a value: ${valueName(option)}`);
  }
  const refuse = (wanted: string) => new UsageError(`option ${given} takes ${wanted}, not '${value}'`);
  if (kind === 'integer' && !/^\d{1,15}$/.test(value)) throw refuse('a whole number');
  if (kind === 'seconds' && !/^\d{1,9}(\.\d+)?$/.test(value)) throw refuse('a number of seconds');
  if (kind === 'size' && sizeOf(value) === undefined) throw refuse('a size, such as 512 or 64mb');
  if (typeof kind !== 'string' && !kind.includes(value)) {
    throw new UsageError(`option ${given} takes one of ${kind.join(', ')}, not '${value}'${didYouMean(value, kind)}`);
  }
  return value;
}

function checkArguments(row: CliSubcommand, given: readonly string[]): void {
  const declared = row.arguments ?? [];
  const needed = declared.filter((each) => each.optional !== true);
  if (given.length < needed.length) throw new UsageError(`${needed[given.length].name} is missing`);
  const takesAll = declared.at(-1)?.repeated === true;
  if (given.length > declared.length && !takesAll) {
    throw new UsageError(`'${given[declared.length]}' is one argument too many`);
  }
}

/** What help calls the value of an option. */
export function valueName({ kind, value }: CliOption): string {
  if (value !== undefined) return value;
  if (typeof kind !== 'string') return kind.join('|');
  return { flag: '', text: 'TEXT', integer: 'N', seconds: 'SECONDS', size: 'SIZE' }[kind];
}

/** The number that a value says. */
export function numberOf({ kind }: CliOption, value: string): number {
  return kind === 'size' ? sizeOf(value)! : Number(value);
}

function sizeOf(value: string): number | undefined {
  const match = SIZE.exec(value);
  return match === null ? undefined : Number(match[1]) * SIZE_UNITS[(match[2] ?? 'b').toLowerCase()];
}
