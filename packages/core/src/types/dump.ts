/**
 * DUMP payloads in redis's own format: what DUMP answers and RESTORE takes, also from and to a real redis.
 *
 * | bytes | what |
 * |---|---|
 * | 1 | type of the value and its form, see `DUMP_*` |
 * | n | the value |
 * | 2 | version of the format, little endian |
 * | 8 | CRC-64 of everything before, little endian |
 *
 * A string is a length and its bytes, or, if the first byte begins with 11, one of the special forms:
 *
 * | first byte | then | meaning |
 * |---|---|---|
 * | `00nnnnnn` | | length n |
 * | `01nnnnnn` | 1 byte | length of 14 bits, high ones first |
 * | `0x80`, `0x81` | 4, 8 bytes | length, big endian |
 * | `0xc0`, `0xc1`, `0xc2` | 1, 2, 4 bytes | the decimal text of this signed little-endian integer |
 * | `0xc3` | length of what follows the two lengths, length of the string | the string, compressed by LZF |
 *
 * Collections are made of strings and counts; small ones are one string that holds a listpack, an integer set, or, in
 * payloads of older versions, a ziplist or a zipmap. What is written is what redis 7.0 writes, but for hashes with fields that expire: these it does not have. What is read may be of any
 * version up to 7.4, is trusted in nothing, and is only ever refused. Whether members repeat is left to who stores them.
 */
import { writeCrc64 } from '../base/crc64.ts';
import { parseInteger } from '../base/decimal.ts';
import { formatDouble, parseDouble } from '../base/double.ts';
import { DumpReader } from './dump-reader.ts';
import { type DumpedStream, dumpStream, readStream } from './dump-stream.ts';
import { DumpWriter, FOOTER_SIZE_BYTES } from './dump-writer.ts';
import { ListpackWriter, readListpack } from './listpack.ts';
import { readIntset, readZiplist, readZipmap, writeIntset } from './ziplist.ts';

/** What redis 7.0 writes. */
const DUMP_VERSION = 10;
/** What redis 7.4 writes: of a hash with fields that expire, which 7.0 does not have. */
const DUMP_VERSION_OF_EXPIRING = 12;
const VERSION_MAX = 12;
const SUM_SIZE_BYTES = 8;
/** The latest time that a key or field may have, ms since the epoch. */
const EXPIRES_AT_MAX_MS = 2 ** 48 - 1;

const DUMP_STRING = 0;
const DUMP_LIST = 1;
const DUMP_SET = 2;
const DUMP_ZSET_TEXT = 3;
const DUMP_HASH = 4;
const DUMP_ZSET = 5;
const DUMP_HASH_ZIPMAP = 9;
const DUMP_LIST_ZIPLIST = 10;
const DUMP_SET_INTSET = 11;
const DUMP_ZSET_ZIPLIST = 12;
const DUMP_HASH_ZIPLIST = 13;
const DUMP_LIST_ZIPLISTS = 14;
const DUMP_STREAM_FIRST = 15;
const DUMP_HASH_LISTPACK = 16;
const DUMP_ZSET_LISTPACK = 17;
const DUMP_LIST_LISTPACKS = 18;
const DUMP_STREAM_SECOND = 19;
const DUMP_SET_LISTPACK = 20;
const DUMP_STREAM_THIRD = 21;
const DUMP_HASH_EXPIRING = 24;
const DUMP_HASH_EXPIRING_LISTPACK = 25;

/** Kinds of the parts of a list: one long element by itself, or a listpack. */
const PART_PLAIN = 1;
const PART_PACKED = 2;
/** A listpack of a list takes no more, unless it is of one element. */
const PART_SIZE_MAX_BYTES = 8192;
/** Bytes of an element's head and of its size behind it. */
const ELEMENT_OVERHEAD_BYTES = 10;

const SCORE_TEXT_NAN = 253;
const SCORE_TEXT_INFINITE = 254;
const SCORE_TEXT_MINUS_INFINITE = 255;

/** What redis says of a payload that holds no value. */
export const BAD_FORMAT = 'Bad data format';

/**
 * Why a payload is refused: `footer` if its version is unknown or its sum is wrong ("DUMP payload version or checksum
 * are wrong"), `format` if what it holds is no value (`BAD_FORMAT`).
 */
type DumpFault = 'footer' | 'format';

/** What a payload holds. The bytes may be views of it. */
export type DumpedValue =
  | { type: 'string'; value: Uint8Array }
  | { type: 'list' | 'set'; items: Uint8Array[] }
  /** Fields and values in turns; when each field expires, ms since the epoch, 0 for never: empty if none does. */
  | { type: 'hash'; items: Uint8Array[]; expiries: number[] }
  | { type: 'zset'; items: Uint8Array[]; scores: number[] }
  | DumpedStream;

/** The payload of a value. `isSmall`: in the form that redis keeps few and short members in. */
export function dumpValue(value: DumpedValue, isSmall: boolean): Uint8Array {
  switch (value.type) {
    case 'string':
      return dumpString(value.value);
    case 'list':
      return dumpList(value.items);
    case 'set':
      return dumpSet(value.items, isSmall);
    case 'hash':
      return dumpHash(value.items, value.expiries, isSmall);
    case 'zset':
      return dumpZset(value.items, value.scores, isSmall);
    case 'stream':
      return dumpStream(value);
  }
}

/** The payload of a string. */
export function dumpString(value: Uint8Array): Uint8Array {
  const writer = new DumpWriter(DUMP_STRING, value.length);
  writer.string(value);
  return writer.finish(DUMP_VERSION);
}

function dumpList(items: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let part = new ListpackWriter();
  for (const item of items) {
    if (part.count > 0 && part.sizeBytes + item.length + ELEMENT_OVERHEAD_BYTES > PART_SIZE_MAX_BYTES) {
      parts.push(part.finish());
      part = new ListpackWriter();
    }
    part.append(item);
  }
  parts.push(part.finish());
  const writer = new DumpWriter(DUMP_LIST_LISTPACKS, sizeOf(parts));
  writer.length(parts.length);
  for (const bytes of parts) {
    writer.length(PART_PACKED);
    writer.string(bytes);
  }
  return writer.finish(DUMP_VERSION);
}

/** `isIntset`: it has integers only, and few. */
function dumpSet(members: readonly Uint8Array[], isIntset: boolean): Uint8Array {
  if (!isIntset) return dumpStrings(DUMP_SET, members.length, members);
  const intset = writeIntset(members.map((member) => parseInteger(member, 0, member.length) ?? 0));
  const writer = new DumpWriter(DUMP_SET_INTSET, intset.length);
  writer.string(intset);
  return writer.finish(DUMP_VERSION);
}

/** `isSmall`: as a listpack. */
function dumpHash(items: readonly Uint8Array[], expiries: readonly number[], isSmall: boolean): Uint8Array {
  if (expiries.some((expiresAtMs) => expiresAtMs !== 0)) {
    return isSmall ? dumpExpiringListpack(items, expiries) : dumpExpiring(items, expiries);
  }
  return isSmall ? dumpListpack(DUMP_HASH_LISTPACK, items) : dumpStrings(DUMP_HASH, items.length / 2, items);
}

/** The first expiry, then of each field how much later it expires, plus 1, or 0 for never, itself and its value. */
function dumpExpiring(items: readonly Uint8Array[], expiries: readonly number[]): Uint8Array {
  const writer = new DumpWriter(DUMP_HASH_EXPIRING, sizeOf(items) + 9 * expiries.length);
  const first = firstOf(expiries);
  writer.milliseconds(first);
  writer.length(expiries.length);
  expiries.forEach((expiresAtMs, i) => {
    writer.length64(BigInt(expiresAtMs === 0 ? 0 : expiresAtMs - first + 1));
    writer.string(items[2 * i]);
    writer.string(items[2 * i + 1]);
  });
  return writer.finish(DUMP_VERSION_OF_EXPIRING);
}

/** The first expiry, then a listpack: each field, its value and its expiry, the first one to expire first. */
function dumpExpiringListpack(items: readonly Uint8Array[], expiries: readonly number[]): Uint8Array {
  const order = expiries.map((_, i) => i).sort((a, b) => lateness(expiries[a]) - lateness(expiries[b]));
  const listpack = new ListpackWriter();
  for (const i of order) {
    listpack.append(items[2 * i]);
    listpack.append(items[2 * i + 1]);
    listpack.appendInteger(expiries[i]);
  }
  const bytes = listpack.finish();
  const writer = new DumpWriter(DUMP_HASH_EXPIRING_LISTPACK, 8 + bytes.length);
  writer.milliseconds(firstOf(expiries));
  writer.string(bytes);
  return writer.finish(DUMP_VERSION_OF_EXPIRING);
}

function firstOf(expiries: readonly number[]): number {
  return expiries.reduce((first, expiresAtMs) => Math.min(first, lateness(expiresAtMs)), Number.MAX_SAFE_INTEGER);
}

function lateness(expiresAtMs: number): number {
  return expiresAtMs === 0 ? Number.MAX_SAFE_INTEGER : expiresAtMs;
}

/** Its members come in its order. `isSmall`: as a listpack. */
function dumpZset(members: readonly Uint8Array[], scores: ArrayLike<number>, isSmall: boolean): Uint8Array {
  if (isSmall) {
    const items: Uint8Array[] = [];
    members.forEach((member, i) => {
      items.push(member, Buffer.from(formatDouble(scores[i])));
    });
    return dumpListpack(DUMP_ZSET_LISTPACK, items);
  }
  const writer = new DumpWriter(DUMP_ZSET, sizeOf(members) + 8 * members.length);
  writer.length(members.length);
  // Redis writes the last one first, which is quicker to insert.
  for (let i = members.length - 1; i >= 0; i--) {
    writer.string(members[i]);
    writer.double(scores[i]);
  }
  return writer.finish(DUMP_VERSION);
}

function dumpStrings(type: number, count: number, items: readonly Uint8Array[]): Uint8Array {
  const writer = new DumpWriter(type, sizeOf(items));
  writer.length(count);
  for (const item of items) writer.string(item);
  return writer.finish(DUMP_VERSION);
}

function dumpListpack(type: number, items: readonly Uint8Array[]): Uint8Array {
  const listpack = new ListpackWriter();
  for (const item of items) listpack.append(item);
  const bytes = listpack.finish();
  const writer = new DumpWriter(type, bytes.length);
  writer.string(bytes);
  return writer.finish(DUMP_VERSION);
}

function sizeOf(items: readonly Uint8Array[]): number {
  return items.reduce((sum, item) => sum + item.length + ELEMENT_OVERHEAD_BYTES, 0);
}

/** The value that a payload holds, or why there is none. Bytes after the value are ignored. */
export function restoreValue(payload: Uint8Array): DumpedValue | DumpFault {
  const end = payload.length - FOOTER_SIZE_BYTES;
  if (end < 0 || !isFooterValid(payload, end)) return 'footer';
  if (end < 1) return 'format';
  const reader = new DumpReader(payload, 1, end);
  const value = readValue(payload[0], reader);
  return value === undefined || reader.isBroken || isEmpty(value) ? 'format' : value;
}

function isFooterValid(payload: Uint8Array, at: number): boolean {
  if ((payload[at] | (payload[at + 1] << 8)) > VERSION_MAX) return false;
  const sum = new Uint8Array(SUM_SIZE_BYTES);
  writeCrc64(payload, 0, at + 2, sum, 0);
  return sum.every((byte, i) => byte === payload[at + 2 + i]);
}

/** No collection is empty, but a stream may be. */
function isEmpty(value: DumpedValue): boolean {
  return value.type !== 'string' && value.type !== 'stream' && value.items.length === 0;
}

function readValue(type: number, reader: DumpReader): DumpedValue | undefined {
  switch (type) {
    case DUMP_STRING:
      return { type: 'string', value: reader.string() };
    case DUMP_LIST:
      return { type: 'list', items: readStrings(reader, 1) };
    case DUMP_LIST_ZIPLIST:
      return listOf(readZiplist(reader.string()));
    case DUMP_LIST_ZIPLISTS:
    case DUMP_LIST_LISTPACKS:
      return listOf(readParts(reader, type === DUMP_LIST_LISTPACKS));
    case DUMP_SET:
      return { type: 'set', items: readStrings(reader, 1) };
    case DUMP_SET_INTSET:
      return setOf(readIntset(reader.string()));
    case DUMP_SET_LISTPACK:
      return setOf(readListpack(reader.string()));
    case DUMP_HASH:
      return { type: 'hash', items: readStrings(reader, 2), expiries: [] };
    case DUMP_HASH_EXPIRING:
      return readExpiring(reader);
    case DUMP_HASH_EXPIRING_LISTPACK:
      reader.milliseconds();
      return expiringOf(readListpack(reader.string()));
    case DUMP_HASH_ZIPMAP:
      return hashOf(readZipmap(reader.string()));
    case DUMP_HASH_ZIPLIST:
      return hashOf(readZiplist(reader.string()));
    case DUMP_HASH_LISTPACK:
      return hashOf(readListpack(reader.string()));
    case DUMP_ZSET:
    case DUMP_ZSET_TEXT:
      return readZset(reader, type === DUMP_ZSET_TEXT);
    case DUMP_ZSET_ZIPLIST:
      return zsetOf(readZiplist(reader.string()));
    case DUMP_ZSET_LISTPACK:
      return zsetOf(readListpack(reader.string()));
    case DUMP_STREAM_FIRST:
    case DUMP_STREAM_SECOND:
    case DUMP_STREAM_THIRD:
      return readStream(reader, type !== DUMP_STREAM_FIRST, type === DUMP_STREAM_THIRD);
    default:
      return undefined;
  }
}

/** A count, and `each` strings for each. */
function readStrings(reader: DumpReader, each: number): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let rest = reader.count() * each; rest > 0 && !reader.isBroken; rest--) items.push(reader.string());
  return items;
}

/** The elements of a list in parts; undefined if one is none. */
function readParts(reader: DumpReader, hasKinds: boolean): Uint8Array[] | undefined {
  const items: Uint8Array[] = [];
  for (let rest = reader.count(); rest > 0 && !reader.isBroken; rest--) {
    const kind = hasKinds ? reader.length() : PART_PACKED;
    const bytes = reader.string();
    if (kind === PART_PLAIN) items.push(bytes);
    else {
      const part = kind !== PART_PACKED ? undefined : hasKinds ? readListpack(bytes) : readZiplist(bytes);
      if (part === undefined) return undefined;
      for (const item of part) items.push(item);
    }
  }
  return items;
}

function readZset(reader: DumpReader, isText: boolean): DumpedValue | undefined {
  const items: Uint8Array[] = [];
  const scores: number[] = [];
  for (let rest = reader.count(); rest > 0 && !reader.isBroken; rest--) {
    items.push(reader.string());
    scores.push(isText ? readScoreText(reader) : reader.double());
  }
  return scores.some(Number.isNaN) ? undefined : { type: 'zset', items, scores };
}

function readScoreText(reader: DumpReader): number {
  const length = reader.byte();
  if (length === SCORE_TEXT_NAN) return Number.NaN;
  if (length === SCORE_TEXT_INFINITE) return Number.POSITIVE_INFINITY;
  return length === SCORE_TEXT_MINUS_INFINITE ? Number.NEGATIVE_INFINITY : scoreOf(reader.raw(length));
}

/** NaN if it is no number. */
function scoreOf(text: Uint8Array): number {
  return parseDouble(text, 0, text.length) ?? Number.NaN;
}

function listOf(items: Uint8Array[] | undefined): DumpedValue | undefined {
  return items && { type: 'list', items };
}

function setOf(items: Uint8Array[] | undefined): DumpedValue | undefined {
  return items && { type: 'set', items };
}

function hashOf(items: Uint8Array[] | undefined): DumpedValue | undefined {
  return items === undefined || (items.length & 1) === 1 ? undefined : { type: 'hash', items, expiries: [] };
}

function readExpiring(reader: DumpReader): DumpedValue | undefined {
  const items: Uint8Array[] = [];
  const expiries: number[] = [];
  const first = reader.milliseconds();
  for (let rest = reader.count(); rest > 0 && !reader.isBroken; rest--) {
    const later = reader.length();
    expiries.push(later === 0 ? 0 : first + later - 1);
    items.push(reader.string(), reader.string());
  }
  return expiries.every(isExpiry) ? { type: 'hash', items, expiries } : undefined;
}

/** Of fields, values and expiries in turns. */
function expiringOf(triples: Uint8Array[] | undefined): DumpedValue | undefined {
  if (triples === undefined || triples.length % 3 !== 0) return undefined;
  const items = triples.filter((_, i) => i % 3 !== 2);
  const expiries = triples.filter((_, i) => i % 3 === 2).map((text) => Number(parseInteger(text, 0, text.length)));
  return expiries.every(isExpiry) ? { type: 'hash', items, expiries } : undefined;
}

function isExpiry(expiresAtMs: number): boolean {
  return expiresAtMs >= 0 && expiresAtMs <= EXPIRES_AT_MAX_MS;
}

/** Of members and scores in turns. */
function zsetOf(pairs: Uint8Array[] | undefined): DumpedValue | undefined {
  if (pairs === undefined || (pairs.length & 1) === 1) return undefined;
  const items = pairs.filter((_, i) => (i & 1) === 0);
  const scores = pairs.filter((_, i) => (i & 1) === 1).map(scoreOf);
  return scores.some(Number.isNaN) ? undefined : { type: 'zset', items, scores };
}
