/**
 * Unpredictable bytes: for nonces, and for secrets that no two stores may share.
 *
 * From the kernel's file where there is one. Loading `node:crypto`, or the Web Crypto that is used elsewhere, takes
 * several milliseconds, a good part of what opening a store costs. The kernel's pool is ready by then: Node has waited
 * for it when it seeded OpenSSL, before any script ran.
 *
 * Not the seeded prng of a simulation: whatever must differ between machines comes from here.
 */
import fs from 'node:fs';

const KERNEL_SOURCE = '/dev/urandom';

/** `length` bytes, at most 65,536. */
export function unpredictableBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (process.platform === 'win32' || !readKernel(bytes)) crypto.getRandomValues(bytes);
  return bytes;
}

function readKernel(bytes: Buffer): boolean {
  try {
    const fd = fs.openSync(KERNEL_SOURCE, 'r');
    try {
      return fs.readSync(fd, bytes, 0, bytes.length, null) === bytes.length;
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return false;
  }
}
