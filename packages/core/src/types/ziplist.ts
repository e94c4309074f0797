/**
 * The packed forms of redis before 7.0, which old payloads hold: ziplists, zipmaps and integer sets. Read, and integer
 * sets, which redis still has, written, too.
 *
 * **Ziplist**: size of all (4 bytes), where the last entry is (4), number of entries (2), entries, `0xff`. An entry is the
 * size of the one before (1 byte, or `0xfe` and 4), a head and bytes:
 *
 * | head | entry |
 * |---|---|
 * | `00nnnnnn` | a string of n bytes |
 * | `01nnnnnn` + 1 byte | a string of n bytes, 14 bits, high ones first |
 * | `10......` + 4 bytes | a string of n bytes, big endian |
 * | `0xc0`, `0xd0`, `0xe0`, `0xf0`, `0xfe` + 2, 4, 8, 3, 1 bytes | a signed little-endian integer |
 * | `0xf1` to `0xfd` | the integers 0 to 12 |
 *
 * **Zipmap**: number of pairs (1 byte), for each pair the length (1 byte, or `0xfe` and 4) and bytes of the field, length of
 * the value, number of unused bytes (1), the value and those; `0xff`. **Integer set**: bytes of each integer (4 bytes: 2, 4
 * or 8), how many (4), the integers in order. All little endian where nothing else is said. Nothing that is read is trusted.
 */

const ZIPLIST_HEADER_SIZE_BYTES = 10;
const INTSET_HEADER_SIZE_BYTES = 8;
const END = 0xff;
const LONG = 0xfe;
const COUNT_UNKNOWN = 0xffff;
const IMMEDIATE_FIRST = 0xf1;
const IMMEDIATE_LAST = 0xfd;
const INTEGER_SIZES_BYTES: Readonly<Record<number, number>> = { 192: 2, 208: 4, 224: 8, 240: 3, 254: 1 };

/** The entries of a ziplist, integers as their text, strings as views; undefined if it is none. */
export function readZiplist(ziplist: Uint8Array): Uint8Array[] | undefined {
  const bytes = bufferOf(ziplist);
  const last = bytes.length - 1;
  if (last < ZIPLIST_HEADER_SIZE_BYTES || bytes.readUInt32LE(0) !== bytes.length || bytes[last] !== END) {
    return undefined;
  }
  const entries: Uint8Array[] = [];
  let at = ZIPLIST_HEADER_SIZE_BYTES;
  while (at < last) {
    at += bytes[at] === LONG ? 5 : 1;
    // What a head may need is there, since five bytes more are asked for than the shortest entry has.
    const end = at < last ? readZiplistEntry(bytes, at, last, entries) : -1;
    if (end < 0) return undefined;
    at = end;
  }
  const count = bytes.readUInt16LE(8);
  return at === last && (count === COUNT_UNKNOWN || count === entries.length) ? entries : undefined;
}

/** Adds the entry whose head is at `at`; gives its end, -1 if it does not end before `last`. */
function readZiplistEntry(bytes: Buffer, at: number, last: number, entries: Uint8Array[]): number {
  const head = bytes[at];
  if (head < 0xc0) return readZiplistString(bytes, at, last, entries);
  if (head >= IMMEDIATE_FIRST && head <= IMMEDIATE_LAST) {
    entries.push(Buffer.from(String(head - IMMEDIATE_FIRST)));
    return at + 1;
  }
  const sizeBytes = INTEGER_SIZES_BYTES[head];
  if (sizeBytes === undefined || at + 1 + sizeBytes > last) return -1;
  const value = sizeBytes === 8 ? bytes.readBigInt64LE(at + 1) : bytes.readIntLE(at + 1, sizeBytes);
  entries.push(Buffer.from(String(value)));
  return at + 1 + sizeBytes;
}

function readZiplistString(bytes: Buffer, at: number, last: number, entries: Uint8Array[]): number {
  const head = bytes[at];
  const headBytes = head < 0x40 ? 1 : head < 0x80 ? 2 : 5;
  if (at + headBytes > last) return -1;
  const length =
    headBytes === 1 ? head : headBytes === 2 ? bytes.readUInt16BE(at) & 0x3fff : bytes.readUInt32BE(at + 1);
  const end = at + headBytes + length;
  if (end > last) return -1;
  entries.push(bytes.subarray(at + headBytes, end));
  return end;
}

/** The fields and values of a zipmap, in turns, as views; undefined if it is none. */
export function readZipmap(zipmap: Uint8Array): Uint8Array[] | undefined {
  const bytes = bufferOf(zipmap);
  const last = bytes.length - 1;
  if (last < 1 || bytes[last] !== END) return undefined;
  const entries: Uint8Array[] = [];
  let at = 1;
  while (at < last) {
    const isValue = (entries.length & 1) === 1;
    const headBytes = bytes[at] === LONG ? 5 : 1;
    if (at + headBytes + (isValue ? 1 : 0) > last) return undefined;
    const length = headBytes === 1 ? bytes[at] : bytes.readUInt32LE(at + 1);
    at += headBytes;
    const unusedBytes = isValue ? bytes[at++] : 0;
    if (at + length + unusedBytes > last) return undefined;
    entries.push(bytes.subarray(at, at + length));
    at += length + unusedBytes;
  }
  return (entries.length & 1) === 0 ? entries : undefined;
}

/** The texts of the integers of a set; undefined if it is none. */
export function readIntset(intset: Uint8Array): Uint8Array[] | undefined {
  const bytes = bufferOf(intset);
  if (bytes.length < INTSET_HEADER_SIZE_BYTES) return undefined;
  const sizeBytes = bytes.readUInt32LE(0);
  const count = bytes.readUInt32LE(4);
  if (sizeBytes !== 2 && sizeBytes !== 4 && sizeBytes !== 8) return undefined;
  if (bytes.length !== INTSET_HEADER_SIZE_BYTES + sizeBytes * count) return undefined;
  const entries: Uint8Array[] = [];
  for (let at = INTSET_HEADER_SIZE_BYTES; at < bytes.length; at += sizeBytes) {
    entries.push(Buffer.from(String(sizeBytes === 8 ? bytes.readBigInt64LE(at) : bytes.readIntLE(at, sizeBytes))));
  }
  return entries;
}

/** A set of integers, given in any order. */
export function writeIntset(integers: readonly (number | bigint)[]): Uint8Array {
  const sorted = integers.map(BigInt).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const widest = sorted.reduce((most, value) => {
    const sizeBytes = BigInt.asIntN(16, value) === value ? 2 : BigInt.asIntN(32, value) === value ? 4 : 8;
    return sizeBytes > most ? sizeBytes : most;
  }, 2);
  const bytes = Buffer.alloc(INTSET_HEADER_SIZE_BYTES + widest * sorted.length);
  bytes.writeUInt32LE(widest, 0);
  bytes.writeUInt32LE(sorted.length, 4);
  sorted.forEach((value, i) => {
    const at = INTSET_HEADER_SIZE_BYTES + widest * i;
    if (widest === 8) bytes.writeBigInt64LE(value, at);
    else bytes.writeIntLE(Number(value), at, widest);
  });
  return bytes;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
