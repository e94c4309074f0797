/**
 * LZF (M. Lehmann), the compression inside DUMP payloads: a sequence of two kinds of pieces.
 *
 * | first byte | then | meaning |
 * |---|---|---|
 * | `000nnnnn` | n + 1 bytes | these bytes as they are |
 * | `lllooooo`, l from 1 to 6 | 1 byte: o's low 8 bits | l + 2 bytes from o + 1 bytes back in the output |
 * | `111ooooo` | 1 byte: l, 1 byte: o's low 8 bits | the same with l + 9 bytes |
 *
 * A copy may reach into what it is writing, which repeats a pattern. The compressor is greedy: it looks up the last place
 * that had the same three bytes. Its output is not that of liblzf to the byte, but any LZF reader takes it. The
 * decompressor trusts nothing. Called by the DUMP codec.
 */

const LITERALS_MAX = 32;
const COPY_LENGTH_MIN = 3;
const COPY_LENGTH_MAX = 264;
const COPY_LENGTH_LONG = 9;
const DISTANCE_MAX = 8192;
const HASH_BITS = 13;
/** The longer nothing has been found, the larger the steps: what does not compress is passed over quickly. */
const STRIDE_SHIFT = 6;

/** Where bytes of a hash were last seen, plus 1; cleared for each call, so that equal input gives equal output. */
const lastSeen = new Int32Array(1 << HASH_BITS);

/** Writes `bytes`, compressed, to `into[at .. at + sizeMax]`. Gives the size, or 0 if it would not fit. */
export function compressLzf(bytes: Uint8Array, into: Uint8Array, at: number, sizeMax: number): number {
  lastSeen.fill(0);
  const end = at + sizeMax;
  let to = at;
  let literalsAt = 0;
  let i = 0;
  while (i + COPY_LENGTH_MIN <= bytes.length) {
    const hash = Math.imul((bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2], 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = lastSeen[hash] - 1;
    lastSeen[hash] = i + 1;
    const length = candidate < 0 || i - candidate > DISTANCE_MAX ? 0 : matchLength(bytes, candidate, i);
    if (length < COPY_LENGTH_MIN) {
      i += 1 + ((i - literalsAt) >>> STRIDE_SHIFT);
      continue;
    }
    to = writeLiterals(bytes, literalsAt, i, into, to, end);
    if (to < 0 || to + 3 > end) return 0;
    to = writeCopy(i - candidate, length, into, to);
    i += length;
    literalsAt = i;
  }
  to = writeLiterals(bytes, literalsAt, bytes.length, into, to, end);
  return to < 0 ? 0 : to - at;
}

/** Fills `into` with what `bytes[start .. end]` stand for. Says whether they were valid and gave exactly as many. */
export function decompressLzf(bytes: Uint8Array, start: number, end: number, into: Uint8Array): boolean {
  let to = 0;
  let i = start;
  while (i < end) {
    const control = bytes[i++];
    if (control < LITERALS_MAX) {
      const count = control + 1;
      if (i + count > end || to + count > into.length) return false;
      for (let k = 0; k < count; k++) into[to++] = bytes[i++];
      continue;
    }
    let length = (control >>> 5) + 2;
    if (length === COPY_LENGTH_LONG && i < end) length += bytes[i++];
    if (i >= end) return false;
    let from = to - (((control & 0x1f) << 8) | bytes[i++]) - 1;
    if (from < 0 || to + length > into.length) return false;
    for (let k = 0; k < length; k++) into[to++] = into[from++];
  }
  return to === into.length;
}

function matchLength(bytes: Uint8Array, candidate: number, at: number): number {
  const most = Math.min(bytes.length - at, COPY_LENGTH_MAX);
  let length = 0;
  while (length < most && bytes[candidate + length] === bytes[at + length]) length++;
  return length;
}

/** Gives where to go on, or -1 if there is no room. */
function writeLiterals(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
  intoEnd: number,
): number {
  for (let i = start; i < end; ) {
    const count = Math.min(end - i, LITERALS_MAX);
    if (at + 1 + count > intoEnd) return -1;
    into[at++] = count - 1;
    for (const stop = i + count; i < stop; ) into[at++] = bytes[i++];
  }
  return at;
}

function writeCopy(distance: number, length: number, into: Uint8Array, at: number): number {
  const offset = distance - 1;
  if (length < COPY_LENGTH_LONG) {
    into[at++] = ((length - 2) << 5) | (offset >>> 8);
  } else {
    into[at++] = 0xe0 | (offset >>> 8);
    into[at++] = length - COPY_LENGTH_LONG;
  }
  into[at++] = offset;
  return at;
}
