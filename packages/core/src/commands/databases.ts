/** Commands on whole databases. */
import { ALL_NAMESPACES, flushNamespaces, swapDatabases } from '../engine/flush.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, FAST, READONLY, WRITE } from './command.ts';

const OUT_OF_RANGE = 'DB index is out of range';
const INT32_MAX = 2_147_483_647;
const INT32_MIN = -2_147_483_648;
const ALL_DATABASES = -1;

const categories = ['keyspace'];
const dangerous = ['keyspace', 'dangerous'];

export const databaseCommands: readonly CommandRow[] = [
  { name: 'dbsize', arity: 1, flags: READONLY | FAST, group: 'server', categories, run: dbSize },
  { name: 'flushdb', arity: -1, flags: WRITE, group: 'server', categories: dangerous, run: flushDb },
  { name: 'flushall', arity: -1, flags: WRITE, group: 'server', categories: dangerous, run: flushAll },
  { name: 'swapdb', arity: 3, flags: WRITE | FAST, group: 'server', categories: dangerous, run: swapDb },
];

/** Argument `i` as the number of a database; undefined after replying with an error. */
export function parseDatabase(call: Call, i: number): number | undefined {
  const index = parseIndex(call, i);
  if (index === undefined || isDatabase(call, index)) return index;
  call.reply.error(OUT_OF_RANGE);
  return undefined;
}

/** Argument `i` as an integer of 32 bits; undefined after replying with an error, which is `error` if given. */
function parseIndex(call: Call, i: number, error?: string): number | undefined {
  const value = call.integer(i, error);
  if (value === undefined || (value >= INT32_MIN && value <= INT32_MAX)) return value as number | undefined;
  call.reply.error(error ?? `value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`);
  return undefined;
}

function isDatabase(call: Call, index: number): boolean {
  return index >= 0 && index < call.host.configuration.databases;
}

function dbSize(call: Call): void {
  const table = call.store.table(call.database);
  table.needAll();
  call.reply.integer(table.count);
}

/** Whether the options of a flush are valid; replies with an error if not. ASYNC and SYNC are the same here: at once. */
function hasFlushOptions(call: Call): boolean {
  if (call.argc === 1 || (call.argc === 2 && (call.is(1, 'async') || call.is(1, 'sync')))) return true;
  call.reply.error(SYNTAX_ERROR);
  return false;
}

function flushDb(call: Call): void {
  if (!hasFlushOptions(call)) return;
  flushNamespaces(call.store, 1 << call.database);
  flushed(call, call.session.database);
}

function flushAll(call: Call): void {
  if (!hasFlushOptions(call)) return;
  flushNamespaces(call.store, ALL_NAMESPACES);
  flushed(call, ALL_DATABASES);
}

function flushed(call: Call, database: number): void {
  call.session.dirty++;
  call.host.databaseFlushed(database);
  call.reply.ok();
}

function swapDb(call: Call): void {
  const one = parseIndex(call, 1, 'invalid first DB index');
  if (one === undefined) return;
  const other = parseIndex(call, 2, 'invalid second DB index');
  if (other === undefined) return;
  if (!isDatabase(call, one) || !isDatabase(call, other)) {
    call.reply.error(OUT_OF_RANGE);
    return;
  }
  swapDatabases(call.store, one, other);
  call.session.dirty++;
  call.host.databasesSwapped(one, other);
  call.reply.ok();
}
