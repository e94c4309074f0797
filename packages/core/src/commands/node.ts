/** What a server that stands alone says about itself: its time, its role, its user, its modules. */
import { FERRITE_VERSION, REDIS_VERSION } from '../base/version.ts';
import type { Call } from './call.ts';
import { CATEGORIES, categoriesOf } from './categories.ts';
import { ADMIN, type CommandRow, FAST, LOADING, NO_ASYNC_LOADING, NOSCRIPT, READONLY, STALE } from './command.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

const PORT_MAX = 65_535;
const US_PER_MS = 1000;
const US_PER_SECOND = 1_000_000;
const NO_MODULES = 'modules of redis cannot be loaded: they are compiled for another server';

const MODULE_HELP = [
  'LIST',
  '    Return a list of loaded modules.',
  'LOAD <path> [<arg> ...]',
  '    Load a module library from <path>, passing to it any optional arguments.',
  'LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]',
  '    Load a module library from <path>, while passing it module configurations and optional arguments.',
  'UNLOAD <name>',
  '    Unload a module.',
];
const ACL_HELP = [
  'CAT [<category>]',
  '    List all commands that belong to <category>, or all command categories',
  '    when no category is specified.',
  'USERS',
  '    List all the registered usernames.',
  'WHOAMI',
  '    Return the current connection username.',
];

const group = 'server';
const openFlags = LOADING | STALE;
const replicaFlags = NO_ASYNC_LOADING | ADMIN | NOSCRIPT | STALE;
const moduleFlags = NO_ASYNC_LOADING | ADMIN | NOSCRIPT;
const aclFlags = NOSCRIPT | LOADING | STALE;

export const nodeCommands: readonly CommandRow[] = [
  { name: 'time', arity: 1, flags: openFlags | FAST, group, run: time },
  { name: 'lolwut', arity: -1, flags: READONLY | FAST, group, run: lolwut },
  {
    name: 'role',
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | FAST,
    group,
    categories: ['admin', 'dangerous'],
    run: role,
  },
  { name: 'replicaof', arity: 3, flags: replicaFlags, group, run: replicaOf },
  { name: 'slaveof', arity: 3, flags: replicaFlags, group, run: replicaOf },
  {
    name: 'module',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'list', arity: 2, flags: ADMIN | NOSCRIPT, group, run: (call) => call.reply.array(0) },
      { name: 'load', arity: -3, flags: moduleFlags, group, run: refuseModule },
      { name: 'loadex', arity: -3, flags: moduleFlags, group, run: refuseModule },
      { name: 'unload', arity: 3, flags: moduleFlags, group, run: unload },
      { name: 'help', arity: 2, flags: openFlags, group, run: (call) => replyHelp(call, 'MODULE', MODULE_HELP) },
    ],
  },
  {
    name: 'acl',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'cat', arity: -2, flags: aclFlags, group, run: cat },
      { name: 'users', arity: 2, flags: aclFlags | ADMIN, group, run: users },
      { name: 'whoami', arity: 2, flags: aclFlags, group, run: (call) => call.reply.bulkLatin1(call.session.userName) },
      { name: 'help', arity: 2, flags: openFlags, group, run: (call) => replyHelp(call, 'ACL', ACL_HELP) },
    ],
  },
];

function time({ store, reply }: Call): void {
  const micros = store.nowMs() * US_PER_MS;
  reply.array(2);
  reply.bulkLatin1(String(Math.floor(micros / US_PER_SECOND)));
  reply.bulkLatin1(String(micros % US_PER_SECOND));
}

/** Crystals of rust, another picture at each call. */
function lolwut(call: Call): void {
  if (call.argc > 1 && (call.argc < 3 || !call.is(1, 'version'))) {
    call.reply.error('syntax error');
    return;
  }
  for (let i = 2; i < call.argc; i++) if (call.integer(i) === undefined) return;
  const shades = ' .:-=+*#%@';
  const { prng } = call.store;
  let picture = '';
  let row = Array.from({ length: 40 }, () => prng.nextBelow(shades.length));
  for (let y = 0; y < 12; y++) {
    picture += `${row.map((shade) => shades[shade]).join('')}\n`;
    row = row.map((shade, x) => Math.floor((shade + row[(x + 1) % row.length] + prng.nextBelow(shades.length)) / 3));
  }
  call.reply.verbatim('txt', `${picture}\nRedis ver. ${REDIS_VERSION} (Ferrite ${FERRITE_VERSION})\n`);
}

function role({ reply }: Call): void {
  reply.array(3);
  reply.bulkLatin1('master');
  reply.integer(0);
  reply.array(0);
}

/** It is nobody's replica, and cannot become one. */
function replicaOf(call: Call): void {
  const { reply } = call;
  if (call.is(1, 'no') && call.is(2, 'one')) {
    reply.ok();
    return;
  }
  const port = call.integer(2, 'Invalid master port');
  if (port === undefined) return;
  if (port < 0 || port > PORT_MAX) reply.error('Invalid master port');
  else reply.error('this server cannot be the replica of another one');
}

function refuseModule({ reply }: Call): void {
  reply.error(NO_MODULES);
}

function unload({ reply }: Call): void {
  reply.error('Error unloading module: no such module with that name');
}

function cat(call: Call): void {
  const { reply, host } = call;
  if (call.argc > 3) {
    reply.error("unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.");
    return;
  }
  if (call.argc === 2) {
    reply.array(CATEGORIES.length);
    for (const category of CATEGORIES) reply.bulkLatin1(category);
    return;
  }
  const wanted = call.latin1(2).toLowerCase();
  if (!CATEGORIES.includes(wanted)) {
    reply.error(`Unknown category '${call.latin1(2)}'`);
    return;
  }
  const names: string[] = [];
  for (const row of host.commands) {
    if (row.subcommands === undefined && categoriesOf(row).includes(wanted)) names.push(row.name);
    for (const each of row.subcommands ?? []) {
      if (categoriesOf(each).includes(wanted)) names.push(`${row.name}|${each.name}`);
    }
  }
  reply.array(names.length);
  for (const name of names) reply.bulkLatin1(name);
}

/** There is one. */
function users({ reply }: Call): void {
  reply.array(1);
  reply.bulkLatin1('default');
}
