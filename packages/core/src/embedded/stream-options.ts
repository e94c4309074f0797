/** Options of the methods for streams: what they are, and how IDs, ranges and fields are understood. */

import { FerriteError } from '../base/errors.ts';
import { nameOfKind } from '../base/name-of-kind.ts';
import { StreamId } from '../base/stream-id.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { ClaimTerms } from '../keyspace/stream-group-operations.ts';
import type { IdForm, Trim } from '../keyspace/streams.ts';
import { checkKey, checkOptions, pairsOf } from './values.ts';

/** Fields of an entry with their values, in order. */
export type EntryFields<V> = Readonly<Record<string, V | Uint8Array>> | Iterable<readonly [Key, V | Uint8Array]>;

/** IDs by the keys of streams. */
export type StreamIds = Readonly<Record<string, string>> | Iterable<readonly [Key, string]>;

export interface StreamEntry<V> {
  /** `<milliseconds>-<number>`. */
  id: string;
  /** In the order in which they were given; of a field that was given twice the last value. */
  fields: Map<string, V>;
}

export interface XtrimOptions {
  /** Most entries that stay: the oldest go. */
  maxLength?: number;
  /** Entries with lower IDs go. */
  minId?: string;
}

export interface XaddOptions extends XtrimOptions {
  /** The entry's ID, above that of every entry before; `<ms>-*` for the next one of a time. If left out, the next one of now. */
  id?: string;
  /** False: an entry is only added to a stream that is there. */
  makeStream?: boolean;
}

export interface XreadOptions {
  /** Most entries given of each stream. */
  count?: number;
}

export interface XreadgroupOptions extends XreadOptions {
  /** Entries count as acknowledged at once. */
  noAck?: boolean;
}

export interface XgroupOptions {
  /** How many entries were added up to the ID, if that is known: for the group's lag. */
  entriesRead?: number;
}

export interface XsetidOptions {
  entriesAdded?: number;
  maxDeletedId?: string;
}

export interface XpendingOptions {
  /** IDs from which and up to which; see `xrange`. */
  start?: string;
  end?: string;
  /** Most entries given: 100, if left out. */
  count?: number;
  /** Only what is pending for this one. */
  consumer?: string;
  /** Only what was delivered so long ago. */
  minIdleMs?: number;
}

export interface XclaimOptions {
  /** The entries count as delivered so long ago: now, if left out. */
  idleMs?: number;
  /** When they count as delivered, in ms since the epoch. */
  deliveredAt?: number;
  /** How often they count as delivered: once more than before, if left out. */
  deliveries?: number;
  /** Claims entries, too, that are not pending. */
  force?: boolean;
  /** What the group has read up to, if that is more. */
  lastId?: string;
}

export interface XautoclaimOptions {
  /** Where to go on: `next` of the call before; the lowest ID, if left out. */
  start?: string;
  /** Most entries claimed: 100, if left out. */
  count?: number;
}

const TRIM = { maxLength: 'number', minId: 'string' } as const;
const ADD = { ...TRIM, id: 'string', makeStream: 'boolean' } as const;
const PENDING = { start: 'string', end: 'string', count: 'number', consumer: 'string', minIdleMs: 'number' } as const;
const CLAIM = {
  idleMs: 'number',
  deliveredAt: 'number',
  deliveries: 'number',
  force: 'boolean',
  lastId: 'string',
} as const;
const AUTOCLAIM = { start: 'string', count: 'number' } as const;
const COUNT_DEFAULT = 100;

/** Throws unless the text is an ID; one without a number is the first of its millisecond, or the last. */
export function idOf(text: string, isLast = false): StreamId {
  const id = new StreamId();
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : null;
  if (bytes !== null && id.parse(bytes, 0, bytes.length, isLast)) return id;
  throw wrong(`an ID is a text such as '1526919030474-0', not ${shown(text)}`);
}

export function idsOf(texts: readonly string[]): StreamId[] {
  if (Array.isArray(texts)) return texts.map((text) => idOf(text));
  throw wrong(`give an array of IDs, not ${shown(texts)}`);
}

/** `$` for the last ID there is: null. */
export function idOrLast(text: string): StreamId | null {
  return text === '$' ? null : idOf(text);
}

/** `-` and `+` for the lowest and the highest ID, `(` in front of one that is not in it. Null if there is nothing between. */
export function intervalOf(start: string, end: string): { start: StreamId; end: StreamId } | null {
  const isStartOpen = isOpen(start);
  const isEndOpen = isOpen(end);
  const from = edgeOf(isStartOpen ? start.slice(1) : start, false);
  const to = edgeOf(isEndOpen ? end.slice(1) : end, true);
  if ((isStartOpen && !from.increment()) || (isEndOpen && !to.decrement())) return null;
  return { start: from, end: to };
}

function isOpen(text: string): boolean {
  return typeof text === 'string' && text.length > 1 && text[0] === '(';
}

function edgeOf(text: string, isLast: boolean): StreamId {
  const id = new StreamId();
  if (text === '+') id.setMax();
  else if (text !== '-') return idOf(text, isLast);
  return id;
}

export function addOf(options: XaddOptions): { form: IdForm; id: StreamId; trim: Trim | null; makesStream: boolean } {
  checkOptions(options, ADD);
  const { id: given = '*', makeStream: makesStream = true, ...rest } = options;
  const trim = rest.maxLength === undefined && rest.minId === undefined ? null : trimOf(rest);
  if (given === '*') return { form: 'none', id: new StreamId(), trim, makesStream };
  const isTime = given.endsWith('-*');
  const id = idOf(isTime ? given.slice(0, -2) : given);
  if (!isTime && id.isMin) throw wrong('the ID of an entry is greater than 0-0');
  return { form: isTime ? 'sequence' : 'whole', id, trim, makesStream };
}

export function trimOf(options: XtrimOptions): Trim {
  checkOptions(options, TRIM);
  const { maxLength, minId } = options;
  if ((maxLength === undefined) === (minId === undefined)) throw wrong('give either maxLength or minId');
  if (maxLength !== undefined) checkCount('maxLength', maxLength, 0);
  return {
    by: minId === undefined ? 'length' : 'id',
    lengthMax: maxLength ?? 0,
    minId: minId === undefined ? new StreamId() : idOf(minId),
    isApproximate: false,
    limit: 0,
  };
}

/** Fields and values in turns. */
export function itemsFrom<V>(
  fields: EntryFields<V>,
  encode: (value: V | Uint8Array) => string | Uint8Array,
): (string | Uint8Array)[] {
  const items: (string | Uint8Array)[] = [];
  for (const [field, value] of pairsOf<Key, V | Uint8Array>(fields)) {
    checkKey(field);
    items.push(field, encode(value));
  }
  if (items.length === 0) throw wrong('an entry has one field or more');
  return items;
}

/** Keys of streams with the IDs after which they are read. */
export function streamsFrom(ids: StreamIds): (readonly [Key, string])[] {
  const streams = [...pairsOf<Key, string>(ids)];
  if (streams.length === 0) throw wrong('give the key of one stream or more, each with an ID');
  for (const [key] of streams) checkKey(key);
  return streams;
}

export function pendingRangeOf(options: XpendingOptions): {
  interval: { start: StreamId; end: StreamId } | null;
  countMax: number;
  minIdleMs: number;
} {
  checkOptions(options, PENDING);
  const { start = '-', end = '+', count = COUNT_DEFAULT, minIdleMs = 0 } = options;
  checkCount('count', count, 0);
  checkCount('minIdleMs', minIdleMs, 0);
  return { interval: intervalOf(start, end), countMax: count, minIdleMs };
}

export function claimTermsOf(options: XclaimOptions, nowMs: number): ClaimTerms {
  checkOptions(options, CLAIM);
  const { idleMs, deliveredAt, deliveries, force = false, lastId } = options;
  if (idleMs !== undefined && deliveredAt !== undefined) throw wrong('give idleMs or deliveredAt, not both');
  if (deliveries !== undefined) checkCount('deliveries', deliveries, 0);
  if (idleMs !== undefined) checkCount('idleMs', idleMs, 0);
  if (deliveredAt !== undefined) checkCount('deliveredAt', deliveredAt, 0);
  const at = idleMs === undefined ? deliveredAt : nowMs - idleMs;
  return {
    deliveredAtMs: at === undefined ? undefined : Math.min(Math.max(at, 0), nowMs),
    deliveries: deliveries ?? -1,
    forces: force,
    lastId: lastId === undefined ? undefined : idOf(lastId),
  };
}

export function autoclaimOf(options: XautoclaimOptions): { start: StreamId; countMax: number } {
  checkOptions(options, AUTOCLAIM);
  const { start = '-', count = COUNT_DEFAULT } = options;
  checkCount('count', count, 1);
  return { start: edgeOf(start, false), countMax: count };
}

/** Throws unless it is a name of a group or consumer. */
export function checkName(what: string, name: string): void {
  if (typeof name !== 'string') throw wrong(`the name of a ${what} is a string, not ${shown(name)}`);
}

export function checkCount(name: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw wrong(`${name} is an integer of ${least} or more, not ${shown(count)}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' ? nameOfKind(value) : String(value);
}

function wrong(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', message);
}
