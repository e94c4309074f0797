/** HSCAN and HRANDFIELD. */
import { matchGlob } from '../base/glob.ts';
import { type LargeValue, TYPE_HASH } from '../engine/large-values.ts';
import { memberEndOf, memberStartOf } from '../engine/members.ts';
import { collectMembers } from '../keyspace/collections.ts';
import { drawFields, forEachCollectedField } from '../keyspace/live-fields.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { findCollection, replyMember, replyMemberAndValue, replyMemberValue, WRONG } from './collection-call.ts';
import { type CommandRow, firstKey, READONLY } from './command.ts';
import { parseCursor, parseScanOptions } from './scan.ts';

const RANGE_ERROR = 'value is out of range';
const COUNT_MAX = 2 ** 62;

export const hashScanCommands: readonly CommandRow[] = [
  { name: 'hscan', arity: -3, flags: READONLY, group: 'hash', keys: firstKey('RO access'), run: hScan },
  { name: 'hrandfield', arity: -2, flags: READONLY, group: 'hash', keys: firstKey('RO access'), run: hRandField },
];

function hScan(call: Call): void {
  const { store, reply } = call;
  const cursor = parseCursor(call.latin1(2));
  if (cursor === undefined) {
    reply.error('invalid cursor');
    return;
  }
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  // As in redis, the options are not looked at where there is nothing to scan.
  const options = hash === null ? null : parseScanOptions(call, 3, 'novalues');
  if (options === undefined) return;
  const next = hash === null || options === null ? 0 : collectMembers(store, hash, cursor, options.count);
  reply.array(2);
  reply.bulkLatin1(String(next));
  const place = reply.defer();
  let given = 0;
  if (hash !== null && options !== null) {
    forEachCollectedField(store, hash, () => {
      const { filter } = options;
      if (filter.pattern !== null && !matchGlob(filter.pattern, store.bytes, memberStartOf(store), memberEndOf(store)))
        return;
      if (options.hasWord) replyMember(call);
      else replyMemberAndValue(call);
      given += options.hasWord ? 1 : 2;
    });
  }
  reply.resolveArray(place, given);
}

function hRandField(call: Call): void {
  const { reply } = call;
  const count = call.argc > 2 ? call.integer(2) : 1;
  if (count === undefined) return;
  const withValues = call.argc === 4 && call.is(3, 'withvalues');
  if (call.argc > 4 || (call.argc === 4 && !withValues)) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  if (count > COUNT_MAX || count < -COUNT_MAX) {
    reply.error(RANGE_ERROR);
    return;
  }
  const hash = findCollection(call, 1, TYPE_HASH);
  if (hash === WRONG) return;
  if (call.seed === 0) call.seed = call.store.prng.nextUint32();
  if (call.argc === 2) replyOne(call, hash);
  else if (hash === null || count === 0) reply.array(0);
  else replyDrawn(call, hash, Number(count), withValues);
  call.seed = 0;
}

function replyOne(call: Call, hash: LargeValue | null): void {
  let isDrawn = false;
  if (hash !== null) {
    drawFields(call.store, hash, 1, false, call.seed, () => {
      isDrawn = true;
      replyMember(call);
    });
  }
  if (!isDrawn) call.reply.null();
}

/** In RESP3, fields with their values are pairs. */
function replyDrawn(call: Call, hash: LargeValue, count: number, withValues: boolean): void {
  const { store, reply } = call;
  const place = reply.defer();
  let given = 0;
  const visit = (): void => {
    if (withValues && reply.proto === 3) {
      reply.array(2);
      given++;
    } else given += withValues ? 2 : 1;
    replyMember(call);
    if (withValues) replyMemberValue(call);
  };
  drawFields(store, hash, Math.abs(count), count >= 0, call.seed, visit);
  reply.resolveArray(place, given);
}
