/** HGETEX, HSETEX and HGETDEL: values of fields, read or set together with their expiry, or read and removed. */
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import { findLiveMember, memberExpiryOf } from '../engine/member-expiry.ts';
import { removeMember } from '../engine/members.ts';
import { endChange } from '../keyspace/collections.ts';
import { EXPIRY_CHANGED, expireField, FIELD_REMOVED, persistField, removeIfDue } from '../keyspace/hash-expiry.ts';
import { noteGrowth, removeField, setField } from '../keyspace/hashes.ts';
import type { Call } from './call.ts';
import {
  areMembers,
  bringMembers,
  findCollection,
  orNew,
  replyMemberValue,
  setMember,
  WRONG,
} from './collection-call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, WRITE } from './command.ts';
import { COUNT_ERROR, parseFieldTime, parseFields } from './hash-field-arguments.ts';

const SECOND_MS = 1000;
const INT32_MAX = 2 ** 31 - 1;
const group = 'hash';

export const hashFieldValueCommands: readonly CommandRow[] = [
  { name: 'hgetex', arity: -5, flags: WRITE | FAST, group, keys: firstKey('RW access update'), run: hGetEx },
  { name: 'hsetex', arity: -6, flags: WRITE | DENYOOM | FAST, group, keys: firstKey('RW update'), run: hSetEx },
  { name: 'hgetdel', arity: -5, flags: WRITE | FAST, group, keys: firstKey('RW access delete'), run: hGetDel },
];

interface TimeUnit {
  readonly name: string;
  readonly unitMs: number;
  readonly isRelative: boolean;
}

const UNITS: readonly TimeUnit[] = [
  { name: 'ex', unitMs: SECOND_MS, isRelative: true },
  { name: 'px', unitMs: 1, isRelative: true },
  { name: 'exat', unitMs: SECOND_MS, isRelative: false },
  { name: 'pxat', unitMs: 1, isRelative: false },
];

/** What a command did to fields, each of which makes an event. */
interface FieldChanges {
  expired: number;
  removed: number;
  updated: number;
}

function hGetEx(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  const unit = UNITS.find(({ name }) => call.is(2, name));
  const persists = call.is(2, 'persist');
  let expiresAtMs = 0;
  if (unit !== undefined) {
    const time = parseFieldTime(call, 3, unit.unitMs, unit.isRelative);
    if (time === undefined) return;
    expiresAtMs = time;
  }
  const first = parseFields(call, unit !== undefined ? 4 : persists ? 3 : 2, COUNT_ERROR);
  if (first === 0) return;
  const changes = replyFields(call, hash, first, (found, done) => {
    if (unit !== undefined) {
      const result = expireField(call.store, found, expiresAtMs, undefined);
      if (result === FIELD_REMOVED) done.removed++;
      else done.updated++;
    } else if (persists && persistField(call.store, found) === EXPIRY_CHANGED) done.updated++;
  });
  if (hash !== null) finish(call, hash, changes, persists ? 'hpersist' : 'hexpire');
}

function hGetDel(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  const first = parseFields(call, 2, COUNT_ERROR);
  if (first === 0) return;
  const changes = replyFields(call, hash, first, (found, done) => {
    if (removeField(call.store, found)) done.removed++;
  });
  if (hash !== null) finish(call, hash, changes, 'hdel');
}

/**
 * Replies with the values of the fields from argument `first` on, null for one that is not there, and calls `change` with
 * each that is there in the scratch.
 */
function replyFields(
  call: Call,
  hash: LargeValue | null,
  first: number,
  change: (hash: LargeValue, done: FieldChanges) => void,
): FieldChanges {
  const { reply, store } = call;
  const done: FieldChanges = { expired: 0, removed: 0, updated: 0 };
  bringMembers(call, hash, first, 1);
  reply.array(call.argc - first);
  for (let i = first; i < call.argc; i++) {
    if (hash === null || call.lengthOf(i) > KEY_SIZE_MAX_BYTES) {
      reply.null();
      continue;
    }
    setMember(call, i);
    if (findLiveMember(store, hash) === 0) {
      reply.null();
      if (removeIfDue(store, hash)) done.expired++;
      continue;
    }
    replyMemberValue(call);
    change(hash, done);
  }
  return done;
}

/** `updated`: the event of fields that got another expiry. */
function finish(call: Call, hash: LargeValue, changes: FieldChanges, updated: string): void {
  const events: string[] = [];
  if (changes.expired > 0) events.push('hexpired');
  if (changes.removed > 0) events.push('hdel');
  else if (changes.updated > 0) events.push(updated);
  if (events.length > 0) tellChange(call, hash, events);
}

function tellChange(call: Call, hash: LargeValue, events: readonly string[]): void {
  const isGone = endChange(call.store, call.database, call.found, hash);
  call.changed('h', events[0]);
  for (let i = 1; i < events.length; i++) call.alsoNotify('h', events[i]);
  if (isGone) call.alsoNotify('g', 'del');
}

interface SetOptions {
  /** Only if all fields are there, or none is. */
  condition: 'fxx' | 'fnx' | undefined;
  unit: TimeUnit | undefined;
  keepsTtl: boolean;
  expiresAtMs: number;
  /** The first field. */
  first: number;
}

function hSetEx(call: Call): void {
  const { store, reply } = call;
  const options = parseSetOptions(call);
  if (options === undefined || !areMembers(call, options.first, 2)) return;
  const found = findCollection(call, 1, TYPE_HASH);
  if (found === WRONG) return;
  bringMembers(call, found, options.first, 2);
  if (!isMet(call, found, options)) {
    reply.integer(0);
    return;
  }
  if (options.unit !== undefined && options.expiresAtMs <= store.nowMs()) {
    removeFields(call, found, options.first);
    reply.integer(1);
    return;
  }
  const hash = orNew(call, found, TYPE_HASH);
  for (let i = options.first; i < call.argc; i += 2) {
    setMember(call, i);
    const kept = options.keepsTtl && findLiveMember(store, hash) !== 0 ? memberExpiryOf(store, hash) : 0;
    const expiresAtMs = options.keepsTtl ? kept : options.expiresAtMs;
    setField(store, hash, call.bytes, call.starts[i + 1], call.ends[i + 1], false, expiresAtMs);
    noteGrowth(hash, Math.max(call.lengthOf(i), call.lengthOf(i + 1)), call.host.valueLimits.hashes);
  }
  tellChange(call, hash, options.unit === undefined ? ['hset'] : ['hset', 'hexpire']);
  reply.integer(1);
}

/** Fields that are set with a time that has passed go at once; what is told of it is as if they had been there. */
function removeFields(call: Call, hash: LargeValue | null, first: number): void {
  if (hash !== null) {
    const { store } = call;
    for (let i = first; i < call.argc; i += 2) {
      setMember(call, i);
      const found = findLiveMember(store, hash);
      if (found !== 0) removeMember(store, hash, found);
    }
    tellChange(call, hash, ['hset', 'hdel']);
    return;
  }
  call.changed('h', 'hset');
  call.alsoNotify('h', 'hdel');
  call.alsoNotify('g', 'del');
}

function isMet(call: Call, hash: LargeValue | null, { condition, first }: SetOptions): boolean {
  if (condition === undefined) return true;
  for (let i = first; i < call.argc; i += 2) {
    setMember(call, i);
    const isThere = hash !== null && findLiveMember(call.store, hash) !== 0;
    if (isThere !== (condition === 'fxx')) return false;
  }
  return true;
}

/** The options of HSETEX, and where its fields begin; undefined after replying with an error. */
function parseSetOptions(call: Call): SetOptions | undefined {
  const options: SetOptions = { condition: undefined, unit: undefined, keepsTtl: false, expiresAtMs: 0, first: 0 };
  for (let i = 2; i < call.argc; i++) {
    if (call.is(i, 'fields')) {
      options.first = parsePairs(call, i);
      return options.first === 0 ? undefined : options;
    }
    const unit = UNITS.find(({ name }) => call.is(i, name));
    let error = '';
    if (unit !== undefined || call.is(i, 'keepttl')) error = takeTime(call, i, unit, options);
    else if (call.is(i, 'fxx') || call.is(i, 'fnx')) {
      if (options.condition !== undefined) error = 'Only one of FXX or FNX arguments can be specified';
      options.condition = call.is(i, 'fxx') ? 'fxx' : 'fnx';
    } else error = `unknown argument: ${call.latin1(i)}`;
    if (error !== '') call.reply.error(error);
    if (error !== '' || options.expiresAtMs < 0) return undefined;
    if (unit !== undefined) i++;
  }
  // As redis has it, where the arguments end without fields.
  call.reply.error(`wrong number of arguments for '${call.row.name}' command`);
  return undefined;
}

/** Takes a time, or that the fields keep theirs; returns what is wrong, or sets `expiresAtMs` below 0 after replying so. */
function takeTime(call: Call, i: number, unit: TimeUnit | undefined, options: SetOptions): string {
  if (options.unit !== undefined || options.keepsTtl) {
    return 'Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified';
  }
  options.unit = unit;
  options.keepsTtl = unit === undefined;
  if (unit === undefined) return '';
  if (i + 1 === call.argc) return 'missing expire time';
  options.expiresAtMs = parseFieldTime(call, i + 1, unit.unitMs, unit.isRelative) ?? -1;
  return '';
}

/** FIELDS is argument `i`: where the pairs begin that end the arguments; 0 after replying with an error. */
function parsePairs(call: Call, i: number): number {
  const wrong = `wrong number of arguments for '${call.row.name}' command`;
  const first = i + 2;
  if (i >= call.argc - 3) {
    call.reply.error(wrong);
    return 0;
  }
  const invalid = 'invalid number of fields';
  const count = call.integer(i + 1, invalid);
  if (count === undefined) return 0;
  const isInRange = count >= 1 && count <= INT32_MAX;
  if (isInRange && Number(count) * 2 === call.argc - first) return first;
  call.reply.error(isInRange ? wrong : invalid);
  return 0;
}
