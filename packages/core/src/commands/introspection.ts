/** COMMAND: what commands there are. All of it is derived from the rows, but for the documentation, which may be missing. */
import { matchGlob } from '../base/glob.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { Call, SYNTAX_ERROR } from './call.ts';
import {
  type CommandRow,
  FLAG_NAMES,
  flagsWithKeys,
  type KeyRange,
  LOADING,
  MAY_REPLICATE,
  NO_MANDATORY_KEYS,
  STALE,
} from './command.ts';
import { categoriesOf } from './categories.ts';
import { replyArguments } from './command-docs.ts';
import { firstOf, lastOf } from './keys-of.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';
import { TIPS } from './tips.ts';

const HELP = [
  '(no subcommand)',
  '    Return details about all Redis commands.',
  'COUNT',
  '    Return the total number of commands in this Redis server.',
  'LIST',
  '    Return a list of all commands in this Redis server.',
  'INFO [<command-name> ...]',
  '    Return details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'DOCS [<command-name> ...]',
  '    Return documentation details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'GETKEYS <full-command>',
  '    Return the keys from a full Redis command.',
  'GETKEYSANDFLAGS <full-command>',
  '    Return the keys and the access flags from a full Redis command.',
];

/** Arguments of COMMAND GETKEYS before those of the command it is about. */
const GETKEYS_ARGUMENTS = 2;
const VARIABLE = 'variable_flags';
/** Of the flags, what COMMAND INFO does not show. */
const HIDDEN_FLAGS = MAY_REPLICATE;

const group = 'server';
const flags = LOADING | STALE;
const categories = ['connection'];

export const introspectionCommands: readonly CommandRow[] = [
  {
    name: 'command',
    arity: -1,
    flags,
    group,
    categories,
    run: (call) => (call.argc === 1 ? replyInfos(call, call.host.commands) : runSubcommand(call)),
    subcommands: [
      {
        name: 'count',
        arity: 2,
        flags,
        group,
        categories,
        run: (call) => call.reply.integer(call.host.commands.length),
      },
      { name: 'docs', arity: -2, flags, group, categories, run: docs },
      { name: 'getkeys', arity: -3, flags, group, categories, run: (call) => getKeys(call, false) },
      { name: 'getkeysandflags', arity: -3, flags, group, categories, run: (call) => getKeys(call, true) },
      { name: 'help', arity: 2, flags, group, categories, run: (call) => replyHelp(call, 'COMMAND', HELP) },
      { name: 'info', arity: -2, flags, group, categories, run: info },
      { name: 'list', arity: -2, flags, group, categories, run: list },
    ],
  },
];

interface NamedRow {
  /** With that of its container. */
  name: string;
  row: CommandRow;
}

/** The command of a full name such as `client|list`, in letters of either case. */
function findByName({ host }: Call, name: string): NamedRow | undefined {
  const parts = name.toLowerCase().split('|');
  const container = host.commands.find((row) => row.name === parts[0]);
  const row = parts.length === 1 ? container : container?.subcommands?.find((each) => each.name === parts[1]);
  return row === undefined || parts.length > 2 ? undefined : { name: parts.join('|'), row };
}

function info(call: Call): void {
  if (call.argc === 2) {
    replyInfos(call, call.host.commands);
    return;
  }
  call.reply.array(call.argc - 2);
  for (let i = 2; i < call.argc; i++) {
    const found = findByName(call, call.latin1(i));
    if (found === undefined) call.reply.null();
    else replyInfo(call.reply, found.name, found.row);
  }
}

function replyInfos({ reply }: Call, rows: readonly CommandRow[]): void {
  reply.array(rows.length);
  for (const row of rows) replyInfo(reply, row.name, row);
}

function replyInfo(reply: ReplyWriter, name: string, row: CommandRow): void {
  const ranges = [row.keys, row.moreKeys].filter((range) => range !== undefined);
  const { first, last, step } = wholeRange(ranges);
  reply.array(10);
  reply.bulkLatin1(name);
  reply.integer(row.arity);
  replyStatuses(
    reply,
    FLAG_NAMES.filter((_, bit) => (flagsWithKeys(row) & ~HIDDEN_FLAGS & (1 << bit)) !== 0),
  );
  reply.integer(first);
  reply.integer(last);
  reply.integer(step);
  replyStatuses(
    reply,
    categoriesOf(row).map((category) => `@${category}`),
  );
  const tips = TIPS[name]?.split(' ') ?? [];
  reply.set(tips.length);
  for (const tip of tips) reply.bulkLatin1(tip);
  const unknown = row.unknownKeys ?? [];
  reply.set(ranges.length + unknown.length);
  for (const range of ranges) replyKeySpec(reply, range);
  for (const keyFlags of unknown) replyUnknownSpec(reply, keyFlags);
  reply.array(row.subcommands?.length ?? 0);
  for (const each of row.subcommands ?? []) replyInfo(reply, `${name}|${each.name}`, each);
}

/** The one range that COMMAND INFO had before there were key specifications: of all that follow each other. */
function wholeRange(ranges: readonly KeyRange[]): KeyRange {
  const whole = { first: 0, last: 0, step: 0, flags: '' };
  for (const { first, last, step, countAt, keyword } of ranges) {
    if (countAt !== undefined || keyword !== undefined) continue;
    if (whole.first === 0) Object.assign(whole, { first, last, step });
    else if (first === whole.last + whole.step) Object.assign(whole, { last, step });
  }
  return whole;
}

function replyStatuses(reply: ReplyWriter, texts: readonly string[]): void {
  reply.set(texts.length);
  for (const text of texts) reply.simple(text);
}

function replyUnknownSpec(reply: ReplyWriter, keyFlags: string): void {
  reply.map(3);
  reply.bulkLatin1('flags');
  replyStatuses(reply, keyFlags.split(' '));
  for (const part of ['begin_search', 'find_keys']) {
    reply.bulkLatin1(part);
    reply.map(2);
    reply.bulkLatin1('type');
    reply.bulkLatin1('unknown');
    reply.bulkLatin1('spec');
    reply.map(0);
  }
}

function replyKeySpec(reply: ReplyWriter, range: KeyRange): void {
  const { first, last, step, flags: keyFlags, countAt, keyword } = range;
  reply.map(3);
  reply.bulkLatin1('flags');
  replyStatuses(reply, keyFlags.split(' '));
  reply.bulkLatin1('begin_search');
  reply.map(2);
  reply.bulkLatin1('type');
  reply.bulkLatin1(keyword === undefined ? 'index' : 'keyword');
  reply.bulkLatin1('spec');
  if (keyword === undefined) replyNumbers(reply, { index: countAt ?? first });
  else {
    reply.map(2);
    reply.bulkLatin1('keyword');
    reply.bulkLatin1(keyword.toUpperCase());
    reply.bulkLatin1('startfrom');
    reply.integer(first);
  }
  reply.bulkLatin1('find_keys');
  reply.map(2);
  reply.bulkLatin1('type');
  reply.bulkLatin1(countAt === undefined ? 'range' : 'keynum');
  reply.bulkLatin1('spec');
  if (countAt !== undefined) replyNumbers(reply, { keynumidx: 0, firstkey: first - countAt, keystep: step });
  else {
    const limit = keyword === undefined ? 0 : 2;
    replyNumbers(reply, { lastkey: last < 0 ? last : last - first, keystep: step, limit });
  }
}

function replyNumbers(reply: ReplyWriter, numbers: Record<string, number>): void {
  const entries = Object.entries(numbers);
  reply.map(entries.length);
  for (const [name, value] of entries) {
    reply.bulkLatin1(name);
    reply.integer(value);
  }
}

function docs(call: Call): void {
  const { reply, host } = call;
  const named: NamedRow[] = [];
  if (call.argc === 2) for (const row of host.commands) named.push({ name: row.name, row });
  for (let i = 2; i < call.argc; i++) {
    const found = findByName(call, call.latin1(i));
    if (found !== undefined) named.push(found);
  }
  // What nobody documents is left out: a distribution may do without, and then this answers with nothing.
  const documented = named.filter(({ name }) => host.docs?.[name] !== undefined);
  reply.map(documented.length);
  for (const each of documented) {
    reply.bulkLatin1(each.name);
    replyDocs(call, each);
  }
}

function replyDocs(call: Call, { name, row }: NamedRow): void {
  const { reply, host } = call;
  const doc = host.docs?.[name];
  const place = reply.defer();
  let fields = 0;
  const field = (title: string, value: string | undefined): void => {
    if (value === undefined) return;
    fields++;
    reply.bulkLatin1(title);
    reply.bulkText(value);
  };
  const begin = (title: string): void => {
    fields++;
    reply.bulkLatin1(title);
  };
  field('summary', doc?.summary);
  field('since', doc?.since);
  field('group', row.group);
  field('module', row.feature);
  field('complexity', doc?.complexity);
  if (doc?.deprecated !== undefined || doc?.isForTests === true) {
    begin('doc_flags');
    replyStatuses(reply, [doc.deprecated === undefined ? 'syscmd' : 'deprecated']);
  }
  field('deprecated_since', doc?.deprecated?.since);
  field('replaced_by', doc?.deprecated?.replacedBy);
  if (doc?.history !== undefined) {
    begin('history');
    reply.set(doc.history.length);
    for (const change of doc.history) {
      reply.array(2);
      for (const part of change) reply.bulkText(part);
    }
  }
  if (doc?.syntax !== undefined) {
    begin('arguments');
    replyArguments(reply, doc.syntax);
  }
  if (row.subcommands !== undefined) {
    begin('subcommands');
    reply.map(row.subcommands.length);
    for (const each of row.subcommands) {
      const fullName = `${name}|${each.name}`;
      reply.bulkLatin1(fullName);
      replyDocs(call, { name: fullName, row: each });
    }
  }
  reply.resolveMap(place, fields);
}

function list(call: Call): void {
  const { reply, host } = call;
  const isWanted = filterOf(call);
  if (isWanted === undefined) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const place = reply.defer();
  let count = 0;
  const take = (name: string, row: CommandRow): void => {
    if (!isWanted(name, row)) return;
    reply.bulkLatin1(name);
    count++;
  };
  for (const row of host.commands) {
    take(row.name, row);
    for (const each of row.subcommands ?? []) take(`${row.name}|${each.name}`, each);
  }
  reply.resolveArray(place, count);
}

/** What COMMAND LIST is asked for; undefined if its arguments are wrong. */
function filterOf(call: Call): ((name: string, row: CommandRow) => boolean) | undefined {
  if (call.argc === 2) return () => true;
  if (call.argc !== 5 || !call.is(2, 'filterby')) return undefined;
  if (call.is(3, 'module')) {
    const feature = call.latin1(4).toLowerCase();
    return (_, row) => row.feature === feature;
  }
  if (call.is(3, 'aclcat')) {
    const category = call.latin1(4).toLowerCase();
    return (_, row) => categoriesOf(row).includes(category);
  }
  if (!call.is(3, 'pattern')) return undefined;
  const pattern = Buffer.from(call.latin1(4).toLowerCase(), 'latin1');
  return (name) => matchGlob(pattern, Buffer.from(name), 0, name.length);
}

function getKeys(call: Call, withFlags: boolean): void {
  const { reply } = call;
  const inner = innerCall(call);
  if (inner === undefined) {
    reply.error('Invalid command specified');
    return;
  }
  const { row } = inner;
  if (row.keys === undefined && row.findKeys === undefined) {
    reply.error('The command has no key arguments');
    return;
  }
  if (row.arity > 0 ? inner.argc !== row.arity : inner.argc < -row.arity) {
    reply.error('Invalid number of arguments specified for command');
    return;
  }
  const found = keysWithFlags(inner);
  if (found.length === 0 && (row.flags & NO_MANDATORY_KEYS) === 0) {
    reply.error('Invalid arguments specified for command');
    return;
  }
  reply.array(found.length);
  for (const { index, flags: keyFlags } of found) {
    if (withFlags) reply.array(2);
    reply.bulk(inner.bytes, inner.starts[index], inner.ends[index]);
    if (withFlags) replyStatuses(reply, keyFlags.split(' '));
  }
}

/** The call that the arguments from the third on would be. */
function innerCall(call: Call): Call | undefined {
  const { host, store, session, reply, bytes, starts, ends } = call;
  const row = host.findCommand(bytes, starts[GETKEYS_ARGUMENTS], ends[GETKEYS_ARGUMENTS]);
  if (row === undefined) return undefined;
  const inner = new Call(host, store);
  Object.assign(inner, { row, session, reply, bytes, argc: call.argc - GETKEYS_ARGUMENTS });
  inner.starts = starts.subarray(GETKEYS_ARGUMENTS);
  inner.ends = ends.subarray(GETKEYS_ARGUMENTS);
  if (row.subcommands === undefined || inner.argc === 1) return inner;
  const subcommand = row.subcommands.find((each) => inner.is(1, each.name));
  if (subcommand === undefined) return undefined;
  inner.row = subcommand;
  return inner;
}

function keysWithFlags(call: Call): { index: number; flags: string }[] {
  const { row } = call;
  const found: { index: number; flags: string }[] = [];
  const ranges = [row.keys, row.moreKeys].filter((range) => range !== undefined);
  row.findKeys?.(call, (index, flags = ranges[0]?.flags ?? '') => found.push({ index, flags }));
  if (row.findKeys !== undefined) return found;
  for (const range of ranges) {
    const { step, flags: stated } = range;
    const first = firstOf(call, range);
    const keyFlags = stated.includes(VARIABLE) ? (row.keyFlags?.(call) ?? stated) : stated;
    const end = lastOf(call, range);
    // A range without keys makes the call wrong, for redis: PFMERGE with one key.
    if (first >= call.argc || end < first) return [];
    for (let i = first; i <= end && i < call.argc; i += step) found.push({ index: i, flags: keyFlags });
  }
  return found;
}
