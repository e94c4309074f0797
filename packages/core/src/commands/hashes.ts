/** Commands on hashes. */
import { formatInteger, parseInteger } from '../base/decimal.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { formatSum, parseLongDouble } from '../base/long-double.ts';
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import { findLiveMember, isMemberDue, memberExpiryOf } from '../engine/member-expiry.ts';
import { countMembers, findMember, memberEndOf, memberValueEndOf, putMember } from '../engine/members.ts';
import { noteGrowth, removeField, setField } from '../keyspace/hashes.ts';
import { countFields, forEachField } from '../keyspace/live-fields.ts';
import type { Call } from './call.ts';
import {
  areMembers,
  bringMembers,
  findCollection,
  finishChange,
  orNew,
  replyMember,
  replyMembers,
  replyMemberValue,
  setMember,
  WRONG,
} from './collection-call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, READONLY, WRITE } from './command.ts';
import { tryAdd } from './string-numbers.ts';

const NUMBER_TEXT_SIZE_MAX_BYTES = 20;
const digits = Buffer.alloc(NUMBER_TEXT_SIZE_MAX_BYTES);
const zero = Buffer.from('0');

const group = 'hash';
const update = firstKey('RW update');
const access = firstKey('RO access');
const ask = firstKey('RO');

export const hashCommands: readonly CommandRow[] = [
  { name: 'hset', arity: -4, flags: WRITE | DENYOOM | FAST, group, keys: update, run: hSet },
  { name: 'hmset', arity: -4, flags: WRITE | DENYOOM | FAST, group, keys: update, run: hSet },
  { name: 'hsetnx', arity: 4, flags: WRITE | DENYOOM | FAST, group, keys: firstKey('RW insert'), run: hSetNx },
  { name: 'hget', arity: 3, flags: READONLY | FAST, group, keys: access, run: hGet },
  { name: 'hmget', arity: -3, flags: READONLY | FAST, group, keys: access, run: hMGet },
  { name: 'hgetall', arity: 2, flags: READONLY, group, keys: access, run: (call) => replyAll(call, true, true) },
  { name: 'hkeys', arity: 2, flags: READONLY, group, keys: access, run: (call) => replyAll(call, true, false) },
  { name: 'hvals', arity: 2, flags: READONLY, group, keys: access, run: (call) => replyAll(call, false, true) },
  { name: 'hlen', arity: 2, flags: READONLY | FAST, group, keys: ask, run: hLen },
  { name: 'hexists', arity: 3, flags: READONLY | FAST, group, keys: ask, run: hExists },
  { name: 'hstrlen', arity: 3, flags: READONLY | FAST, group, keys: ask, run: hStrLen },
  { name: 'hdel', arity: -3, flags: WRITE | FAST, group, keys: firstKey('RW delete'), run: hDel },
  {
    name: 'hincrby',
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    group,
    keys: firstKey('RW access update'),
    run: hIncrBy,
  },
  {
    name: 'hincrbyfloat',
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    group,
    keys: firstKey('RW access update'),
    run: hIncrByFloat,
  },
];

function hSet(call: Call): void {
  const { reply, store } = call;
  if (call.argc % 2 !== 0) {
    reply.error(`wrong number of arguments for '${call.row.name}' command`);
    return;
  }
  if (!areMembers(call, 2, 2)) return;
  const found = findCollection(call, 1, TYPE_HASH);
  if (found === WRONG) return;
  bringMembers(call, found, 2, 2);
  const hash = orNew(call, found, TYPE_HASH);
  let added = 0;
  for (let i = 2; i < call.argc; i += 2) {
    setMember(call, i);
    if (setField(store, hash, call.bytes, call.starts[i + 1], call.ends[i + 1], call.argc === 4)) added++;
    noteGrowth(hash, Math.max(call.lengthOf(i), call.lengthOf(i + 1)), call.host.valueLimits.hashes);
  }
  finishChange(call, hash, 'h', 'hset');
  if (call.row.name === 'hmset') reply.ok();
  else reply.integer(added);
}

function hSetNx(call: Call): void {
  if (!areMembers(call, 2, 2)) return;
  const found = findCollection(call, 1, TYPE_HASH);
  if (found === WRONG) return;
  setMember(call, 2);
  const at = found === null ? 0 : findMember(call.store, found);
  if (found !== null && at !== 0 && !isMemberDue(call.store, found)) {
    call.reply.integer(0);
    return;
  }
  const hash = orNew(call, found, TYPE_HASH);
  putMember(call.store, hash, at, call.bytes, call.starts[3], call.ends[3]);
  noteGrowth(hash, Math.max(call.lengthOf(2), call.lengthOf(3)), call.host.valueLimits.hashes);
  finishChange(call, hash, 'h', 'hset');
  call.reply.integer(1);
}

function hGet(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash !== WRONG) replyField(call, hash, 2);
}

/** Replies with the value of the field that argument `i` names, or null. */
function replyField(call: Call, hash: LargeValue | null, i: number): void {
  if (isField(call, hash, i)) replyMemberValue(call);
  else call.reply.null();
}

/** No field is longer than a key: the scratch would refuse it. */
function isField(call: Call, hash: LargeValue | null, i: number): boolean {
  if (hash === null || call.lengthOf(i) > KEY_SIZE_MAX_BYTES) return false;
  setMember(call, i);
  return findLiveMember(call.store, hash) !== 0;
}

function hMGet(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  call.reply.array(call.argc - 2);
  for (let i = 2; i < call.argc; i++) replyField(call, hash, i);
}

function replyAll(call: Call, withFields: boolean, withValues: boolean): void {
  const { reply } = call;
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  const isMap = withFields && withValues;
  if (hash?.isExpiring === true) {
    replyAllLive(call, hash, isMap, withFields);
    return;
  }
  const count = hash === null ? 0 : countMembers(hash);
  if (isMap) reply.map(count);
  else reply.array(count);
  if (hash === null) return;
  replyMembers(call, hash, withFields, withValues);
}

/** The same where fields may have had their time: how many there are is known at the end. */
function replyAllLive(call: Call, hash: LargeValue, isMap: boolean, withFields: boolean): void {
  const { reply, store } = call;
  const place = reply.defer();
  let count = 0;
  forEachField(store, hash, () => {
    if (withFields) replyMember(call);
    if (isMap || !withFields) replyMemberValue(call);
    count++;
  });
  if (isMap) reply.resolveMap(place, count);
  else reply.resolveArray(place, count);
}

function hLen(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash !== WRONG) call.reply.integer(hash === null ? 0 : countFields(call.store, hash));
}

function hExists(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash !== WRONG) call.reply.integer(isField(call, hash, 2) ? 1 : 0);
}

function hStrLen(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  call.reply.integer(isField(call, hash, 2) ? memberValueEndOf(call.store) - memberEndOf(call.store) : 0);
}

function hDel(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  if (hash === null) {
    call.reply.integer(0);
    return;
  }
  if (!areMembers(call, 2, 1)) return;
  bringMembers(call, hash, 2, 1);
  let removed = 0;
  for (let i = 2; i < call.argc; i++) {
    setMember(call, i);
    if (removeField(call.store, hash)) removed++;
  }
  if (removed > 0) finishChange(call, hash, 'h', 'hdel');
  call.reply.integer(removed);
}

function hIncrBy(call: Call): void {
  const { store, reply } = call;
  const by = call.integer(3);
  if (by === undefined || !areMembers(call, 2, 2)) return;
  const found = findCollection(call, 1, TYPE_HASH);
  if (found === WRONG) return;
  setMember(call, 2);
  const at = found === null ? 0 : findMember(store, found);
  const isThere = found !== null && at !== 0 && !isMemberDue(store, found);
  const expiresAtMs = isThere ? memberExpiryOf(store, found) : 0;
  const value = isThere ? parseInteger(store.bytes, memberEndOf(store), memberValueEndOf(store)) : 0;
  if (value === undefined) {
    reply.error('hash value is not an integer');
    return;
  }
  const sum = tryAdd(value, by);
  if (sum === undefined) {
    reply.error('increment or decrement would overflow');
    return;
  }
  const hash = orNew(call, found, TYPE_HASH);
  const length = formatInteger(sum, digits, 0);
  putMember(store, hash, at, digits, 0, length, expiresAtMs);
  noteGrowth(hash, Math.max(call.lengthOf(2), length), call.host.valueLimits.hashes);
  finishChange(call, hash, 'h', 'hincrby');
  reply.integer(sum);
}

function hIncrByFloat(call: Call): void {
  const { store, reply } = call;
  const by = parseLongDouble(call.bytes, call.starts[3], call.ends[3]);
  if (by === undefined) {
    reply.error('value is not a valid float');
    return;
  }
  if ('exponent' in by && by.exponent === Number.POSITIVE_INFINITY) {
    reply.error('value is NaN or Infinity');
    return;
  }
  if (!areMembers(call, 2, 2)) return;
  const found = findCollection(call, 1, TYPE_HASH);
  if (found === WRONG) return;
  setMember(call, 2);
  const at = found === null ? 0 : findMember(store, found);
  const isThere = found !== null && at !== 0 && !isMemberDue(store, found);
  const expiresAtMs = isThere ? memberExpiryOf(store, found) : 0;
  const value = isThere
    ? parseLongDouble(store.bytes, memberEndOf(store), memberValueEndOf(store))
    : parseLongDouble(zero, 0, 1);
  if (value === undefined) {
    reply.error('hash value is not a float');
    return;
  }
  const sum = formatSum(value, by);
  if (sum === undefined) {
    reply.error('increment would produce NaN or Infinity');
    return;
  }
  const hash = orNew(call, found, TYPE_HASH);
  const text = Buffer.from(sum, 'latin1');
  putMember(store, hash, at, text, 0, text.length, expiresAtMs);
  noteGrowth(hash, Math.max(call.lengthOf(2), text.length), call.host.valueLimits.hashes);
  finishChange(call, hash, 'h', 'hincrbyfloat');
  reply.bulk(text, 0, text.length);
}
