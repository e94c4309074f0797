/**
 * The sparse form of a HyperLogLog: runs of registers, in order, from 0 to 16383.
 *
 * | byte | meaning |
 * |---|---|
 * | `00nnnnnn` | ZERO: n + 1 registers are 0 |
 * | `01nnnnnn` `nnnnnnnn` | XZERO: n + 1 registers are 0 |
 * | `1vvvvvnn` | VAL: n + 1 registers are v + 1 |
 *
 * Setting a register splits one run into up to three, then joins equal neighbours near it: the same as in redis, so that
 * the same elements give the same bytes. Runs that do not cover the 16384 registers exactly are corrupt. Everything
 * here works in place, in a buffer with room after `lengthBytes`.
 */

export const HEADER_SIZE_BYTES = 16;
export const REGISTER_COUNT = 16_384;
/** Results of `raiseSparse` that are no length. */
export const UNCHANGED = 0;
export const CORRUPT = -1;
export const TOO_LARGE = -2;

const XZERO = 0x40;
const VAL = 0x80;
const ZERO_RUN_MAX = 64;
const VAL_RUN_MAX = 4;
const SPARSE_VALUE_MAX = 32;
/** How many runs are looked at for neighbours to join. */
const JOIN_STEPS_MAX = 5;

/** The runs that replace one: at most two XZERO around a VAL. */
const pieces = new Uint8Array(5);

/** The runs of a HyperLogLog in which every register is 0, after a header. */
export function writeEmptyRuns(into: Uint8Array): number {
  return writeZeros(into, HEADER_SIZE_BYTES, REGISTER_COUNT);
}

/**
 * Raises a register to `value`. Gives the new length; `UNCHANGED` if it is that high already; `TOO_LARGE`, with nothing
 * changed, if the value or the runs (beyond `sizeMaxBytes`) do not fit this form; `CORRUPT` if no run has the register.
 */
export function raiseSparse(
  bytes: Uint8Array,
  lengthBytes: number,
  register: number,
  value: number,
  sizeMaxBytes: number,
): number {
  if (value > SPARSE_VALUE_MAX) return TOO_LARGE;
  let previous = HEADER_SIZE_BYTES;
  let at = HEADER_SIZE_BYTES;
  let first = 0;
  for (; at < lengthBytes; previous = at, at += runSize(bytes[at])) {
    const next = first + runLength(bytes, at);
    if (register < next) break;
    first = next;
  }
  const sizeBytes = runSize(bytes[at]);
  if (at + sizeBytes > lengthBytes) return CORRUPT;
  if (isValue(bytes[at]) && valueOf(bytes[at]) >= value) return UNCHANGED;
  const before = register - first;
  const piecesEnd = split(bytes[at], runLength(bytes, at), before, value);
  const growth = piecesEnd - sizeBytes;
  if (growth > 0 && lengthBytes + growth > sizeMaxBytes) return TOO_LARGE;
  if (growth !== 0) bytes.copyWithin(at + piecesEnd, at + sizeBytes, lengthBytes);
  for (let i = 0; i < piecesEnd; i++) bytes[at + i] = pieces[i];
  return join(bytes, lengthBytes + growth, previous);
}

/** Raises `registers` to what the runs say; false if they are corrupt. */
export function mergeSparse(bytes: Uint8Array, lengthBytes: number, registers: Uint8Array): boolean {
  let register = 0;
  let at = HEADER_SIZE_BYTES;
  for (; at < lengthBytes; at += runSize(bytes[at])) {
    const end = register + runLength(bytes, at);
    if (end > REGISTER_COUNT) return false;
    if (isValue(bytes[at])) {
      const value = valueOf(bytes[at]);
      for (let i = register; i < end; i++) if (registers[i] < value) registers[i] = value;
    }
    register = end;
  }
  return register === REGISTER_COUNT && at === lengthBytes;
}

/** Adds to `histogram` how many registers have each value; false if the runs are corrupt. */
export function countSparse(bytes: Uint8Array, lengthBytes: number, histogram: Int32Array): boolean {
  let registers = 0;
  let at = HEADER_SIZE_BYTES;
  for (; at < lengthBytes; at += runSize(bytes[at])) {
    const run = runLength(bytes, at);
    histogram[isValue(bytes[at]) ? valueOf(bytes[at]) : 0] += run;
    registers += run;
  }
  return registers === REGISTER_COUNT && at === lengthBytes;
}

/** The runs as PFDEBUG DECODE shows them: `z:` and `Z:` for ZERO and XZERO with their lengths, `v:` for VAL with its value. */
export function describeSparse(bytes: Uint8Array, lengthBytes: number): string {
  const runs: string[] = [];
  for (let at = HEADER_SIZE_BYTES; at < lengthBytes; at += runSize(bytes[at])) {
    const run = bytes[at];
    if (isValue(run)) runs.push(`v:${valueOf(run)},${runLength(bytes, at)}`);
    else runs.push(`${runSize(run) === 1 ? 'z' : 'Z'}:${runLength(bytes, at)}`);
  }
  return runs.join(' ');
}

/** Puts into `pieces` what becomes of a run when the register after its first `before` ones gets `value`. */
function split(run: number, length: number, before: number, value: number): number {
  const after = length - before - 1;
  if (isValue(run)) {
    let end = 0;
    if (before > 0) pieces[end++] = valueRun(valueOf(run), before);
    pieces[end++] = valueRun(value, 1);
    if (after > 0) pieces[end++] = valueRun(valueOf(run), after);
    return end;
  }
  const end = before > 0 ? writeZeros(pieces, 0, before) : 0;
  pieces[end] = valueRun(value, 1);
  return after > 0 ? writeZeros(pieces, end + 1, after) : end + 1;
}

/** Joins neighbours of equal value from `at` on, a few runs far. Gives the new length. */
function join(bytes: Uint8Array, lengthBytes: number, at: number): number {
  for (let step = 0; step < JOIN_STEPS_MAX && at + 1 < lengthBytes; step++) {
    if (isValue(bytes[at]) && isValue(bytes[at + 1]) && valueOf(bytes[at]) === valueOf(bytes[at + 1])) {
      const length = runLength(bytes, at) + runLength(bytes, at + 1);
      if (length <= VAL_RUN_MAX) {
        bytes[at + 1] = valueRun(valueOf(bytes[at]), length);
        bytes.copyWithin(at, at + 1, lengthBytes);
        lengthBytes--;
        continue;
      }
    }
    at += runSize(bytes[at]);
  }
  return lengthBytes;
}

function writeZeros(into: Uint8Array, at: number, length: number): number {
  if (length <= ZERO_RUN_MAX) {
    into[at] = length - 1;
    return at + 1;
  }
  into[at] = XZERO | ((length - 1) >>> 8);
  into[at + 1] = length - 1;
  return at + 2;
}

function valueRun(value: number, length: number): number {
  return VAL | ((value - 1) << 2) | (length - 1);
}

function isValue(run: number): boolean {
  return run >= VAL;
}

function valueOf(run: number): number {
  return ((run >>> 2) & 0x1f) + 1;
}

function runSize(run: number): number {
  return run >= XZERO && run < VAL ? 2 : 1;
}

function runLength(bytes: Uint8Array, at: number): number {
  const run = bytes[at];
  if (isValue(run)) return (run & 3) + 1;
  return run >= XZERO ? (((run & 0x3f) << 8) | bytes[at + 1]) + 1 : run + 1;
}
