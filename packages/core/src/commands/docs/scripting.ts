/** What COMMAND DOCS says of the commands of the group scripting. */
import type { CommandDocs } from '../command-docs.ts';

export const scriptingDocs: CommandDocs = {
  function: {
    summary: 'Holds the commands about libraries of functions.',
    since: '7.0.0',
    complexity: 'Depends on subcommand.',
  },
  'function|flush': {
    summary: 'Deletes all libraries of functions.',
    since: '7.0.0',
    complexity: 'O(N) in the functions',
    syntax: '[flush-type(ASYNC|SYNC)]',
  },
  'function|list': {
    summary: 'Tells which libraries of functions there are.',
    since: '7.0.0',
    complexity: 'O(N) in the functions',
    syntax: '[LIBRARYNAME=library-name-pattern] [WITHCODE]',
  },
  'function|load': {
    summary: 'Makes a library of functions.',
    since: '7.0.0',
    complexity: 'O(1) beside the compilation',
    syntax: '[REPLACE] function-code',
  },
  'function|help': { summary: 'Lists the subcommands of FUNCTION.', since: '7.0.0', complexity: 'O(1)' },
};
