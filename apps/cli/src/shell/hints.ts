/** What may be written next on a command line: the arguments still to come, and the words that complete the last one. */
import { argumentText, type CommandTable, type KnownCommand, type ShownArgument } from './command-table.ts';

interface Typed {
  readonly command: KnownCommand | undefined;
  /** The words after the command's name. */
  readonly words: readonly string[];
}

/** The command that a line begins with, with its subcommand if it has one. */
function typedOf(table: CommandTable, words: readonly string[]): Typed {
  const [first = '', second = ''] = words.map((word) => word.toUpperCase());
  const subcommand = table.get(`${first} ${second}`);
  if (subcommand !== undefined) return { command: subcommand, words: words.slice(2) };
  return { command: table.get(first), words: words.slice(1) };
}

/** The arguments that are still to come, as text; empty when the line is no command, or done. */
export function hintFor(table: CommandTable, line: string): string {
  const words = line.trimStart().split(/\s+/);
  const isBetween = /\s$/.test(line);
  const typed = typedOf(
    table,
    words.filter((word) => word !== ''),
  );
  if (typed.command === undefined) return '';
  const rest = remaining(typed.command.arguments, typed.words);
  const text = rest.map(argumentText).join(' ');
  return text === '' || isBetween ? text : ` ${text}`;
}

/** Without the arguments that `words` are: those that must be there by their place, the others by their token. */
function remaining(all: readonly ShownArgument[], words: readonly string[]): ShownArgument[] {
  const upper = new Set(words.map((word) => word.toUpperCase()));
  let left = words.length;
  return all.filter((argument) => {
    if (isNamed(argument)) return !tokensOf(argument).some((token) => upper.has(token.toUpperCase()));
    if (left === 0) return true;
    // What may be repeated stays in view.
    if (argument.isRepeated) return true;
    left = Math.max(0, left - Math.max(1, argument.isChoice ? 1 : argument.parts.length));
    return false;
  });
}

/** Known by a word of its own, not by its place. */
function isNamed(argument: ShownArgument): boolean {
  return argument.isOptional && tokensOf(argument).length > 0;
}

function tokensOf(argument: ShownArgument): string[] {
  return [...(argument.token === '' ? [] : [argument.token]), ...argument.parts.flatMap(tokensOf)];
}

/** For the Tab key: the words that the last one may become, and that last one. */
export function completionsFor(table: CommandTable, line: string, extra: readonly string[]): [string[], string] {
  const words = line.trimStart().split(/\s+/);
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const found = candidates(table, before, extra).filter((word) => word.startsWith(last.toUpperCase()));
  // As people typed it: small letters stay small.
  const isLower = last !== '' && last === last.toLowerCase();
  const shown = found.map((word) => (isLower ? word.toLowerCase() : word));
  return [shown.map((word) => `${word} `), last];
}

function candidates(table: CommandTable, before: readonly string[], extra: readonly string[]): string[] {
  const names = [...table.keys()];
  if (before.length === 0) return [...new Set(names.map((name) => name.split(' ')[0])), ...extra].sort();
  if (before.length === 1 && before[0].toUpperCase() === 'HELP') return names.sort();
  const own = `${before[0].toUpperCase()} `;
  const subcommands = names.filter((name) => name.startsWith(own)).map((name) => name.slice(own.length));
  if (before.length === 1 && subcommands.length > 0) return subcommands.sort();
  const { command, words } = typedOf(table, before);
  return command === undefined ? [] : remaining(command.arguments, words).flatMap(tokensOf);
}
