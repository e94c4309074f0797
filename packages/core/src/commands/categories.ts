/** Categories of the ACL: they follow from a command's flags and group, but for those that its row adds. */
import { ADMIN, BLOCKING, type CommandGroup, type CommandRow, FAST, PUBSUB, READONLY, WRITE } from './command.ts';

const OF_FLAGS: readonly [flag: number, categories: readonly string[]][] = [
  [WRITE, ['write']],
  [READONLY, ['read']],
  [ADMIN, ['admin', 'dangerous']],
  [PUBSUB, ['pubsub']],
  [FAST, ['fast']],
  [BLOCKING, ['blocking']],
];

const OF_GROUP: Record<CommandGroup, string> = {
  string: 'string',
  generic: 'keyspace',
  bitmap: 'bitmap',
  hash: 'hash',
  list: 'list',
  set: 'set',
  'sorted-set': 'sortedset',
  geo: 'geo',
  stream: 'stream',
  hyperloglog: 'hyperloglog',
  // By their flag: HELP has none.
  pubsub: '',
  connection: 'connection',
  scripting: 'scripting',
  transactions: 'transaction',
  module: '',
  server: '',
};

/**
 * Without the `@`, each once. What only holds subcommands does not belong to its group, and neither does what is about
 * the connection, such as WAIT, or values of some types, as SORT.
 */
export function categoriesOf(row: CommandRow): string[] {
  const found = new Set<string>();
  for (const [flag, categories] of OF_FLAGS)
    if ((row.flags & flag) !== 0) for (const each of categories) found.add(each);
  for (const each of row.categories ?? []) found.add(each);
  const ofGroup =
    row.subcommands === undefined && !found.has('connection') && !found.has('list') ? OF_GROUP[row.group] : '';
  if (ofGroup !== '') found.add(ofGroup);
  if (!found.has('fast')) found.add('slow');
  return [...found];
}

/** All that redis has, in its order. */
export const CATEGORIES: readonly string[] = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];
