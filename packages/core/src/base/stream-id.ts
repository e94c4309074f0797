/**
 * IDs of entries of streams: milliseconds and a sequence number, unsigned integers of 64 bits each, compared in this order.
 *
 * Each is kept as two halves of 32 bits: comparing and counting need no bigint, and nothing is allocated. Written as
 * `<ms>-<sequence>`; in records the 16 bytes are big-endian, so that they compare as the IDs do.
 */
const HALF = 2 ** 32;
const HALF_MAX = HALF - 1;
const DIGIT_0 = 0x30;
const DASH = 0x2d;
/** Digits that fit a number whatever they are. */
const NUMBER_DIGITS_MAX = 15;
const DIGITS_MAX = 20;
const UINT64_MAX = 0xffff_ffff_ffff_ffffn;
const HALF_BITS = 32n;
const SEQUENCE_BITS = 64n;

/** Of a number that is written in two halves. */
const SEVEN_DIGITS = 10_000_000;

export const STREAM_ID_BYTES = 16;
/** Two numbers of 20 digits, and the dash. */
export const STREAM_ID_TEXT_MAX_BYTES = 41;

export class StreamId {
  msHigh = 0;
  msLow = 0;
  sequenceHigh = 0;
  sequenceLow = 0;

  set(other: StreamId): void {
    this.msHigh = other.msHigh;
    this.msLow = other.msLow;
    this.sequenceHigh = other.sequenceHigh;
    this.sequenceLow = other.sequenceLow;
  }

  copy(): StreamId {
    const copy = new StreamId();
    copy.set(this);
    return copy;
  }

  /** Takes the four halves that begin at `words[at]`. */
  setFrom(words: Uint32Array, at: number): void {
    this.msHigh = words[at];
    this.msLow = words[at + 1];
    this.sequenceHigh = words[at + 2];
    this.sequenceLow = words[at + 3];
  }

  /** The first ID of a time in ms since the epoch. */
  setMs(ms: number): void {
    this.msHigh = Math.floor(ms / HALF);
    this.msLow = ms % HALF;
    this.setSequence(0);
  }

  /** Gives it a sequence number, 0 or the largest one. */
  setSequence(half: 0 | typeof HALF_MAX): void {
    this.sequenceHigh = half;
    this.sequenceLow = half;
  }

  setMin(): void {
    this.msHigh = 0;
    this.msLow = 0;
    this.setSequence(0);
  }

  setMax(): void {
    this.msHigh = HALF_MAX;
    this.msLow = HALF_MAX;
    this.setSequence(HALF_MAX);
  }

  get isMin(): boolean {
    return (this.msHigh | this.msLow | this.sequenceHigh | this.sequenceLow) === 0;
  }

  get isMax(): boolean {
    return (this.msHigh & this.msLow & this.sequenceHigh & this.sequenceLow) === -1;
  }

  get hasLastSequence(): boolean {
    return (this.sequenceHigh & this.sequenceLow) === -1;
  }

  hasMsOf(other: StreamId): boolean {
    return this.msHigh === other.msHigh && this.msLow === other.msLow;
  }

  /** Below 0: this one is first. */
  compare(other: StreamId): number {
    if (this.msHigh !== other.msHigh) return this.msHigh - other.msHigh;
    if (this.msLow !== other.msLow) return this.msLow - other.msLow;
    if (this.sequenceHigh !== other.sequenceHigh) return this.sequenceHigh - other.sequenceHigh;
    return this.sequenceLow - other.sequenceLow;
  }

  /** Becomes the next ID; false if this is the last one. */
  increment(): boolean {
    if (this.isMax) return false;
    if (this.sequenceLow++ < HALF_MAX) return true;
    this.sequenceLow = 0;
    if (this.sequenceHigh++ < HALF_MAX) return true;
    this.sequenceHigh = 0;
    if (this.msLow++ < HALF_MAX) return true;
    this.msLow = 0;
    this.msHigh++;
    return true;
  }

  /** Becomes the ID before; false if this is the first one. */
  decrement(): boolean {
    if (this.isMin) return false;
    if (this.sequenceLow-- > 0) return true;
    this.sequenceLow = HALF_MAX;
    if (this.sequenceHigh-- > 0) return true;
    this.sequenceHigh = HALF_MAX;
    if (this.msLow-- > 0) return true;
    this.msLow = HALF_MAX;
    this.msHigh--;
    return true;
  }

  /** Writes its 16 bytes. */
  write(into: Uint8Array, at: number): void {
    writeHalf(into, at, this.msHigh);
    writeHalf(into, at + 4, this.msLow);
    writeHalf(into, at + 8, this.sequenceHigh);
    writeHalf(into, at + 12, this.sequenceLow);
  }

  read(from: Uint8Array, at: number): void {
    this.msHigh = readHalf(from, at);
    this.msLow = readHalf(from, at + 4);
    this.sequenceHigh = readHalf(from, at + 8);
    this.sequenceLow = readHalf(from, at + 12);
  }

  /** Takes an ID of 128 bits. */
  setBig(id: bigint): void {
    this.setMsFrom(id >> SEQUENCE_BITS);
    this.setSequenceFrom(id & UINT64_MAX);
  }

  get big(): bigint {
    const ms = (BigInt(this.msHigh) << HALF_BITS) | BigInt(this.msLow);
    return (ms << SEQUENCE_BITS) | (BigInt(this.sequenceHigh) << HALF_BITS) | BigInt(this.sequenceLow);
  }

  toString(): string {
    return `${textOf(this.msHigh, this.msLow)}-${textOf(this.sequenceHigh, this.sequenceLow)}`;
  }

  /** Writes the text as bytes, `STREAM_ID_TEXT_MAX_BYTES` at most; returns where it ends. */
  writeText(into: Uint8Array, start: number): number {
    const at = writeDecimal(into, start, this.msHigh, this.msLow);
    into[at] = DASH;
    return writeDecimal(into, at + 1, this.sequenceHigh, this.sequenceLow);
  }

  /**
   * Takes `<ms>` or `<ms>-<sequence>` from the bytes `[start, end)`; false if they are neither. Without a sequence number
   * it becomes 0, or the largest with `isLast`.
   */
  parse(bytes: Uint8Array, start: number, end: number, isLast: boolean): boolean {
    let dash = start;
    while (dash < end && bytes[dash] !== DASH) dash++;
    const ms = parseUnsigned(bytes, start, dash);
    if (ms === undefined) return false;
    this.setMsFrom(ms);
    if (dash === end) {
      this.setSequence(isLast ? HALF_MAX : 0);
      return true;
    }
    const sequence = parseUnsigned(bytes, dash + 1, end);
    if (sequence === undefined) return false;
    this.setSequenceFrom(sequence);
    return true;
  }

  private setMsFrom(value: number | bigint): void {
    this.msHigh = highOf(value);
    this.msLow = lowOf(value);
  }

  private setSequenceFrom(value: number | bigint): void {
    this.sequenceHigh = highOf(value);
    this.sequenceLow = lowOf(value);
  }
}

function highOf(value: number | bigint): number {
  return typeof value === 'number' ? Math.floor(value / HALF) : Number(value >> HALF_BITS);
}

function lowOf(value: number | bigint): number {
  return typeof value === 'number' ? value % HALF : Number(BigInt.asUintN(32, value));
}

/** Digits of a number of 64 bits; returns where they end. */
function writeDecimal(into: Uint8Array, start: number, high: number, low: number): number {
  const value = high * HALF + low;
  if (value < SEVEN_DIGITS) return writeDigits(into, start, value, digitsOf(value));
  if (value >= SEVEN_DIGITS ** 2) {
    const text = textOf(high, low);
    for (let i = 0; i < text.length; i++) into[start + i] = text.charCodeAt(i);
    return start + text.length;
  }
  // Divided once: both parts are small integers then.
  const front = Math.floor(value / SEVEN_DIGITS);
  const at = writeDigits(into, start, front, digitsOf(front));
  return writeDigits(into, at, value - front * SEVEN_DIGITS, 7);
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits++;
  return digits;
}

function writeDigits(into: Uint8Array, start: number, value: number, count: number): number {
  let rest = value | 0;
  for (let at = start + count - 1; at >= start; at--) {
    const tenth = (rest / 10) | 0;
    into[at] = DIGIT_0 + rest - tenth * 10;
    rest = tenth;
  }
  return start + count;
}

function textOf(high: number, low: number): string {
  if (high === 0) return String(low);
  const value = high * HALF + low;
  return Number.isSafeInteger(value) ? String(value) : String((BigInt(high) << HALF_BITS) | BigInt(low));
}

/** As redis reads them: digits alone, with any number of zeros in front. */
function parseUnsigned(bytes: Uint8Array, first: number, end: number): number | bigint | undefined {
  let start = first;
  while (start < end - 1 && bytes[start] === DIGIT_0) start++;
  const count = end - start;
  if (count < 1 || count > DIGITS_MAX) return undefined;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - DIGIT_0;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (count <= NUMBER_DIGITS_MAX) return value;
  const exact = BigInt(Buffer.from(bytes.buffer, bytes.byteOffset + start, count).toString('latin1'));
  return exact <= UINT64_MAX ? exact : undefined;
}

function writeHalf(into: Uint8Array, at: number, half: number): void {
  into[at] = half >>> 24;
  into[at + 1] = half >>> 16;
  into[at + 2] = half >>> 8;
  into[at + 3] = half;
}

function readHalf(from: Uint8Array, at: number): number {
  return ((from[at] << 24) | (from[at + 1] << 16) | (from[at + 2] << 8) | from[at + 3]) >>> 0;
}
