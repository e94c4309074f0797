/** Commands that take strings for arrays of bits. */
import { VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import { putBytes } from '../engine/put.ts';
import { putRange } from '../engine/put-range.ts';
import { remove } from '../engine/remove.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import { countStringBits, findStringBit } from '../keyspace/string-bits.ts';
import { parseBitOffset } from '../types/bitfield.ts';
import { type BitOperation, combineBits, getBit, setBit } from '../types/bits.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, READONLY, WRITE } from './command.ts';

export const NOT_A_BIT_OFFSET = 'bit offset is not an integer or out of range';
const NOT_A_BIT = 'bit is not an integer or out of range';
const BITS_PER_BYTE = 8;
const OPERATIONS: readonly BitOperation[] = ['and', 'or', 'xor', 'not'];

const oneByte = Buffer.alloc(1);

export const bitmapCommands: readonly CommandRow[] = [
  {
    name: 'getbit',
    arity: 3,
    flags: READONLY | FAST,
    group: 'bitmap',
    keys: firstKey('RO access'),
    run: getBitOf,
  },
  {
    name: 'setbit',
    arity: 4,
    flags: WRITE | DENYOOM,
    group: 'bitmap',
    keys: firstKey('RW access update'),
    run: setBitOf,
  },
  {
    name: 'bitcount',
    arity: -2,
    flags: READONLY,
    group: 'bitmap',
    keys: firstKey('RO access'),
    run: bitCount,
  },
  {
    name: 'bitpos',
    arity: -3,
    flags: READONLY,
    group: 'bitmap',
    keys: firstKey('RO access'),
    run: bitPos,
  },
  {
    name: 'bitop',
    arity: -4,
    flags: WRITE | DENYOOM,
    group: 'bitmap',
    keys: { first: 2, last: 2, step: 1, flags: 'OW update' },
    moreKeys: { first: 3, last: -1, step: 1, flags: 'RO access' },
    run: bitOp,
  },
];

/** Argument 2 as the offset of a bit; replies with an error and returns -1 if it is none. */
function readOffset(call: Call): number {
  const offset = parseBitOffset(call.bytes, call.starts[2], call.ends[2], 0, VALUE_SIZE_MAX_BYTES);
  if (offset < 0) call.reply.error(NOT_A_BIT_OFFSET);
  return offset;
}

/** Puts the byte of the found string that has the bit at `offset` into `oneByte`; false where the string ends before. */
function readByte(call: Call, offset: number): boolean {
  const { store, found } = call;
  const at = Math.floor(offset / BITS_PER_BYTE);
  oneByte[0] = 0;
  if (found === 0 || at >= lengthOfString(store)) return false;
  oneByte[0] = viewOfString(store, at, at + 1)[0];
  return true;
}

function getBitOf(call: Call): void {
  const offset = readOffset(call);
  if (offset < 0 || !call.findString(1)) return;
  readByte(call, offset);
  call.reply.integer(getBit(oneByte, offset % BITS_PER_BYTE));
}

function setBitOf(call: Call): void {
  const offset = readOffset(call);
  if (offset < 0) return;
  const bit = call.integer(3, NOT_A_BIT);
  if (bit === undefined) return;
  if (bit !== 0 && bit !== 1) {
    call.reply.error(NOT_A_BIT);
    return;
  }
  if (!call.findString(1)) return;
  const isThere = readByte(call, offset);
  const before = setBit(oneByte, offset % BITS_PER_BYTE, bit);
  if (!isThere || before !== bit) {
    call.relocate();
    putRange(call.store, call.database, call.found, Math.floor(offset / BITS_PER_BYTE), oneByte, 0, 1);
    call.changed('$', 'setbit');
  }
  call.reply.integer(before);
}

/** Whether argument `i`, if there is one, says that a range is in bits; replies with an error if it says neither. */
function readRangeUnit(call: Call, i: number): boolean | undefined {
  if (i >= call.argc || call.is(i, 'byte')) return false;
  if (call.is(i, 'bit')) return true;
  call.reply.error(SYNTAX_ERROR);
  return undefined;
}

function bitCount(call: Call): void {
  const { argc, reply } = call;
  if (argc === 3 || argc > 5) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const start = argc > 2 ? call.integer(2) : 0;
  if (start === undefined) return;
  const end = argc > 2 ? call.integer(3) : -1;
  if (end === undefined) return;
  const isBitRange = readRangeUnit(call, 4);
  if (isBitRange === undefined || !call.findString(1)) return;
  reply.integer(call.found === 0 ? 0 : countStringBits(call.store, Number(start), Number(end), isBitRange));
}

function bitPos(call: Call): void {
  const { argc, reply } = call;
  const bit = call.integer(2);
  if (bit === undefined) return;
  if (bit !== 0 && bit !== 1) {
    reply.error('The bit argument must be 1 or 0.');
    return;
  }
  if (argc > 6) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const start = argc > 3 ? call.integer(3) : 0;
  if (start === undefined) return;
  const isBitRange = readRangeUnit(call, 5);
  if (isBitRange === undefined) return;
  const end = argc > 4 ? call.integer(4) : undefined;
  if ((argc > 4 && end === undefined) || !call.findString(1)) return;
  if (call.found === 0) reply.integer(bit === 0 ? 0 : -1);
  else {
    const last = end === undefined ? undefined : Number(end);
    reply.integer(findStringBit(call.store, bit, Number(start), last, isBitRange));
  }
}

function bitOp(call: Call): void {
  const { reply, store } = call;
  const operation = OPERATIONS.find((each) => call.is(1, each));
  if (operation === undefined) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  if (operation === 'not' && call.argc !== 4) {
    reply.error('BITOP NOT must be called with a single source key.');
    return;
  }
  const sources: Buffer[] = [];
  let longest = 0;
  for (let i = 3; i < call.argc; i++) {
    if (!call.findString(i)) return;
    const length = call.found === 0 ? 0 : lengthOfString(store);
    longest = Math.max(longest, length);
    sources.push(length === 0 ? Buffer.alloc(0) : Buffer.from(viewOfString(store, 0, length)));
  }
  const result = Buffer.allocUnsafe(longest);
  combineBits(operation, sources, result);
  call.findKey(2);
  if (result.length > 0) {
    putBytes(store, call.database, call.found, result, 0, result.length, 0);
    call.changed('$', 'set');
  } else if (call.found !== 0) {
    remove(store, call.database, call.found);
    call.changed('g', 'del');
  }
  reply.integer(result.length);
}
