/** The shell's `help`: what it can do itself, what a command does, what commands a group has. */
import { argumentText, type CommandTable } from './command-table.ts';

const OWN = `To get help about a command: help COMMAND
To see what commands there are: press the Tab key, or help COMMAND with the beginning of its name
The shell's own commands: help, clear, exit
Quotes are redis's: "two words", "\\x00\\n", 'it\\'s'`;

export function helpText(table: CommandTable, words: readonly string[]): string {
  if (words.length === 0) return OWN;
  const name = words.join(' ').toUpperCase();
  const own = table.get(name);
  if (own !== undefined) {
    const syntax = [own.name, ...own.arguments.map(argumentText)].join(' ');
    const subcommands = [...table.keys()].filter((each) => each.startsWith(`${name} `));
    const more =
      subcommands.length === 0
        ? ''
        : `\n  subcommands: ${subcommands.map((each) => each.slice(name.length + 1)).join(', ')}`;
    return `  ${syntax}\n  ${own.summary}${more}`;
  }
  const begun = [...table.values()].filter((each) => each.name.startsWith(name));
  if (begun.length === 0) return `There is no command ${name}.`;
  return begun.map((each) => `  ${each.name}: ${each.summary}`).join('\n');
}
