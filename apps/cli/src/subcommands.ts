/**
 * The table of subcommands. Arguments are parsed and help is written from these rows; the code behind one is loaded when it
 * is called. A new subcommand is a row here and a file in `commands/`; those of features come from their packages.
 */
import type { CliSubcommand } from '@ferrite/core/module';
import { buildSubcommands } from './build-subcommands.ts';
import { tlsSubcommand } from './tls-subcommand.ts';

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
    name: 'compact',
    summary: 'Give back the space of what was overwritten or removed',
    arguments: [{ name: 'PATH', summary: 'The directory of a store that no process has open' }],
    load: () => import('./commands/compact.ts'),
  },
  ...buildSubcommands,
  tlsSubcommand,
];
