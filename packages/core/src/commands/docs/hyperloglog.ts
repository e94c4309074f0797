/** What COMMAND DOCS says of the commands of the group hyperloglog. */
import type { CommandDocs } from '../command-docs.ts';

export const hyperLogLogDocs: CommandDocs = {
  pfadd: {
    summary: 'Adds elements to a HyperLogLog, or makes it.',
    since: '2.8.9',
    complexity: 'O(1) for each element',
    syntax: 'key:k0 [element+]',
  },
  pfcount: {
    summary: 'Estimates how many different elements were added to HyperLogLogs.',
    since: '2.8.9',
    complexity: 'O(1) for one key, O(N) in the keys for several',
    syntax: 'key:k0+',
  },
  pfdebug: {
    summary: 'Shows how a HyperLogLog is kept.',
    since: '2.8.9',
    complexity: 'N/A',
    syntax: 'subcommand key:k0',
    isForTests: true,
  },
  pfmerge: {
    summary: 'Merges HyperLogLogs into one.',
    since: '2.8.9',
    complexity: 'O(N) in the keys',
    syntax: 'destkey:k0 [sourcekey:k1+]',
  },
  pfselftest: {
    summary: 'Tests how HyperLogLogs are kept and counted.',
    since: '2.8.9',
    complexity: 'N/A',
    isForTests: true,
  },
};
