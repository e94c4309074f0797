/** What COMMAND DOCS says of the commands of the group transactions. */
import type { CommandDocs } from '../command-docs.ts';

export const transactionDocs: CommandDocs = {
  multi: { summary: 'Begins a transaction.', since: '1.2.0', complexity: 'O(1)' },
  exec: {
    summary: 'Runs the commands of a transaction in one piece.',
    since: '1.2.0',
    complexity: 'Depends on commands in the transaction',
  },
  discard: { summary: 'Drops a transaction.', since: '2.0.0', complexity: 'O(N) in the commands that were queued' },
  watch: {
    summary: 'Lets the transaction fail if one of the keys changes before.',
    since: '2.2.0',
    complexity: 'O(1) for each key',
    syntax: 'key:k0+',
  },
  unwatch: { summary: 'Forgets the keys that are watched.', since: '2.2.0', complexity: 'O(1)' },
};
