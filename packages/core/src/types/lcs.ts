/**
 * The longest common subsequence of two strings, as LCS of redis finds it: by the table of the lengths for all pairs of
 * prefixes, walked back from its end; where two ways are equally good, the one that leaves the last byte of `b` first.
 *
 * redis keeps the table, 4 bytes a cell. Here one row is kept, and of each cell the one bit that the way back needs:
 * whether it leaves `a`. LEN alone keeps no bits. The time is that of the table in any case, so what redis refuses for
 * its size is refused here, too (`isLcsTooLarge`).
 */

/** A stretch that is the same in both, with the index of its first and its last byte. */
interface LcsMatch {
  readonly aFirst: number;
  readonly aLast: number;
  readonly bFirst: number;
  readonly bLast: number;
}

const CELL_SIZE_BYTES = 4;
const WORD_BITS = 32;

/** Whether redis's table for strings of these lengths would be larger than `limitBytes` (proto-max-bulk-len). */
export function isLcsTooLarge(aLength: number, bLength: number, limitBytes: number): boolean {
  return (aLength + 1) * (bLength + 1) * CELL_SIZE_BYTES > limitBytes;
}

/** LCS with LEN. */
export function lcsLength(a: Uint8Array, b: Uint8Array): number {
  return fillTable(a, b, undefined);
}

/** LCS without options: the subsequence itself. */
export function lcsBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const { length, matches } = lcsMatches(a, b, 0);
  const bytes = new Uint8Array(length);
  let at = length;
  for (const { aFirst, aLast } of matches) {
    at -= aLast - aFirst + 1;
    bytes.set(a.subarray(aFirst, aLast + 1), at);
  }
  return bytes;
}

/** LCS with IDX: stretches of at least `lengthMin` bytes, the last first, and the length of the whole. */
export function lcsMatches(a: Uint8Array, b: Uint8Array, lengthMin: number): { length: number; matches: LcsMatch[] } {
  const matches: LcsMatch[] = [];
  const rowWords = wordsOf(b.length);
  const leavesA = new Int32Array(a.length * rowWords);
  const total = fillTable(a, b, leavesA);
  let i = a.length;
  let j = b.length;
  while (i > 0 && j > 0) {
    let length = 0;
    while (i > 0 && j > 0 && a[i - 1] === b[j - 1]) {
      length++;
      i--;
      j--;
    }
    if (length > 0 && length >= lengthMin) {
      matches.push({ aFirst: i, aLast: i + length - 1, bFirst: j, bLast: j + length - 1 });
    }
    if (i === 0 || j === 0) break;
    const word = leavesA[(i - 1) * rowWords + Math.floor((j - 1) / WORD_BITS)];
    if (((word >>> ((j - 1) % WORD_BITS)) & 1) === 1) i--;
    else j--;
  }
  return { length: total, matches };
}

/**
 * Goes through the table row by row; gives the length of the whole. In `leavesA`, rows padded to words, a bit is set for
 * each cell from which the way back leaves the last byte of `a`.
 */
function fillTable(a: Uint8Array, b: Uint8Array, leavesA: Int32Array | undefined): number {
  const rowWords = wordsOf(b.length);
  const row = new Int32Array(b.length + 1);
  for (let i = 0; i < a.length; i++) {
    const byte = a[i];
    let diagonal = 0;
    let left = 0;
    for (let j = 0; j < b.length; j++) {
      const up = row[j + 1];
      if (byte === b[j]) {
        left = diagonal + 1;
      } else if (up > left) {
        left = up;
        if (leavesA !== undefined) leavesA[i * rowWords + (j >>> 5)] |= 1 << j;
      }
      diagonal = up;
      row[j + 1] = left;
    }
  }
  return row[b.length];
}

function wordsOf(bits: number): number {
  return Math.ceil(bits / WORD_BITS);
}
