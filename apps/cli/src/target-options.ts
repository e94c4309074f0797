/** The options that say which server a subcommand talks to: read by `client/server-target.ts`, which is loaded later. */
import type { CliOption } from '@ferrite/core/module';

export const targetOptions: readonly CliOption[] = [
  { name: 'host', short: 'h', kind: 'text', value: 'HOST', summary: 'Where the server is', default: '127.0.0.1' },
  { name: 'port', short: 'p', kind: 'integer', value: 'PORT', summary: 'Its port', default: '6379' },
  { name: 'socket', short: 's', kind: 'text', value: 'PATH', summary: 'Its Unix socket, instead of host and port' },
  { name: 'user', kind: 'text', value: 'NAME', summary: 'Authenticate as this user' },
  {
    name: 'password',
    short: 'a',
    kind: 'text',
    value: 'TEXT',
    summary:
      'Authenticate; others on this machine can see it, FERRITE_PASSWORD or REDISCLI_AUTH in the environment is better',
  },
];
