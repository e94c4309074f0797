/**
 * BITFIELD and BITFIELD_RO: reads and changes of integers at any bit of a string, many in one command.
 *
 * All operations are read first. Then they are done in their order, in runs that lie near each other: a run reads the
 * stretch of the string that it is about, works on it, and writes it back once.
 */
import { VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import { putRange } from '../engine/put-range.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import {
  addToField,
  fieldEndBytes,
  fitField,
  getField,
  type Overflow,
  parseBitOffset,
  parseFieldType,
  setField,
} from '../types/bitfield.ts';
import { NOT_A_BIT_OFFSET } from './bitmaps.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, DENYOOM, FAST, firstKey, hasWord, READONLY, WRITE } from './command.ts';

const NOT_A_TYPE = 'Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';
const BITS_PER_BYTE = 8;
/** A run of operations spans at most so many bytes; a single one spans nine at most. */
const RUN_SIZE_MAX_BYTES = 16 * 1024;
const ACTIONS = ['get', 'set', 'incrby'] as const;
const OVERFLOWS: readonly Overflow[] = ['wrap', 'sat', 'fail'];

export const bitfieldCommands: readonly CommandRow[] = [
  {
    name: 'bitfield',
    arity: -2,
    flags: WRITE | DENYOOM,
    group: 'bitmap',
    keys: firstKey('RW access update variable_flags'),
    keyFlags: (call) => (hasWord(call, 'set') || hasWord(call, 'incrby') ? 'RW access update' : 'RO access'),
    run: (call) => bitfield(call, false),
  },
  {
    name: 'bitfield_ro',
    arity: -2,
    flags: READONLY | FAST,
    group: 'bitmap',
    keys: firstKey('RO access'),
    run: (call) => bitfield(call, true),
  },
];

interface FieldOperation {
  readonly action: (typeof ACTIONS)[number];
  readonly type: number;
  readonly offset: number;
  readonly by: number | bigint;
  readonly overflow: Overflow;
}

/** The bytes of the string that a run is about. */
interface Stretch {
  readonly firstByte: number;
  readonly endByte: number;
  /** Where what it writes ends; 0 if it only reads. */
  readonly writtenEnd: number;
}

function bitfield(call: Call, isReadOnly: boolean): void {
  const operations = parseOperations(call);
  if (operations === undefined) return;
  const isWrite = operations.some(({ action }) => action !== 'get');
  if (isWrite && isReadOnly) {
    call.reply.error('BITFIELD_RO only supports the GET subcommand');
    return;
  }
  if (!call.findString(1)) return;
  call.reply.array(operations.length);
  let hasChanged = false;
  for (let from = 0; from < operations.length; ) {
    const until = runEnd(operations, from);
    if (runOperations(call, operations.slice(from, until))) hasChanged = true;
    from = until;
    if (from < operations.length) call.findKey(1);
  }
  if (hasChanged) call.changed('$', 'setbit');
}

/** The operations; replies with an error and returns undefined if the arguments make no sense. */
function parseOperations(call: Call): FieldOperation[] | undefined {
  const { reply, argc } = call;
  const operations: FieldOperation[] = [];
  let overflow: Overflow = 'wrap';
  for (let i = 2; i < argc; ) {
    if (call.is(i, 'overflow') && i + 1 < argc) {
      const given = OVERFLOWS.find((each) => call.is(i + 1, each));
      if (given === undefined) {
        reply.error('Invalid OVERFLOW type specified');
        return undefined;
      }
      overflow = given;
      i += 2;
      continue;
    }
    const action = ACTIONS.find((each) => call.is(i, each));
    const size = action === 'get' ? 3 : 4;
    if (action === undefined || i + size > argc) {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
    const operation = parseOperation(call, i, action, overflow);
    if (operation === undefined) return undefined;
    operations.push(operation);
    i += size;
  }
  return operations;
}

function parseOperation(
  call: Call,
  i: number,
  action: FieldOperation['action'],
  overflow: Overflow,
): FieldOperation | undefined {
  const { bytes, starts, ends, reply } = call;
  const type = parseFieldType(bytes, starts[i + 1], ends[i + 1]);
  if (type === 0) {
    reply.error(NOT_A_TYPE);
    return undefined;
  }
  const offset = parseBitOffset(bytes, starts[i + 2], ends[i + 2], type, VALUE_SIZE_MAX_BYTES);
  if (offset < 0) {
    reply.error(NOT_A_BIT_OFFSET);
    return undefined;
  }
  const by = action === 'get' ? 0 : call.integer(i + 3);
  return by === undefined ? undefined : { action, type, offset, by, overflow };
}

/** Where the run of operations that begins at `from` ends. */
function runEnd(operations: readonly FieldOperation[], from: number): number {
  let { firstByte, endByte } = stretchOf(operations.slice(from, from + 1));
  let until = from + 1;
  for (; until < operations.length; until++) {
    const next = stretchOf(operations.slice(until, until + 1));
    firstByte = Math.min(firstByte, next.firstByte);
    endByte = Math.max(endByte, next.endByte);
    if (endByte - firstByte > RUN_SIZE_MAX_BYTES) break;
  }
  return until;
}

function stretchOf(operations: readonly FieldOperation[]): Stretch {
  let firstByte = Number.POSITIVE_INFINITY;
  let endByte = 0;
  let writtenEnd = 0;
  for (const { action, type, offset } of operations) {
    const end = fieldEndBytes(offset, type);
    firstByte = Math.min(firstByte, Math.floor(offset / BITS_PER_BYTE));
    endByte = Math.max(endByte, end);
    if (action !== 'get') writtenEnd = Math.max(writtenEnd, end);
  }
  return { firstByte, endByte, writtenEnd };
}

/** Does a run of operations on the string that was found. Returns whether that changed it. */
function runOperations(call: Call, operations: readonly FieldOperation[]): boolean {
  const { store, found } = call;
  const { firstByte, endByte, writtenEnd } = stretchOf(operations);
  const length = found === 0 ? 0 : lengthOfString(store);
  const window = Buffer.alloc(endByte - firstByte);
  if (firstByte < length) viewOfString(store, firstByte, Math.min(endByte, length)).copy(window);
  let hasChanged = writtenEnd > length;
  for (const operation of operations) {
    if (runOperation(call, operation, window, operation.offset - firstByte * BITS_PER_BYTE)) hasChanged = true;
  }
  if (!hasChanged) return false;
  call.relocate();
  putRange(store, call.database, found, firstByte, window, 0, writtenEnd - firstByte);
  return true;
}

/** Does an operation on the field at `offset` of the window, and replies. Returns whether that changed it. */
function runOperation(call: Call, operation: FieldOperation, window: Buffer, offset: number): boolean {
  const { action, type, by, overflow } = operation;
  const before = getField(window, offset, type);
  if (action === 'get') {
    call.reply.integer(before);
    return false;
  }
  const after = action === 'set' ? fitField(by, type, overflow) : addToField(before, by, type, overflow);
  if (after === undefined) {
    call.reply.null();
    return false;
  }
  setField(window, offset, type, after);
  call.reply.integer(action === 'set' ? before : after);
  return after !== before;
}
