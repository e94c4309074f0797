/** Commands that take strings for HyperLogLogs. */
import {
  addElement,
  cacheCount,
  cachedCount,
  CORRUPT,
  countElements,
  countRegisters,
  isDense,
  markCountStale,
  mergeRegisters,
  REGISTER_COUNT,
  storeRegisters,
  UNCHANGED,
} from '../types/hyperloglog.ts';
import { value } from '../keyspace/hyperloglogs.ts';
import type { Call } from './call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, MAY_REPLICATE, READONLY, WRITE } from './command.ts';
import { loadValue, replyCorrupt, saveValue } from './hyperloglog-value.ts';

export const hyperLogLogCommands: readonly CommandRow[] = [
  {
    name: 'pfadd',
    arity: -2,
    flags: WRITE | DENYOOM | FAST,
    group: 'hyperloglog',
    keys: firstKey('RW insert'),
    run: pfAdd,
  },
  {
    name: 'pfcount',
    arity: -2,
    flags: READONLY | MAY_REPLICATE,
    group: 'hyperloglog',
    keys: { first: 1, last: -1, step: 1, flags: 'RW access' },
    run: pfCount,
  },
  {
    name: 'pfmerge',
    arity: -2,
    flags: WRITE | DENYOOM,
    group: 'hyperloglog',
    keys: firstKey('RW access insert'),
    moreKeys: { first: 2, last: -1, step: 1, flags: 'RO access' },
    run: pfMerge,
  },
];

const registers = new Uint8Array(REGISTER_COUNT);

function pfAdd(call: Call): void {
  if (!loadValue(call, 1)) return;
  const { sparseHyperLogLogMaxBytes } = call.host.valueLimits;
  let hasChanged = call.found === 0;
  if (hasChanged) markCountStale(value.bytes);
  for (let i = 2; i < call.argc; i++) {
    const { bytes, starts, ends } = call;
    const length = addElement(value.bytes, value.length, bytes, starts[i], ends[i], sparseHyperLogLogMaxBytes);
    if (length === CORRUPT) {
      replyCorrupt(call);
      return;
    }
    if (length === UNCHANGED) continue;
    value.length = length;
    hasChanged = true;
  }
  if (hasChanged) {
    saveValue(call);
    call.changed('$', 'pfadd');
  }
  call.reply.integer(hasChanged ? 1 : 0);
}

function pfCount(call: Call): void {
  if (call.argc > 2) {
    if (mergeArguments(call) !== undefined) call.reply.integer(countRegisters(registers));
    return;
  }
  if (!loadValue(call, 1)) return;
  let count = call.found === 0 ? 0 : cachedCount(value.bytes);
  if (count < 0) {
    count = countElements(value.bytes, value.length);
    if (count === CORRUPT) {
      replyCorrupt(call);
      return;
    }
    keepCount(call, count);
  }
  call.reply.integer(count);
}

/** Writes the count into the value, so that it need not be computed again: as long as the store takes writes. */
function keepCount(call: Call, count: number): void {
  try {
    call.store.checkWritable(0);
  } catch {
    return;
  }
  // Making room may have moved the record, or evicted it.
  if (call.findKey(1) === 0) return;
  cacheCount(value.bytes, count);
  saveValue(call);
  call.changed('', '');
}

/** Merges all keys into `registers`. Returns whether one of them is dense; replies with an error and returns undefined. */
function mergeArguments(call: Call): boolean | undefined {
  registers.fill(0);
  let hasDense = false;
  for (let i = 1; i < call.argc; i++) {
    if (!loadValue(call, i)) return undefined;
    if (isDense(value.bytes)) hasDense = true;
    if (mergeRegisters(registers, value.bytes, value.length)) continue;
    replyCorrupt(call);
    return undefined;
  }
  return hasDense;
}

function pfMerge(call: Call): void {
  const hasDense = mergeArguments(call);
  if (hasDense === undefined || !loadValue(call, 1)) return;
  const { sparseHyperLogLogMaxBytes } = call.host.valueLimits;
  const length = storeRegisters(value.bytes, value.length, registers, hasDense, sparseHyperLogLogMaxBytes);
  if (length === CORRUPT) {
    replyCorrupt(call);
    return;
  }
  value.length = length;
  saveValue(call);
  call.changed('$', 'pfadd');
  call.reply.ok();
}
