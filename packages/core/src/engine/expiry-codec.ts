/**
 * The saved form of a part of the expiry wheel, as it stands in checkpoints.
 *
 * A part is a header and runs of entries, a run being one bucket. Blocks of 16 entries are written as they lie in
 * memory (their fields are drawn in `expiry-chains.ts`); the first block of a run may be partly filled, the unused
 * places being zero. An entry's deadline is `end - back * 2^unit bits - 63`, which no setting of the wheel enters into.
 *
 * | header: at | size | field |
 * |---|---|---|
 * | 0 | 4 | magic "FEX1", its last letter the version |
 * | 4 | 4 | count of runs |
 *
 * | run: at | size | field |
 * |---|---|---|
 * | 0 | 8 | end: deadline + 63 of an entry at distance 0, in ms since 1970, below 2^48 |
 * | 8 | 4 | count of entries |
 * | 12 | 4 | unit bits: the unit of distances is 2^this ms, 0 to 26 |
 * | 16 | 224 each | ceil(count / 16) blocks |
 *
 * All little-endian. Sums are the business of the checkpoint around it. Decoding takes any bytes: it checks the whole
 * shape before it delivers the first entry, answers with a text and never throws. Called by `ExpiryWheel`.
 */

import { joinAddress } from './address.ts';
import { BLOCK_ENTRIES, BLOCK_SIZE_BYTES, type ExpiryChains } from './expiry-chains.ts';

export interface ExpiryRun {
  readonly chain: number;
  readonly count: number;
  readonly end: number;
  readonly unitBits: number;
}

type ExpirySink = (key: number, hash: number, address: number, table: number) => void;

const MAGIC = 0x31584546;
const HEADER_SIZE_BYTES = 8;
const RUN_SIZE_BYTES = 16;
const UNIT_BITS_MAX = 26;
const WORD = 2 ** 32;

export function encodeExpiry(chains: ExpiryChains, runs: readonly ExpiryRun[]): Uint8Array {
  let sizeBytes = HEADER_SIZE_BYTES;
  for (const run of runs) sizeBytes += RUN_SIZE_BYTES + blocksOf(run.count) * BLOCK_SIZE_BYTES;
  const words = new Int32Array(sizeBytes / 4);
  words[0] = MAGIC;
  words[1] = runs.length;
  let at = HEADER_SIZE_BYTES / 4;
  for (const run of runs) {
    words[at] = run.end % WORD;
    words[at + 1] = Math.floor(run.end / WORD);
    words[at + 2] = run.count;
    words[at + 3] = run.unitBits;
    at = chains.copyTo(run.chain, words, at + RUN_SIZE_BYTES / 4);
  }
  return new Uint8Array(words.buffer);
}

export function decodeExpiry(bytes: Uint8Array, sink: ExpirySink): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const problem = findProblem(view);
  if (problem !== undefined) return problem;
  let at = HEADER_SIZE_BYTES;
  while (at < bytes.length) at = decodeRun(view, at, sink);
  return undefined;
}

function findProblem(view: DataView): string | undefined {
  const sizeBytes = view.byteLength;
  if (sizeBytes < HEADER_SIZE_BYTES) return 'too short for a header';
  if (view.getUint32(0, true) !== MAGIC) return 'not a part of an expiry wheel, or of another version';
  const runs = view.getUint32(4, true);
  let at = HEADER_SIZE_BYTES;
  for (let run = 0; run < runs; run++) {
    if (sizeBytes - at < RUN_SIZE_BYTES) return `ends before run ${run}`;
    if (view.getUint32(at + 4, true) > 0xffff) return `run ${run} ends beyond all times`;
    if (view.getUint32(at + 12, true) > UNIT_BITS_MAX) return `run ${run} has a wrong unit`;
    const count = view.getUint32(at + 8, true);
    at += RUN_SIZE_BYTES + blocksOf(count) * BLOCK_SIZE_BYTES;
    if (count === 0) return `run ${run} is empty`;
    if (at > sizeBytes) return `ends within run ${run}`;
  }
  return at === sizeBytes ? undefined : 'has bytes after its last run';
}

/** Delivers the entries of the run at `at`; returns where the next one begins. */
function decodeRun(view: DataView, at: number, sink: ExpirySink): number {
  const end = view.getUint32(at, true) + view.getUint32(at + 4, true) * WORD;
  const unitMs = 2 ** view.getUint32(at + 12, true);
  let left = view.getUint32(at + 8, true);
  at += RUN_SIZE_BYTES;
  while (left > 0) {
    // Only the first block of a run may be partly filled: after it, a multiple of 16 is left.
    const fill = ((left - 1) % BLOCK_ENTRIES) + 1;
    for (let i = 0; i < fill; i++) {
      const address = joinAddress(view.getUint16(at + 128 + i * 2, true), view.getInt32(at + 64 + i * 4, true));
      const back = view.getUint16(at + 192 + i * 2, true);
      sink(end - back * unitMs, view.getInt32(at + i * 4, true), address, view.getUint16(at + 160 + i * 2, true));
    }
    left -= fill;
    at += BLOCK_SIZE_BYTES;
  }
  return at;
}

function blocksOf(count: number): number {
  return Math.ceil(count / BLOCK_ENTRIES);
}
