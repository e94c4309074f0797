/** Commands on the time that a key has. */
import { putExpiry } from '../engine/put-expiry.ts';
import { EXPIRES_AT_MAX_MS, expiryOf } from '../engine/record.ts';
import { remove } from '../engine/remove.ts';
import type { Call } from './call.ts';
import { type CommandRow, FAST, firstKey, READONLY, WRITE } from './command.ts';

const SECOND_MS = 1000;
const INT64_MAX = 2n ** 63n - 1n;

// Conditions on the expiry that a key has.
const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;

export const expireCommands: readonly CommandRow[] = [
  setter('expire', SECOND_MS, true),
  setter('pexpire', 1, true),
  setter('expireat', SECOND_MS, false),
  setter('pexpireat', 1, false),
  getter('ttl', SECOND_MS, true),
  getter('pttl', 1, true),
  getter('expiretime', SECOND_MS, false),
  getter('pexpiretime', 1, false),
  { name: 'persist', arity: 2, flags: WRITE | FAST, group: 'generic', keys: firstKey('RW update'), run: persist },
];

function setter(name: string, unitMs: number, isRelative: boolean): CommandRow {
  const run = (call: Call) => expire(call, unitMs, isRelative);
  return { name, arity: -3, flags: WRITE | FAST, group: 'generic', keys: firstKey('RW update'), run };
}

function getter(name: string, unitMs: number, isRelative: boolean): CommandRow {
  const run = (call: Call) => replyExpiry(call, unitMs, isRelative);
  return { name, arity: 2, flags: READONLY | FAST, group: 'generic', keys: firstKey('RO access'), run };
}

function expire(call: Call, unitMs: number, isRelative: boolean): void {
  const conditions = call.argc === 3 ? 0 : parseConditions(call);
  if (conditions < 0) return;
  const { store, reply } = call;
  const nowMs = store.nowMs();
  const expiresAtMs = parseTime(call, 2, unitMs, isRelative ? nowMs : 0);
  if (expiresAtMs === undefined) return;
  if (call.findKey(1) === 0 || !isMet(conditions, expiryOf(store.words, store.word), expiresAtMs)) {
    reply.integer(0);
    return;
  }
  if (expiresAtMs <= nowMs) {
    remove(store, call.database, call.found);
    call.changed('g', 'del');
  } else {
    putExpiry(store, call.database, call.found, expiresAtMs);
    call.changed('g', 'expire');
  }
  reply.integer(1);
}

/** The conditions from argument 3 on; -1 after replying with an error. */
function parseConditions(call: Call): number {
  let conditions = 0;
  for (let i = 3; i < call.argc; i++) {
    if (call.is(i, 'nx')) conditions |= NX;
    else if (call.is(i, 'xx')) conditions |= XX;
    else if (call.is(i, 'gt')) conditions |= GT;
    else if (call.is(i, 'lt')) conditions |= LT;
    else {
      call.reply.error(`Unsupported option ${call.latin1(i)}`);
      return -1;
    }
  }
  if ((conditions & NX) !== 0 && conditions !== NX) {
    call.reply.error('NX and XX, GT or LT options at the same time are not compatible');
    return -1;
  }
  if ((conditions & (GT | LT)) === (GT | LT)) {
    call.reply.error('GT and LT options at the same time are not compatible');
    return -1;
  }
  return conditions;
}

/** Whether an expiry may be set where the key has `currentMs`, 0 for none, which counts as later than all others. */
function isMet(conditions: number, currentMs: number, expiresAtMs: number): boolean {
  if (conditions === 0) return true;
  if ((conditions & NX) !== 0 && currentMs !== 0) return false;
  if ((conditions & XX) !== 0 && currentMs === 0) return false;
  if ((conditions & GT) !== 0 && (currentMs === 0 || expiresAtMs <= currentMs)) return false;
  return (conditions & LT) === 0 || currentMs === 0 || expiresAtMs < currentMs;
}

/**
 * Argument `i`, counted in `unitMs` from `baseMs`, as ms since the epoch: at most what a record can say. Undefined after
 * replying with an error, where 64 bits could not hold it.
 */
function parseTime(call: Call, i: number, unitMs: number, baseMs: number): number | undefined {
  const value = call.integer(i);
  if (value === undefined) return undefined;
  if (typeof value === 'number') return Math.min(value * unitMs + baseMs, EXPIRES_AT_MAX_MS);
  const inMs = value * BigInt(unitMs);
  if (inMs > INT64_MAX - BigInt(baseMs) || inMs < -INT64_MAX - 1n) {
    call.reply.error(`invalid expire time in '${call.row.name}' command`);
    return undefined;
  }
  return inMs > 0n ? EXPIRES_AT_MAX_MS : -EXPIRES_AT_MAX_MS;
}

function replyExpiry(call: Call, unitMs: number, isRelative: boolean): void {
  const { store, reply } = call;
  if (call.peekKey(1) === 0) {
    reply.integer(-2);
    return;
  }
  const expiresAtMs = expiryOf(store.words, store.word);
  if (expiresAtMs === 0) {
    reply.integer(-1);
    return;
  }
  const ms = isRelative ? Math.max(0, expiresAtMs - store.nowMs()) : expiresAtMs;
  reply.integer(unitMs === 1 ? ms : Math.floor((ms + unitMs / 2) / unitMs));
}

function persist(call: Call): void {
  const { store } = call;
  if (call.findKey(1) === 0 || expiryOf(store.words, store.word) === 0) {
    call.reply.integer(0);
    return;
  }
  putExpiry(store, call.database, call.found, 0);
  call.changed('g', 'persist');
  call.reply.integer(1);
}
