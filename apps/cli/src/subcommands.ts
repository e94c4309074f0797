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
    name: 'export',
    summary: 'Write what a store or a server holds as commands, or as lines of JSON',
    arguments: [
      {
        ...storeArgument,
        summary: 'The directory of a store; without it, the server that the options name',
        optional: true,
      },
    ],
    options: [
      { name: 'out', short: 'o', kind: 'text', value: 'FILE', summary: 'The file to write; default: standard output' },
      { name: 'format', kind: ['resp', 'jsonl'], summary: 'What to write', default: 'resp' },
      { name: 'db', short: 'n', kind: 'integer', summary: 'Only this database', repeated: true },
      { name: 'match', kind: 'text', value: 'PATTERN', summary: 'Only keys that match, as KEYS has it' },
      ...targetOptions,
    ],
    details: [
      'resp is a stream of commands that import takes, and redis-cli --pipe as well. jsonl is a line for each key: {"db":0,"key":"a","type":"string","value":"b","expiresAt":1893456000000}; what is not UTF-8 is {"base64":"..."}.',
      'Expiries are kept. Streams, and types that only the server knows, are written as the payload of DUMP. Of a server that is written to meanwhile, what is there all the time is exported.',
    ],
    examples: [
      'ferrite export ./data --out data.resp',
      'ferrite export ./data --format jsonl | gzip > data.jsonl.gz',
      'ferrite export -p 6379 | ferrite import - ./data',
    ],
    load: () => import('./commands/export.ts'),
  },
  {
    name: 'import',
    summary: 'Take what export wrote into a store or a server',
    arguments: [
      { name: 'FILE', summary: 'The file to read; - for standard input' },
      {
        name: 'PATH',
        summary: 'The directory of a store, made if missing; without it, the server that the options name',
        optional: true,
      },
    ],
    options: [
      { name: 'format', kind: ['resp', 'jsonl'], summary: 'What the file has; default: by its first character' },
      { name: 'from', kind: 'integer', summary: 'Begin with this line, or command of a stream', default: '1' },
      { name: 'keep-going', kind: 'flag', summary: 'Go on after an error' },
      ...targetOptions,
    ],
    details: [
      'A key that is there is replaced. At the first error it stops, says where, and with which --from to go on. Lines are counted from 1; in a stream, commands are.',
    ],
    load: () => import('./commands/import.ts'),
  },
  {
    name: 'bench',
    summary: 'Measure how fast a server is, or the database within this process',
    options: [
      { name: 'clients', short: 'c', kind: 'integer', summary: 'Connections', default: '50' },
      { name: 'requests', short: 'n', kind: 'integer', summary: 'Operations of each test', default: '100000' },
      {
        name: 'pipeline',
        short: 'P',
        kind: 'integer',
        summary: 'Commands that a connection sends at once',
        default: '1',
      },
      { name: 'size', short: 'd', kind: 'size', summary: 'Bytes of a value', default: '3' },
      {
        name: 'tests',
        short: 't',
        kind: 'text',
        value: 'A,B',
        summary: 'What to measure, in this order',
        default: 'ping,set,get,incr',
      },
      {
        name: 'keyspace',
        short: 'r',
        kind: 'integer',
        summary: 'Draw keys from so many; 0: always the same key',
        default: '0',
      },
      { name: 'embedded', kind: 'flag', summary: 'Measure calls of a database in the memory of this process' },
      {
        name: 'path',
        kind: 'text',
        value: 'DIR',
        summary: 'The same with a store in this directory, which is not there yet',
      },
      ...targetOptions,
    ],
    details: [
      'Tests: ping, set, get, incr, lpush, rpush, lpop, rpop, sadd, hset, zadd, mset. They write keys such as key:000000000042 and list into database 0 of the server: do not measure one whose data you need.',
      'A latency is that of a turn: from sending the commands of a pipeline to the last of their replies. CPU is processor time for each operation, of the server as INFO tells it, and of this client.',
    ],
    examples: ['ferrite bench -p 7000 -P 64 -n 1000000 -r 100000 -t set,get', 'ferrite bench --embedded -d 100'],
    load: () => import('./commands/bench.ts'),
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
