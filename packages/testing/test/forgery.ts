/**
 * Files changed on purpose, with sums that hold: of a newer format, or with records that make no sense.
 *
 * The sums are computed here as `FORMAT.md` describes them, not by the engine's own code.
 */
import type { Prng } from '@ferrite/core/module';
import type { SimDevice } from '@ferrite/testing';
import { bytesOf, putFile } from './damaged-stores.ts';

/** Offset in a segment: after the header's page and the mark that every main segment begins with. */
export const FIRST_DATA_FRAME = 4096 + 56;
const CHECKPOINT_FOOTER_WORDS = 32;
/** The format after the one that is written. */
const NEWER = 5;

function mixWord(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** Two lanes over pairs of words, the sum of records and of the sections of checkpoints. */
function laneSum(words: Int32Array, even: number, odd: number): number {
  let first = even;
  let second = odd;
  for (let i = 0; i + 1 < words.length; i += 2) {
    first = Math.imul(first ^ words[i], 0x9e3779b1);
    first ^= first >>> 15;
    second = Math.imul(second ^ words[i + 1], 0x85ebca77);
    second ^= second >>> 13;
  }
  return mixWord(first, second);
}

function sectionSum(words: Int32Array, salt: number): number {
  const even = mixWord(salt, words.byteLength);
  return laneSum(words, even, even ^ 0x6a09e667);
}

function recordSum(words: Int32Array, address: number, salt: number): number {
  const even = mixWord(mixWord(mixWord(salt, address | 0), 0), words[1]);
  return laneSum(words.subarray(2), even, even ^ 0x6a09e667);
}

/** The format version of a file raised, with a sum that holds. */
export function makeNewer(device: SimDevice, name: string): void {
  const bytes = bytesOf(device, name);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const store = bytesOf(device, 'ferrite.store');
  const salt = store.readInt32LE(24);
  if (name === 'ferrite.store') {
    words[2] = NEWER;
    words[3] = NEWER;
    words[127] = words.subarray(0, 127).reduce((sum, word) => mixWord(sum, word), words[0]);
  } else if (name.startsWith('main-')) {
    words[1] = NEWER | (NEWER << 16);
    words[15] = words.subarray(0, 15).reduce((sum, word) => mixWord(sum, word), mixWord(salt, words[0]));
  } else {
    const footer = words.subarray(words.length - CHECKPOINT_FOOTER_WORDS);
    footer[23] = NEWER;
    footer[30] = sectionSum(footer.subarray(0, 30), salt);
  }
  putFile(device, name, bytes);
}

/** Random words in the first record of the segment's first data frame, and every sum made to hold. */
export function forgeFrame(bytes: Buffer, salt: number, prng: Prng): void {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const frame = FIRST_DATA_FRAME / 4;
  const pageBase = bytes.length / 8;
  const units = words[frame] & 0xffffff;
  const record = frame + 2;
  for (let i = 0; i < 2; i++) words[record + 1 + prng.nextBelow(units * 2 - 3)] = prng.nextUint32();
  words[record + 1] = (words[record + 1] & 0xff00ffff) | (prng.nextBelow(16) << 16);
  const address = pageBase + frame / 2 + 1;
  words[record] = recordSum(words.subarray(record, record + (units - 1) * 2), address, salt);
  let chain = mixWord(words[frame - 14 + 1], words[frame]);
  chain = mixWord(mixWord(chain, (address - 1) | 0), 0);
  words[frame + 1] = mixWord(chain, words[record]);
}
