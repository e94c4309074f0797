/**
 * Options of the command line, declared once: name, kind, default and what it does. Parsing, checking and `--help` come
 * from the same table, so none of them can tell another story.
 *
 * An unknown option, a value that does not parse or lies outside its bounds throws `UsageError`, which the programs
 * answer with its message and exit code 2.
 */
import { parseArgs } from 'node:util';
import { messageOf } from './http.ts';

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** How one option is read. `parse` throws `UsageError`; `value` is what stands for its argument in the help. */
export interface OptionSpec<T> {
  readonly help: string;
  readonly value: string;
  /** As a person would type it; absent: the option may be left out and is undefined then. */
  readonly byDefault?: string;
  readonly parse: (text: string) => T;
}

export type OptionTable = Readonly<Record<string, OptionSpec<unknown>>>;

/** What a table's options come to. */
export type OptionValues<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends OptionSpec<infer V> & { readonly byDefault: string }
    ? V
    : T[K] extends OptionSpec<infer V>
      ? V | undefined
      : never;
};

/** Whole numbers between bounds. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new UsageError(`"${text}" is not a whole number from ${min} to ${max}`);
  };
}

/** Bytes, plain or as `512kb`, `32mb`, `1gb`. */
export function size(minBytes: number): (text: string) => number {
  return (text) => {
    const match = /^(\d+)(b|kb|mb|gb)?$/i.exec(text);
    const unit = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }[(match?.[2] ?? 'b').toLowerCase()];
    const bytes = Number(match?.[1]) * (unit ?? 1);
    if (bytes >= minBytes) return bytes;
    throw new UsageError(`"${text}" is not a size of at least ${minBytes} bytes, such as 32mb`);
  };
}

export function oneOf<const T extends string>(...choices: T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new UsageError(`"${text}" is none of ${choices.join(', ')}`);
  };
}

export function httpUrl(text: string): URL {
  if (/^http:\/\//.test(text) && URL.canParse(text)) return new URL(text);
  throw new UsageError(`"${text}" is not a URL such as http://127.0.0.1:8080`);
}

export function plainText(text: string): string {
  if (text !== '') return text;
  throw new UsageError('an empty value');
}

/** A switch: given or not, without a value of its own. */
export function flag(help: string): OptionSpec<boolean> & { readonly byDefault: string } {
  return { help, value: '', byDefault: 'false', parse: (text) => text === 'true' };
}

/** The options in `args`, and whether the person asks for help instead. */
export function parseOptions<T extends OptionTable>(table: T, args: readonly string[]): OptionValues<T> | 'help' {
  const given = tokenize(table, args);
  if (given['help'] === true) return 'help';
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) {
    const text = given[name] === undefined ? spec.byDefault : String(given[name]);
    try {
      values[name] = text === undefined ? undefined : spec.parse(text);
    } catch (error) {
      throw new UsageError(`--${name}: ${messageOf(error)}`);
    }
  }
  return values as OptionValues<T>;
}

/** The text for `--help`. */
export function helpText(usage: string, table: OptionTable): string {
  const all: OptionTable = { ...table, help: flag('show this') };
  const lines = Object.entries(all).map(([name, { value, help, byDefault }]) => {
    const left = `  --${name}${value === '' ? '' : ` ${value}`}`.padEnd(30);
    return `${left}${help}${value !== '' && byDefault !== undefined ? ` (default ${byDefault})` : ''}`;
  });
  return `${usage}\n\n${lines.join('\n')}\n`;
}

function tokenize(table: OptionTable, args: readonly string[]): Record<string, string | boolean | undefined> {
  const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } };
  for (const [name, { value }] of Object.entries(table)) options[name] = { type: value === '' ? 'boolean' : 'string' };
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
