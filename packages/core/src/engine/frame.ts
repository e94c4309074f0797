/**
 * The frame: the unit of commit. An 8-byte header, then records, inside one page.
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 3 | length in units, header included |
 * | 3 | 1 | low 4 bits kind: 1 data, 2 part, 3 last, 4 mark, 5 pad |
 * | 4 | 4 | chain: previous chain, first word, address and every record's sum, mixed |
 *
 * PART frames count only once their LAST is there. A PAD is a header alone: the rest of its length says nothing. A MARK
 * holds no records but what had become durable when it was written, and is valid by its own sum, so that a reader can
 * find it beyond damage and start from it:
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 8 | 4 | magic "FMRK" |
 * | 12 | 4 | epoch, raised at each open |
 * | 16 | 8 | main log durable until (u48) |
 * | 24 | 8 | cold log durable until (u48) |
 * | 32 | 8 | wall clock, ms (u48) |
 * | 40 | 4 | chain before this frame |
 * | 44 | 4 | flags: 1 clean close |
 * | 48 | 4 | a number drawn at each open: marks of two sessions that a power cut left with one epoch differ |
 * | 52 | 4 | sum of bytes 8 to 51, seeded by address and salt |
 */

import { highOf, lowOf } from './address.ts';
import { mixWord, readWide, recordSum, recordUnits, sumSeed, writeWide } from './record.ts';

export const FRAME_DATA = 1;
export const FRAME_PART = 2;
export const FRAME_LAST = 3;
export const FRAME_MARK = 4;
export const FRAME_PAD = 5;

export const FRAME_HEADER_UNITS = 1;
export const MARK_UNITS = 7;
export const MARK_MAGIC = 0x4b524d46;
export const MARK_CLEAN_CLOSE = 1;

export interface Mark {
  epoch: number;
  durableMain: number;
  durableCold: number;
  wallMs: number;
  chainBefore: number;
  flags: number;
}

export function frameUnitsOf(word0: number): number {
  return word0 & 0xffffff;
}

export function frameKindOf(word0: number): number {
  return (word0 >>> 24) & 15;
}

function frameWord(kind: number, units: number): number {
  return units | (kind << 24);
}

/** The chain after a header alone; each record's (or the mark's) sum is mixed in after it. */
export function chainHeader(chain: number, word0: number, address: number): number {
  return mixWord(mixWord(mixWord(chain, word0), lowOf(address)), highOf(address));
}

/** The chain after the frame at a word: its header's, and the sums that its records, or the mark, carry. */
export function chainAfter(before: number, words: Int32Array, word: number, address: number): number {
  const kind = frameKindOf(words[word]);
  const chain = chainHeader(before, words[word], address);
  if (kind === FRAME_PAD) return chain;
  return kind === FRAME_MARK ? mixWord(chain, words[word + MARK_UNITS * 2 - 1]) : mixSums(chain, words, word);
}

/** Mixes in the sums of a data frame's records, as far as their lengths make sense. */
function mixSums(before: number, words: Int32Array, word: number): number {
  const end = word + frameUnitsOf(words[word]) * 2;
  let chain = before;
  for (let at = word + 2; at + 4 <= end; at += recordUnits(words, at) * 2) chain = mixWord(chain, words[at]);
  return chain;
}

/**
 * Finishes a frame in memory: sums every record between the header at word index `at` and `units`, and writes the
 * header. Returns the new chain.
 */
export function finishDataFrame(
  words: Int32Array,
  at: number,
  units: number,
  kind: number,
  address: number,
  chain: number,
  salt: number,
): number {
  const word0 = frameWord(kind, units);
  let next = chainHeader(chain, word0, address);
  const end = at + units * 2;
  let record = at + 2;
  let recordAddress = address + FRAME_HEADER_UNITS;
  while (record < end) {
    const length = recordUnits(words, record);
    const sum = recordSum(words, record, length, sumSeed(recordAddress, salt));
    words[record] = sum;
    next = mixWord(next, sum);
    record += length * 2;
    recordAddress += length;
  }
  words[at] = word0;
  words[at + 1] = next;
  return next;
}

export function finishPadFrame(words: Int32Array, at: number, units: number, address: number, chain: number): number {
  const word0 = frameWord(FRAME_PAD, units);
  words[at] = word0;
  words[at + 1] = chainHeader(chain, word0, address);
  return words[at + 1];
}

function markSum(words: Int32Array, at: number, address: number, salt: number): number {
  let hash = sumSeed(address, salt);
  for (let i = at + 2; i < at + 13; i++) hash = mixWord(hash, words[i]);
  return hash;
}

export function finishMarkFrame(
  words: Int32Array,
  at: number,
  address: number,
  chain: number,
  salt: number,
  mark: Mark,
  session = 0,
): number {
  words[at + 2] = MARK_MAGIC;
  words[at + 3] = mark.epoch;
  writeWide(words, at + 4, mark.durableMain);
  writeWide(words, at + 6, mark.durableCold);
  writeWide(words, at + 8, mark.wallMs);
  words[at + 10] = chain;
  words[at + 11] = mark.flags;
  words[at + 12] = session;
  const sum = markSum(words, at, address, salt);
  words[at + 13] = sum;
  const word0 = frameWord(FRAME_MARK, MARK_UNITS);
  const next = mixWord(chainHeader(chain, word0, address), sum);
  words[at] = word0;
  words[at + 1] = next;
  return next;
}

/** The mark in the frame at word index `at`, or undefined when its own sum does not hold. */
export function readMark(words: Int32Array, at: number, address: number, salt: number): Mark | undefined {
  if (words[at + 2] !== MARK_MAGIC || words[at + 13] !== markSum(words, at, address, salt)) return undefined;
  return {
    epoch: words[at + 3] >>> 0,
    durableMain: readWide(words, at + 4),
    durableCold: readWide(words, at + 6),
    wallMs: readWide(words, at + 8),
    chainBefore: words[at + 10],
    flags: words[at + 11],
  };
}
