/** How many bytes something has as it is and compressed, and how that is said. */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export interface Sizes {
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
  readonly brotliBytes: number;
}

/** Files are compressed one by one, as they are sent and stored. */
export function sizesOf(files: readonly Uint8Array[]): Sizes {
  const sum = (of: (file: Uint8Array) => number): number => files.reduce((total, file) => total + of(file), 0);
  return {
    minifiedBytes: sum((file) => file.length),
    gzipBytes: sum((file) => gzipSync(file, { level: 9 }).length),
    brotliBytes: sum((file) => brotli(file).length),
  };
}

function brotli(file: Uint8Array): Buffer {
  return brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: file.length } });
}

export function subtract(a: Sizes, b: Sizes): Sizes {
  return {
    minifiedBytes: a.minifiedBytes - b.minifiedBytes,
    gzipBytes: a.gzipBytes - b.gzipBytes,
    brotliBytes: a.brotliBytes - b.brotliBytes,
  };
}

/** In units of 1,000 bytes: `451.4 KB`. */
export function kilobytes(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} KB`;
}
