/**
 * The table of subcommands. Arguments are parsed and help is written from these rows; the code behind one is loaded when it
 * is called. A new subcommand is a row here and a file in `commands/`; those of features come from their packages.
 */
import type { CliArgument, CliSubcommand } from '@ferrite/core/module';
import { buildSubcommands } from './build-subcommands.ts';
import { targetOptions } from './target-options.ts';
import { tlsSubcommand } from './tls-subcommand.ts';

const storeArgument: CliArgument = { name: 'PATH', summary: 'The directory of a store that no process has open' };

export const subcommands: readonly CliSubcommand[] = [
  {
    name: 'serve',
    summary: 'Serve a store to Redis clients, as ferrite-server does',
    isRaw: true,
    arguments: [
      { name: 'FILE', summary: 'A configuration file in the form of redis.conf', optional: true },
      { name: '--NAME VALUE', summary: 'Parameters, by their names in redis.conf', optional: true, repeated: true },
    ],
    details: ['All parameters are in apps/docs/configuration.md of the repository.'],
    examples: ['ferrite serve --port 7000 --dir ./data --durability everysec', 'ferrite serve /etc/ferrite.conf'],
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'cli',
    summary: 'Talk to a Ferrite or Redis server',
    arguments: [
      {
        name: 'COMMAND',
        summary: 'One command; without it, standard input or a shell',
        optional: true,
        repeated: true,
      },
    ],
    restIsArguments: true,
    options: [
      ...targetOptions,
      { name: 'db', short: 'n', kind: 'integer', summary: 'The database', default: '0' },
      { name: 'resp3', short: '3', kind: 'flag', summary: 'Speak RESP3' },
      { name: 'stdin', short: 'x', kind: 'flag', summary: 'Read the last word of the command from standard input' },
      { name: 'raw', kind: 'flag', summary: 'Write values as they are; the default where output is no terminal' },
      { name: 'no-raw', kind: 'flag', summary: 'Write values with their types, also where output is no terminal' },
    ],
    details: [
      'Options stand before the command. In the shell, the Tab key completes and what may come next stands in gray; both follow the commands of the server. Lines are kept in ~/.ferrite_history, or the file that FERRITE_HISTORY names, but not those with passwords.',
      'The exit code is 1 when a reply is an error.',
    ],
    examples: [
      'ferrite cli',
      'ferrite cli -p 7000 GET greeting',
      'ferrite cli --json HGETALL user:1',
      'ferrite cli < commands.txt',
      'ferrite cli -x SET photo < photo.jpg',
    ],
    load: () => import('./commands/cli.ts'),
  },
  {
    name: 'doctor',
    summary: 'Check every file of a store, and say what is wrong and what to do',
    arguments: [storeArgument],
    details: ['Nothing is changed. The exit code is 1 when a file is damaged.'],
    examples: ['ferrite doctor ./data', 'ferrite doctor --json ./data'],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'salvage',
    summary: 'Keep what is whole of a damaged store, and set the rest aside',
    arguments: [storeArgument],
    options: [{ name: 'yes', kind: 'flag', summary: 'Do it: what cannot be read is given up' }],
    load: () => import('./commands/salvage.ts'),
  },
  {
    name: 'backup',
    summary: 'Copy a store that no process has open',
    arguments: [
      storeArgument,
      { name: 'TARGET', summary: 'A directory that is not there yet; it appears complete or not at all' },
    ],
    details: ['A program that has the store open makes a backup itself, while writes go on: db.backup(path).'],
    load: () => import('./commands/backup.ts'),
  },
  {
    name: 'restore',
    summary: 'Make a store out of a backup, which is checked first',
    arguments: [
      { name: 'BACKUP', summary: 'The directory of a backup; it stays as it is' },
      { name: 'PATH', summary: 'The directory of the store to be, which is not there yet' },
    ],
    options: [{ name: 'force', kind: 'flag', summary: 'Copy a damaged backup, too' }],
    load: () => import('./commands/restore.ts'),
  },
  {
    name: 'compact',
    summary: 'Give back the space of what was overwritten or removed',
    arguments: [storeArgument],
    load: () => import('./commands/compact.ts'),
  },
  ...buildSubcommands,
  tlsSubcommand,
];
