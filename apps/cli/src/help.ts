/** Help, all of it made from the rows: of the program, and of each subcommand. */
import type { CliSubcommand } from '@ferrite/core/module';
import { optionsOf, valueName } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';

const WIDTH = 100;
const INDENT = '  ';

export function programHelp(rows: readonly CliSubcommand[]): string {
  return paragraphs([
    "ferrite: Redis's data model on a HybridLog storage engine, at the command line",
    'Usage: ferrite COMMAND [ARGUMENT...]\n       ferrite COMMAND --help\n       ferrite --features NAMES COMMAND [ARGUMENT...]\n       ferrite --version',
    section(
      'Commands',
      rows.map((row): Row => [row.name, row.summary]),
    ),
    section(
      'Exit codes',
      exitCodes.map(([code, meaning]): Row => [String(code), meaning]),
    ),
    wrap('--features loads the commands of further features: names, packages or paths, with commas between.', ''),
    wrap(
      'Every command takes --json, but those that are servers. NO_COLOR is respected, and what is not a terminal gets neither colors nor progress bars.',
      '',
    ),
  ]);
}

export function subcommandHelp(row: CliSubcommand): string {
  const own = (row.arguments ?? []).map((each): Row => [each.name, each.summary]);
  return paragraphs([
    `ferrite ${row.name}: ${row.summary}`,
    `Usage: ${usageLine(row)}`,
    section('Arguments', own),
    row.isRaw === true ? '' : section('Options', optionRows(row)),
    ...(row.details ?? []).map((text) => wrap(text, '')),
    row.examples === undefined ? '' : `Examples:\n${row.examples.map((line) => `${INDENT}${line}`).join('\n')}`,
  ]);
}

/** The one line that says how to call it. */
export function usageLine(row: CliSubcommand): string {
  const shown = (row.arguments ?? []).map(({ name, optional, repeated }) => {
    const word = repeated === true ? `${name}...` : name;
    return optional === true ? `[${word}]` : word;
  });
  const options = row.isRaw === true ? [] : ['[OPTION...]'];
  return ['ferrite', row.name, ...options, ...shown].join(' ');
}

type Row = readonly [left: string, right: string];

function optionRows(row: CliSubcommand): Row[] {
  return optionsOf(row).map((option): Row => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `;
    const value = valueName(option);
    const notes = [
      option.repeated === true ? 'may be repeated' : '',
      option.default === undefined ? '' : `default ${option.default}`,
    ].filter((note) => note !== '');
    const note = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
    return [`${short}--${option.name}${value === '' ? '' : ` ${value}`}`, `${option.summary}${note}`];
  });
}

function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const left = Math.min(30, Math.max(...rows.map(([name]) => name.length)));
  const lines = rows.map(([name, text]) => {
    const margin = `${INDENT}${' '.repeat(left)}  `;
    const wrapped = wrap(text, margin);
    if (name.length > left) return `${INDENT}${name}\n${wrapped}`;
    return `${INDENT}${name.padEnd(left)}  ${wrapped.trimStart()}`;
  });
  return `${title}:\n${lines.join('\n')}`;
}

/** Breaks a text into lines that begin with `margin`. */
function wrap(text: string, margin: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && margin.length + line.length + 1 + word.length > WIDTH) {
      lines.push(margin + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, margin + line].join('\n');
}

function paragraphs(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
