/**
 * `locate`: brings the record at an address under the store's hands: memory, read cache, or disk with its sum checked.
 *
 * Afterwards `store.bytes`, `store.words` and `store.word` (word index of the header) say where it is, until the next
 * call. A record from disk is verified once and kept in the read cache, since sealed bytes never change.
 */

import { FerriteError } from '../base/errors.ts';
import { COLD_BASE, isCold, UNIT_BYTES } from './address.ts';
import { type FastBuffer, type Memory, makeMemory } from './page-memory.ts';
import { GATE_OPEN } from './read-gate.ts';
import { recordSum, recordUnits, sumSeed } from './record.ts';
import type { Segments } from './segments.ts';
import type { Store } from './store.ts';

const FIRST_READ_BYTES = 512;

/** Indexes of `store.hits`. */
export const HITS_MUTABLE = 0;
export const HITS_READ_ONLY = 1;
export const HITS_CACHE = 2;
export const HITS_DISK = 3;

export function locate(store: Store, address: number): void {
  const log = store.log;
  if (address < COLD_BASE && address >= log.head) {
    const memory = log.memory;
    const unit = memory.unitOf(address);
    const chunk = memory.at(unit);
    store.bytes = chunk.bytes;
    store.words = chunk.words;
    store.view = chunk.view;
    store.word = memory.wordOf(unit);
    store.hits[address >= log.readOnly ? HITS_MUTABLE : HITS_READ_ONLY]++;
    return;
  }
  locateCold(store, address);
}

/** Locates a record; false when it is damaged or its segment is lost. */
export function locateWhole(store: Store, address: number): boolean {
  try {
    locate(store, address);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'FERRITE_CORRUPT' || code === 'FERRITE_SEGMENT_MISSING') return false;
    throw error;
  }
}

function locateCold(store: Store, address: number): void {
  const cache = store.cache;
  const found = cache.find(address);
  if (found >= 0) {
    store.bytes = cache.bytes as FastBuffer;
    store.words = cache.words;
    store.view = cache.view;
    store.word = found >>> 2;
    store.hits[HITS_CACHE]++;
    return;
  }
  if (store.gate.state !== GATE_OPEN) {
    readAtGate(store, address);
    return;
  }
  store.hits[HITS_DISK]++;
  if (store.warmer !== null) store.warmer.beforeRead();
  readVerified(store, address);
}

/** The same for a command's handler, which the gate may unwind instead. */
function readAtGate(store: Store, address: number): void {
  store.gate.enter(address);
  store.hits[HITS_DISK]++;
  if (store.warmer !== null) store.warmer.noteRead();
  readVerified(store, address);
}

/** Reads bytes of a log; for a handler it is measured how long that takes. */
function readBytes(store: Store, target: Memory, offset: number, length: number, address: number): number {
  const segments = (isCold(address) ? store.cold?.segments : store.log.segments) as Segments;
  const { gate, clock } = store;
  if (gate.state === GATE_OPEN) return segments.readSync(target.bytes, offset, length, address);
  const startMs = clock.monotonicMs();
  const have = segments.readSync(target.bytes, offset, length, address);
  gate.measured(clock.monotonicMs() - startMs);
  return have;
}

/** Reads the record at an address into the store's scratch memory, and into the cache. */
function readVerified(store: Store, address: number): void {
  let scratch = store.readScratch;
  let have = readBytes(store, scratch, 0, FIRST_READ_BYTES, address);
  const units = have >= 16 ? recordUnits(scratch.words, 0) : 0;
  const length = units * UNIT_BYTES;
  if (have < 16 || length > store.pageBytes) throw corruptRecord(store, address);
  if (length > scratch.bytes.length) {
    store.readScratch = makeMemory(length);
    scratch = store.readScratch;
    have = 0;
  }
  if (length > have) have += readBytes(store, scratch, have, length - have, address + have / UNIT_BYTES);
  const words = scratch.words;
  if (have < length || words[0] !== recordSum(words, 0, units, sumSeed(address, store.identity.salt))) {
    throw corruptRecord(store, address);
  }
  store.bytes = scratch.bytes;
  store.words = words;
  store.view = scratch.view;
  store.word = 0;
  store.cache.insert(scratch.bytes, 0, length, address);
}

function corruptRecord(store: Store, address: number): FerriteError {
  const where = isCold(address) ? `cold log address ${address - COLD_BASE}` : `main log address ${address}`;
  store.counters.corruptReads++;
  return new FerriteError(
    'FERRITE_CORRUPT',
    `the record at ${where} of ${store.path} does not match its checksum: restore it from a backup; other keys stay readable`,
  );
}

/** Whether the record at this address may still be changed where it lies. */
export function isMutable(store: Store, address: number): boolean {
  return address >= store.log.readOnly && address < COLD_BASE;
}
