/** Commands on the time that fields of a hash have: HEXPIRE, HTTL, HEXPIRETIME and HPERSIST, and their kin in milliseconds. */
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import {
  EXPIRY_CHANGED,
  type ExpiryCondition,
  expireField,
  expiryOfField,
  FIELD_MISSING,
  FIELD_REMOVED,
  persistField,
} from '../keyspace/hash-expiry.ts';
import type { Call } from './call.ts';
import { bringMembers, findCollection, finishChange, setMember, WRONG } from './collection-call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, READONLY, WRITE } from './command.ts';
import { COUNT_ERROR, parseFieldTime, parseFields } from './hash-field-arguments.ts';

const SECOND_MS = 1000;
const CONDITIONS: readonly ExpiryCondition[] = ['nx', 'xx', 'gt', 'lt'];
const EXPIRE_COUNT_ERROR = 'Parameter `numFields` should be greater than 0';
const group = 'hash';

export const hashExpiryCommands: readonly CommandRow[] = [
  setter('hexpire', SECOND_MS, true),
  setter('hpexpire', 1, true),
  setter('hexpireat', SECOND_MS, false),
  setter('hpexpireat', 1, false),
  getter('httl', SECOND_MS, true),
  getter('hpttl', 1, true),
  getter('hexpiretime', SECOND_MS, false),
  getter('hpexpiretime', 1, false),
  { name: 'hpersist', arity: -5, flags: WRITE | FAST, group, keys: firstKey('RW update'), run: hPersist },
];

function setter(name: string, unitMs: number, isRelative: boolean): CommandRow {
  const run = (call: Call) => hExpire(call, unitMs, isRelative);
  return { name, arity: -6, flags: WRITE | DENYOOM | FAST, group, keys: firstKey('RW update'), run };
}

function getter(name: string, unitMs: number, isRelative: boolean): CommandRow {
  const run = (call: Call) => hTtl(call, unitMs, isRelative);
  return { name, arity: -5, flags: READONLY | FAST, group, keys: firstKey('RO access'), run };
}

function hExpire(call: Call, unitMs: number, isRelative: boolean): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  const expiresAtMs = parseFieldTime(call, 2, unitMs, isRelative);
  if (expiresAtMs === undefined) return;
  const condition = CONDITIONS.find((each) => call.is(3, each));
  const first = parseFields(call, condition === undefined ? 3 : 4, EXPIRE_COUNT_ERROR);
  if (first === 0) return;
  bringMembers(call, hash, first, 1);
  let updated = 0;
  let removed = 0;
  replyForFields(call, hash, first, (found) => {
    const result = expireField(call.store, found, expiresAtMs, condition);
    if (result === EXPIRY_CHANGED) updated++;
    if (result === FIELD_REMOVED) removed++;
    return result;
  });
  if (hash !== null && updated + removed > 0) finishChange(call, hash, 'h', removed > 0 ? 'hdel' : 'hexpire');
}

function hTtl(call: Call, unitMs: number, isRelative: boolean): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  const first = parseFields(call, 2, COUNT_ERROR);
  if (first === 0) return;
  const baseMs = isRelative ? call.store.nowMs() : 0;
  replyForFields(call, hash, first, (found) => {
    const expiresAtMs = expiryOfField(call.store, found);
    return expiresAtMs < 0 ? expiresAtMs : Math.ceil((expiresAtMs - baseMs) / unitMs);
  });
}

function hPersist(call: Call): void {
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  const first = parseFields(call, 2, COUNT_ERROR);
  if (first === 0) return;
  bringMembers(call, hash, first, 1);
  let changed = 0;
  replyForFields(call, hash, first, (found) => {
    const result = persistField(call.store, found);
    if (result === EXPIRY_CHANGED) changed++;
    return result;
  });
  if (hash !== null && changed > 0) finishChange(call, hash, 'h', 'hpersist');
}

/** Replies with what `answer` says of each field from argument `first` on, which is in the scratch then. */
function replyForFields(
  call: Call,
  hash: LargeValue | null,
  first: number,
  answer: (hash: LargeValue) => number,
): void {
  const { reply } = call;
  reply.array(call.argc - first);
  for (let i = first; i < call.argc; i++) {
    // No field is longer than a key: the scratch would refuse it.
    if (hash === null || call.lengthOf(i) > KEY_SIZE_MAX_BYTES) {
      reply.integer(FIELD_MISSING);
      continue;
    }
    setMember(call, i);
    reply.integer(answer(hash));
  }
}
