/**
 * `put`: stores a value under the key in the scratch, in place where the record is unsealed and has room, else at the tail.
 *
 * The caller has just called `find` for the same key, and passes on what it returned; conditions are its business. The
 * found record is still located, and the table stands at its slot.
 */

import { COPY_SIZE_MAX_BYTES, copyBytes, copyPlain } from '../base/copy-bytes.ts';
import { FerriteError } from '../base/errors.ts';
import { VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import { startClock } from './lru-clock.ts';
import { type LargeValue, ROOT_VALUE_BYTES, writeRoot } from './large-values.ts';
import { isMutable } from './locate.ts';
import {
  expiryOf,
  FLAG_EXPIRY,
  FLAG_KEY_ASCII,
  FLAG_OVER,
  FLAG_PATCHED,
  FLAG_VALUE_ASCII,
  KIND_ROOT,
  KIND_STRING,
  keyFlags,
  keyOffsetOf,
  kindOf,
  OBSERVED,
  objectIdOf,
  recordUnits,
  SLACK_UNITS_MAX,
  unitsFor,
  writeExpiry,
  writeHeader,
  writeObjectId,
} from './record.ts';
import type { Store } from './store.ts';

/** Bytes that utf8Write may write past an ASCII text's length, so that its result tells whether the text was ASCII. */
const UTF8_OVERSHOOT_BYTES = 4;
/** A source that is so long serves many values: what a connection reads into, the scratch for texts, a small collection's. */
const SHARED_SIZE_MIN_BYTES = 2048;

/** `found`: what `find` returned. `expiresAtMs` 0: never. Returns the record's address. */
export function put(
  store: Store,
  database: number,
  found: number,
  value: string | Uint8Array,
  expiresAtMs: number,
): number {
  const mutable = found !== 0 && isMutable(store, found);
  if (!mutable && typeof value === 'string' && value.length <= store.inlineMaxBytes) {
    const address = appendAscii(store, database, found, value, expiresAtMs);
    if (address !== 0) return address;
  }
  encode(store, value);
  const isText = typeof value === 'string' && store.valueAscii;
  return putEncoded(store, database, found, mutable, isText ? value : null, expiresAtMs);
}

/**
 * The same for the bytes `[start, end)` of `source`, which are copied: a string, or by its `kind` a small collection. A record
 * of its own gets so many units of slack.
 */
export function putBytes(
  store: Store,
  database: number,
  found: number,
  source: Uint8Array,
  start: number,
  end: number,
  expiresAtMs: number,
  kind = KIND_STRING,
  slackUnits = 0,
): number {
  store.value = source;
  store.valueStart = start;
  store.valueLength = end - start;
  store.valueAscii = false;
  const isPatchable = found !== 0 && isMutable(store, found);
  return putEncoded(store, database, found, isPatchable, null, expiresAtMs, kind, slackUnits);
}

/** `text`: the value where it is a text of ASCII alone. */
function putEncoded(
  store: Store,
  database: number,
  found: number,
  mutable: boolean,
  text: string | null,
  expiresAtMs: number,
  kind = KIND_STRING,
  slackUnits = 0,
): number {
  store.counters.askedBytes += store.key.length + store.valueLength;
  if (store.valueLength > store.inlineMaxBytes) return putLarge(store, database, found, expiresAtMs);
  if (mutable) {
    const before = expiryOf(store.words, store.word);
    if (updateInPlace(store, database, text, expiresAtMs, kind)) {
      // An expiry that stays, as a counter keeps it, has its entry.
      if (expiresAtMs !== 0 && expiresAtMs !== before) {
        store.wheel.add(expiresAtMs, store.key.hash, found, database);
      }
      return found;
    }
  }
  const flags = store.valueAscii ? FLAG_VALUE_ASCII : 0;
  const address = appendRecord(store, database, found, kind, flags, store.valueLength, expiresAtMs, 0, slackUnits);
  copyValue(store, text, store.writtenWord * 4 + valueOffset(store));
  return address;
}

/**
 * Appends a record for a text taken to be ASCII, written straight into the log. Returns 0, with nothing changed, when the
 * text is not ASCII after all or the page has no room to find that out.
 */
function appendAscii(store: Store, database: number, found: number, value: string, expiresAtMs: number): number {
  const { key, log } = store;
  const length = value.length;
  noteOld(store, found);
  const flags = FLAG_VALUE_ASCII | commonFlags(store, found, expiresAtMs);
  const units = unitsFor(KIND_STRING, flags, key.length, length);
  const address = writeRecord(store, database, KIND_STRING, flags, units, length);
  const start = store.writtenWord * 4 + valueOffset(store);
  const hasRoom = (address + units) % log.pageUnits !== 0;
  if (!hasRoom || store.writtenBytes.utf8Write(value, start, length + UTF8_OVERSHOOT_BYTES) !== length) {
    log.giveBack(address);
    // The found record is needed again, and may have left memory.
    if (found !== 0) store.relocate(database, found);
    return 0;
  }
  store.counters.askedBytes += key.length + length;
  publish(store, database, found, address, expiresAtMs, 0);
  return address;
}

function valueOffset(store: Store): number {
  return keyOffsetOf(store.writtenWords[store.writtenWord + 1]) + store.key.length;
}

/** Puts the value's bytes, length and whether they are ASCII into the store's scratch fields. */
function encode(store: Store, value: string | Uint8Array): void {
  if (value.length > VALUE_SIZE_MAX_BYTES) throw tooLong();
  if (typeof value !== 'string') {
    store.value = value;
    store.valueStart = 0;
    store.valueLength = value.length;
    store.valueAscii = false;
    return;
  }
  store.valueStart = 0;
  if (value.length > store.inlineMaxBytes) {
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length > VALUE_SIZE_MAX_BYTES) throw tooLong();
    store.value = bytes;
    store.valueLength = bytes.length;
  } else {
    const scratch = store.valueScratch;
    store.value = scratch;
    store.valueLength = scratch.utf8Write(value, 0, scratch.length);
  }
  store.valueAscii = store.valueLength === value.length;
}

function tooLong(): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', `a value has at most ${VALUE_SIZE_MAX_BYTES} bytes`);
}

/** Copies the encoded value to byte `start` of the memory written to. */
function copyValue(store: Store, text: string | null, start: number): void {
  const { writtenBytes, value, valueStart, valueLength } = store;
  if (text !== null) writtenBytes.latin1Write(text, start, valueLength);
  else if (value.length >= SHARED_SIZE_MIN_BYTES && valueLength <= COPY_SIZE_MAX_BYTES) {
    const source = store.sourceView.of(value);
    copyBytes(source, valueStart, valueStart + valueLength, store.writtenView, start);
  } else copyPlain(value, valueStart, valueStart + valueLength, writtenBytes, start);
}

/** Rewrites the located, unsealed record if the value fits and nobody remembers its version. */
function updateInPlace(
  store: Store,
  database: number,
  text: string | null,
  expiresAtMs: number,
  kind: number,
): boolean {
  const words = store.words;
  const word = store.word;
  const word1 = words[word + 1];
  const flags = word1 >>> 24;
  if (kindOf(word1) !== kind || (words[word] & OBSERVED) !== 0) return false;
  if (expiresAtMs !== 0 && (flags & FLAG_EXPIRY) === 0) return false;
  const units = recordUnits(words, word);
  const used = Math.ceil((keyOffsetOf(word1) + store.key.length + store.valueLength) / 8);
  if (used > units || units - used > SLACK_UNITS_MAX) return false;
  words[word + 2] = store.valueLength | ((units - used) << 24);
  const nextFlags = (flags & ~(FLAG_VALUE_ASCII | FLAG_PATCHED)) | (store.valueAscii ? FLAG_VALUE_ASCII : 0);
  words[word + 1] = (word1 & 0xffffff) | (nextFlags << 24);
  if ((flags & FLAG_EXPIRY) !== 0) writeExpiry(words, word, expiresAtMs);
  store.writtenBytes = store.bytes;
  store.writtenWords = words;
  store.writtenView = store.view;
  store.writtenWord = word;
  copyValue(store, text, word * 4 + valueOffset(store));
  store.counters.inPlace++;
  store.changed(database, false);
  return true;
}

/** The same for the first `length` bytes of `source`, in chunks however few they are. */
export function putAsLarge(
  store: Store,
  database: number,
  found: number,
  source: Uint8Array,
  length: number,
  expiresAtMs: number,
): number {
  store.value = source;
  store.valueStart = 0;
  store.valueLength = length;
  store.valueAscii = false;
  return putLarge(store, database, found, expiresAtMs);
}

function putLarge(store: Store, database: number, found: number, expiresAtMs: number): number {
  const bytes = store.value;
  const ascii = store.valueAscii ? FLAG_VALUE_ASCII : 0;
  const large = store.large.write(store, bytes.subarray(store.valueStart, store.valueStart + store.valueLength));
  store.journal.madeLarge(large);
  // Writing the chunks may have sealed and moved the found record out of memory.
  if (found !== 0) store.relocate(database, found);
  const address = appendRecord(store, database, found, KIND_ROOT, ascii, ROOT_VALUE_BYTES, expiresAtMs);
  finishRoot(store, database, large, address);
  return address;
}

/** Writes into the root record that was just appended at `address` which value it names. */
export function finishRoot(store: Store, database: number, large: LargeValue, address: number): void {
  writeObjectId(store.writtenWords, store.writtenWord, large.id);
  writeRoot(large, store.writtenBytes, store.writtenWord * 4 + valueOffset(store));
  large.rootDatabase = database;
  large.rootHash = store.key.hash;
  large.rootAddress = address;
}

/**
 * Appends a record with the scratch's key and room for a value, and swings or makes the key's slot. The header, key and
 * padding are written; `store.writtenBytes`, `writtenWords` and `writtenWord` say where. `keptObject`: the old record's
 * large value, when the new record goes on with it.
 */
export function appendRecord(
  store: Store,
  database: number,
  found: number,
  kind: number,
  valueFlags: number,
  valueLength: number,
  expiresAtMs: number,
  keptObject = 0,
  slackUnits = 0,
): number {
  noteOld(store, found);
  const flags = valueFlags | commonFlags(store, found, expiresAtMs);
  const units = unitsFor(kind, flags, store.key.length, valueLength) + slackUnits;
  const address = writeRecord(store, database, kind, flags, units, valueLength);
  store.writtenWords[store.writtenWord + 2] |= slackUnits << 24;
  publish(store, database, found, address, expiresAtMs, keptObject);
  return address;
}

/** Remembers what the found record leaves behind: allocating may push it out of memory. */
function noteOld(store: Store, found: number): void {
  store.oldUnits = 0;
  store.oldObject = 0;
  if (found === 0) return;
  store.oldUnits = recordUnits(store.words, store.word);
  store.oldClock = store.words[store.word];
  if (kindOf(store.words[store.word + 1]) === KIND_ROOT) store.oldObject = objectIdOf(store.words, store.word);
}

function commonFlags(store: Store, found: number, expiresAtMs: number): number {
  const { length, isAscii } = store.key;
  const flags = keyFlags(length) | (isAscii ? FLAG_KEY_ASCII : 0);
  return flags | (found === 0 ? 0 : FLAG_OVER) | (expiresAtMs === 0 ? 0 : FLAG_EXPIRY);
}

/** The record just written becomes the key's. */
function publish(
  store: Store,
  database: number,
  found: number,
  address: number,
  expiresAtMs: number,
  keptObject: number,
): void {
  const { key, log } = store;
  store.changed(database, found === 0);
  const ordered = store.ordered;
  if (found === 0 && ordered !== null) {
    try {
      ordered.keyAdded(database, key.bytes, 0, key.length, key.hash);
    } catch (error) {
      log.giveBack(address);
      throw error;
    }
  }
  if (store.pages !== null) startClock(store, found !== 0);
  if (expiresAtMs !== 0) {
    writeExpiry(store.writtenWords, store.writtenWord, expiresAtMs);
    store.wheel.add(expiresAtMs, key.hash, address, database);
  }
  const table = store.table(database);
  if (found === 0) {
    table.insert(key.hash, address);
  } else {
    table.setAddress(address);
    store.addDead(found, store.oldUnits);
    if (store.oldObject !== keptObject) store.large.drop(store, store.oldObject);
  }
  store.journal.push(database, key.hash, found, address, store.oldUnits);
}

/** Allocates a record and writes its header, key and zero padding; no slot knows it yet. */
export function writeRecord(
  store: Store,
  database: number,
  kind: number,
  flags: number,
  units: number,
  valueLength: number,
  key = store.key,
): number {
  const address = store.log.allocate(units);
  const memory = store.log.memory;
  const unit = memory.unitOf(address);
  const chunk = memory.at(unit);
  const words = chunk.words;
  const word = memory.wordOf(unit);
  const end = word + units * 2;
  words[end - 1] = 0;
  words[end - 2] = 0;
  writeHeader(words, word, kind, database, flags, key.length, valueLength, 0);
  const target = word + (keyOffsetOf(words[word + 1]) >>> 2);
  const keyWords = (key.length + 3) >>> 2;
  const source = key.words;
  if (keyWords <= 64) for (let i = 0; i < keyWords; i++) words[target + i] = source[i];
  else words.set(source.subarray(0, keyWords), target);
  store.writtenBytes = chunk.bytes;
  store.writtenView = chunk.view;
  store.writtenWords = words;
  store.writtenWord = word;
  return address;
}
