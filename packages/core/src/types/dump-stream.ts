/**
 * Streams in DUMP payloads.
 *
 * | what | form |
 * |---|---|
 * | number of nodes; for each: id of its first entry (16 bytes, big endian), entries | length; bytes, string of a listpack |
 * | length; last id | lengths |
 * | first id; greatest id that was deleted; entries ever added | lengths; from redis 7.0 on |
 * | number of groups; for each the following | length |
 * | name; last delivered id; entries read (all bits set: unknown) | string; lengths; the last from redis 7.0 on |
 * | number of pending entries; for each: id (16 bytes), time of delivery (ms), deliveries | length; bytes, 8 bytes, length |
 * | number of consumers; for each: name, time seen (ms), time active (ms), number of pending entries, their ids | string, 8 bytes, 8 bytes from redis 7.2 on, length, 16 bytes each |
 *
 * The listpack of a node has first: entries, entries deleted, number of fields of the first entry, these fields, 0. Then
 * for each entry: flags, id less that of the first (ms, sequence), and, if a flag says that its fields are those of the
 * first, the values; else number of fields, fields and values in turns; and how many elements these were.
 *
 * Written as redis 7.0 does, read as any version up to 7.2 wrote it. A payload is taken only if all agrees: ids ascend, counts
 * are right, and each pending entry has one consumer.
 */
import { parseInteger } from '../base/decimal.ts';
import type { DumpReader } from './dump-reader.ts';
import { DumpWriter } from './dump-writer.ts';
import { ListpackWriter, readListpack } from './listpack.ts';

const TYPE_SECOND = 19;
const VERSION = 10;
const ID_SIZE_BYTES = 16;
const FLAG_DELETED = 1;
const FLAG_SAME_FIELDS = 2;
/** As `stream-node-max-entries` and `stream-node-max-bytes` have it. */
const NODE_ENTRIES_MAX = 100;
const NODE_SIZE_MAX_BYTES = 4096;
const SEQUENCE_BITS = 64n;

/** Entry ids are 128 bits: ms since the epoch in the upper half, a sequence number in the lower. */
interface DumpedEntry {
  id: bigint;
  /** Fields and values in turns. */
  items: readonly Uint8Array[];
}

interface DumpedPending {
  id: bigint;
  /** Index in the group's consumers. */
  consumer: number;
  deliveredAtMs: number;
  deliveries: number;
}

interface DumpedConsumer {
  name: Uint8Array;
  seenAtMs: number;
  /** -1: never. */
  activeAtMs: number;
}

interface DumpedGroup {
  name: Uint8Array;
  lastId: bigint;
  /** -1: unknown; undefined: of a redis before 7.0, which did not count. */
  entriesRead: number | undefined;
  consumers: readonly DumpedConsumer[];
  /** In the order of ids. */
  pending: readonly DumpedPending[];
}

export interface DumpedStream {
  type: 'stream';
  entries: readonly DumpedEntry[];
  lastId: bigint;
  maxDeletedId: bigint;
  entriesAdded: number;
  groups: readonly DumpedGroup[];
}

/** The payload of a stream. */
export function dumpStream(stream: DumpedStream): Uint8Array {
  const { entries } = stream;
  const writer = new DumpWriter(TYPE_SECOND, NODE_SIZE_MAX_BYTES);
  const nodes = nodesOf(entries);
  writer.length(nodes.length);
  for (const node of nodes) {
    writer.string(idBytes(node[0].id));
    writer.string(listpackOf(node));
  }
  writer.length(entries.length);
  writeId(writer, stream.lastId);
  writeId(writer, entries.length === 0 ? 0n : entries[0].id);
  writeId(writer, stream.maxDeletedId);
  writer.length64(BigInt(stream.entriesAdded));
  writer.length(stream.groups.length);
  for (const group of stream.groups) writeGroup(writer, group);
  return writer.finish(VERSION);
}

function nodesOf(entries: readonly DumpedEntry[]): DumpedEntry[][] {
  const nodes: DumpedEntry[][] = [];
  let sizeBytes = NODE_SIZE_MAX_BYTES;
  for (const entry of entries) {
    const entryBytes = entry.items.reduce((sum, item) => sum + item.length, 0);
    sizeBytes += entryBytes;
    if (sizeBytes > NODE_SIZE_MAX_BYTES || nodes[nodes.length - 1].length === NODE_ENTRIES_MAX) {
      nodes.push([]);
      sizeBytes = entryBytes;
    }
    nodes[nodes.length - 1].push(entry);
  }
  return nodes;
}

function listpackOf(node: readonly DumpedEntry[]): Uint8Array {
  const listpack = new ListpackWriter();
  const master = node[0];
  const fieldCount = master.items.length / 2;
  listpack.appendInteger(node.length);
  listpack.appendInteger(0);
  listpack.appendInteger(fieldCount);
  for (let i = 0; i < fieldCount; i++) listpack.append(master.items[2 * i]);
  listpack.appendInteger(0);
  for (const { id, items } of node) {
    const isSame = hasFieldsOf(items, master.items);
    listpack.appendInteger(isSame ? FLAG_SAME_FIELDS : 0);
    listpack.appendInteger(BigInt.asIntN(64, (id >> SEQUENCE_BITS) - (master.id >> SEQUENCE_BITS)));
    listpack.appendInteger(BigInt.asIntN(64, BigInt.asUintN(64, id) - BigInt.asUintN(64, master.id)));
    if (isSame) for (let i = 1; i < items.length; i += 2) listpack.append(items[i]);
    else {
      listpack.appendInteger(items.length / 2);
      for (const item of items) listpack.append(item);
    }
    listpack.appendInteger(isSame ? 3 + items.length / 2 : 4 + items.length);
  }
  return listpack.finish();
}

function hasFieldsOf(items: readonly Uint8Array[], master: readonly Uint8Array[]): boolean {
  if (items.length !== master.length) return false;
  for (let i = 0; i < items.length; i += 2) if (Buffer.compare(items[i], master[i]) !== 0) return false;
  return true;
}

function writeGroup(writer: DumpWriter, group: DumpedGroup): void {
  writer.string(group.name);
  writeId(writer, group.lastId);
  writer.length64(BigInt.asUintN(64, BigInt(group.entriesRead ?? -1)));
  writer.length(group.pending.length);
  for (const pending of group.pending) {
    writer.raw(idBytes(pending.id));
    writer.milliseconds(pending.deliveredAtMs);
    writer.length(pending.deliveries);
  }
  writer.length(group.consumers.length);
  group.consumers.forEach((consumer, i) => {
    writer.string(consumer.name);
    writer.milliseconds(consumer.seenAtMs);
    const own = group.pending.filter((pending) => pending.consumer === i);
    writer.length(own.length);
    for (const { id } of own) writer.raw(idBytes(id));
  });
}

function writeId(writer: DumpWriter, id: bigint): void {
  writer.length64(id >> SEQUENCE_BITS);
  writer.length64(BigInt.asUintN(64, id));
}

function idBytes(id: bigint): Uint8Array {
  const bytes = Buffer.alloc(ID_SIZE_BYTES);
  bytes.writeBigUInt64BE(id >> SEQUENCE_BITS, 0);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, id), 8);
  return bytes;
}

/** The stream; undefined if something does not agree. `hasCounts`: of redis 7.0 or later. `hasActive`: of 7.2 or later. */
export function readStream(reader: DumpReader, hasCounts: boolean, hasActive: boolean): DumpedStream | undefined {
  const entries: DumpedEntry[] = [];
  for (let rest = reader.count(); rest > 0 && !reader.isBroken; rest--) {
    const first = reader.string();
    if (first.length !== ID_SIZE_BYTES || !readNode(idFrom(first), reader.string(), entries)) return undefined;
  }
  const count = reader.length();
  const lastId = readId(reader);
  let maxDeletedId = 0n;
  let entriesAdded = count;
  if (hasCounts) {
    readId(reader);
    maxDeletedId = readId(reader);
    entriesAdded = reader.length();
  }
  if (reader.isBroken || count !== entries.length || !ascend(entries, lastId)) return undefined;
  const groups: DumpedGroup[] = [];
  for (let rest = reader.count(); rest > 0; rest--) {
    const group = readGroup(reader, hasCounts, hasActive);
    if (group === undefined || reader.isBroken) return undefined;
    groups.push(group);
  }
  return { type: 'stream', entries, lastId, maxDeletedId, entriesAdded, groups };
}

function ascend(entries: readonly DumpedEntry[], lastId: bigint): boolean {
  for (let i = 1; i < entries.length; i++) if (entries[i].id <= entries[i - 1].id) return false;
  return entries.length === 0 || entries[entries.length - 1].id <= lastId;
}

/** Adds the entries of a node that are not deleted; false if it is none. */
function readNode(first: bigint, bytes: Uint8Array, entries: DumpedEntry[]): boolean {
  const elements = readListpack(bytes);
  if (elements === undefined) return false;
  let at = 0;
  const next = (): number => {
    const element = elements[at++];
    const value = element === undefined ? undefined : parseInteger(element, 0, element.length);
    return typeof value === 'number' ? value : Number.NaN;
  };
  const live = next();
  const deleted = next();
  const fieldCount = next();
  if (!isCount(live) || !isCount(deleted) || !isCount(fieldCount)) return false;
  if (fieldCount > elements.length) return false;
  const fields = elements.slice(at, at + fieldCount);
  at += fieldCount;
  if (next() !== 0) return false;
  let found = 0;
  for (let rest = live + deleted; rest > 0; rest--) {
    const flags = next();
    const id = addToId(first, elements[at], elements[at + 1]);
    at += 2;
    const isSame = (flags & FLAG_SAME_FIELDS) !== 0;
    const pairCount = isSame ? fieldCount : next();
    const itemCount = isSame ? pairCount : 2 * pairCount;
    if (!isCount(flags) || id === undefined || !isCount(pairCount) || at + itemCount >= elements.length) return false;
    const items = elements.slice(at, at + itemCount);
    at += itemCount;
    if (next() !== (isSame ? 3 : 4) + itemCount) return false;
    if ((flags & FLAG_DELETED) !== 0) continue;
    found++;
    entries.push({ id, items: isSame ? fields.flatMap((field, i) => [field, items[i]]) : items });
  }
  return found === live && at === elements.length;
}

function isCount(value: number): boolean {
  return value >= 0;
}

function addToId(
  first: bigint,
  msText: Uint8Array | undefined,
  sequenceText: Uint8Array | undefined,
): bigint | undefined {
  if (msText === undefined || sequenceText === undefined) return undefined;
  const ms = parseInteger(msText, 0, msText.length);
  const sequence = parseInteger(sequenceText, 0, sequenceText.length);
  if (ms === undefined || sequence === undefined) return undefined;
  const high = BigInt.asUintN(64, (first >> SEQUENCE_BITS) + BigInt(ms));
  return (high << SEQUENCE_BITS) | BigInt.asUintN(64, BigInt.asUintN(64, first) + BigInt(sequence));
}

function readGroup(reader: DumpReader, hasCounts: boolean, hasActive: boolean): DumpedGroup | undefined {
  const name = reader.string();
  const lastId = readId(reader);
  const entriesRead = hasCounts ? Number(BigInt.asIntN(64, BigInt(reader.length64()))) : undefined;
  const pending: DumpedPending[] = [];
  for (let rest = reader.count(); rest > 0 && !reader.isBroken; rest--) {
    const id = idFrom(reader.raw(ID_SIZE_BYTES));
    pending.push({ id, consumer: -1, deliveredAtMs: reader.milliseconds(), deliveries: reader.length() });
  }
  const byId = new Map(pending.map((entry) => [entry.id, entry]));
  const consumers: DumpedConsumer[] = [];
  for (let rest = reader.count(); rest > 0 && !reader.isBroken; rest--) {
    const consumer = reader.string();
    const seenAtMs = reader.milliseconds();
    const activeAtMs = hasActive ? reader.milliseconds() : seenAtMs;
    for (let own = reader.count(); own > 0 && !reader.isBroken; own--) {
      const entry = byId.get(idFrom(reader.raw(ID_SIZE_BYTES)));
      if (entry === undefined || entry.consumer >= 0) return undefined;
      entry.consumer = consumers.length;
    }
    consumers.push({ name: consumer, seenAtMs, activeAtMs });
  }
  if (byId.size !== pending.length || pending.some((entry) => entry.consumer < 0)) return undefined;
  pending.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { name, lastId, entriesRead, consumers, pending };
}

function readId(reader: DumpReader): bigint {
  const ms = BigInt(reader.length64());
  return (ms << SEQUENCE_BITS) | BigInt(reader.length64());
}

/** 0 for too few bytes, which only a broken reader gives. */
function idFrom(bytes: Uint8Array): bigint {
  if (bytes.length < ID_SIZE_BYTES) return 0n;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return (view.getBigUint64(0) << SEQUENCE_BITS) | view.getBigUint64(8);
}
