/** OBJECT: what is kept about a value. */
import { parseInteger } from '../base/decimal.ts';
import { TYPE_LIST, TYPE_SET, TYPE_STREAM, TYPE_ZSET } from '../engine/large-values.ts';
import { collectionAt } from '../engine/members.ts';
import { CLOCK_LFU, clockKindOf, idleSeconds, useCount } from '../engine/lru-clock.ts';
import { FLAG_PATCHED, flagsOf, KIND_ROOT, keyLengthOf, keyOffsetOf, kindOf, valueLengthOf } from '../engine/record.ts';
import type { Store } from '../engine/store.ts';
import { isCollection } from '../keyspace/collections.ts';
import { isSmallHash } from '../keyspace/hashes.ts';
import { encodingOfSet } from '../keyspace/sets.ts';
import { isSmallSortedSet } from '../keyspace/sorted-sets.ts';
import type { Call } from './call.ts';
import { type CommandRow, type KeyRange, LOADING, READONLY, STALE } from './command.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';
import type { ValueLimits } from './value-limits.ts';

/** Redis keeps strings up to this length in one piece with their header. */
const EMBEDDED_MAX_BYTES = 44;
const INTEGER_TEXT_MAX_BYTES = 20;
const SHARED_INTEGERS = 10_000;
const SHARED_COUNT = 2 ** 31 - 1;
const SWITCHING =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.';
const NOT_NOTED = 'Access frequency is not tracked: with a disk, no use of a key is noted.';
const HELP = [
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the real access frequency.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
];

const keys: KeyRange = { first: 2, last: 2, step: 1, flags: 'RO' };
const group = 'generic';
const flags = READONLY;

export const objectCommands: readonly CommandRow[] = [
  {
    name: 'object',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'encoding', arity: 3, flags, group, keys, run: encoding },
      { name: 'freq', arity: 3, flags, group, keys, run: freq },
      { name: 'idletime', arity: 3, flags, group, keys, run: idleTime },
      { name: 'refcount', arity: 3, flags, group, keys, run: refCount },
      {
        name: 'help',
        arity: 2,
        flags: LOADING | STALE,
        group,
        categories: ['keyspace'],
        run: (call) => replyHelp(call, 'OBJECT', HELP),
      },
    ],
  },
];

/** Finds the key of a subcommand; replies with null and returns false if there is none. */
function isThere(call: Call): boolean {
  if (call.peekKey(2) !== 0) return true;
  call.reply.null();
  return false;
}

function encoding(call: Call): void {
  if (isThere(call)) call.reply.bulkLatin1(encodingOfFound(call.store, call.host.valueLimits));
}

/** By the thresholds of redis: the log keeps all strings alike, but for the hint that one was written in part. */
export function encodingOfFound(store: Store, limits: ValueLimits): string {
  const { words, word } = store;
  if (isCollection(store)) return encodingOfCollection(store, limits);
  const word1 = words[word + 1];
  if (kindOf(word1) === KIND_ROOT || (flagsOf(word1) & FLAG_PATCHED) !== 0) return 'raw';
  if (integerOfFound(store) !== undefined) return 'int';
  return valueLengthOf(words[word + 2]) <= EMBEDDED_MAX_BYTES ? 'embstr' : 'raw';
}

function encodingOfCollection(store: Store, limits: ValueLimits): string {
  const object = collectionAt(store);
  if (object.type === TYPE_LIST) return 'quicklist';
  if (object.type === TYPE_SET) return encodingOfSet(store, object, limits.sets);
  if (object.type === TYPE_ZSET) return isSmallSortedSet(store, object, limits.sortedSets) ? 'listpack' : 'skiplist';
  if (object.type === TYPE_STREAM) return 'stream';
  if (!isSmallHash(store, object, limits.hashes)) return 'hashtable';
  return object.isExpiring ? 'listpackex' : 'listpack';
}

function integerOfFound({ words, word, bytes }: Store): number | bigint | undefined {
  const word1 = words[word + 1];
  const length = valueLengthOf(words[word + 2]);
  if (kindOf(word1) === KIND_ROOT || (flagsOf(word1) & FLAG_PATCHED) !== 0 || length > INTEGER_TEXT_MAX_BYTES)
    return undefined;
  const start = word * 4 + keyOffsetOf(word1) + keyLengthOf(words, word);
  return parseInteger(bytes, start, start + length);
}

function freq(call: Call): void {
  if (!isThere(call)) return;
  const { store } = call;
  if (store.clockKind === CLOCK_LFU) call.reply.integer(useCount(store));
  else if (store.pages === null && clockKindOf(store.evictionPolicy) === CLOCK_LFU) call.reply.error(NOT_NOTED);
  else call.reply.error(`An LFU maxmemory policy is not selected, access frequency not tracked. ${SWITCHING}`);
}

/** With a disk, no use of a key is noted: as if it had just been used. */
function idleTime(call: Call): void {
  if (!isThere(call)) return;
  const { store, reply } = call;
  if (store.clockKind === CLOCK_LFU) {
    reply.error(`An LFU maxmemory policy is selected, idle time not tracked. ${SWITCHING}`);
  } else reply.integer(store.pages === null ? 0 : idleSeconds(store));
}

/** Redis has the integers below 10 000 once, for all keys. */
function refCount(call: Call): void {
  if (!isThere(call)) return;
  const integer = integerOfFound(call.store);
  const isShared = integer !== undefined && integer >= 0 && integer < SHARED_INTEGERS;
  call.reply.integer(isShared ? SHARED_COUNT : 1);
}
