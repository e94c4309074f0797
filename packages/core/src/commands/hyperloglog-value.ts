/**
 * The HyperLogLog that a command works on: a copy of the string under a key, with room to grow. One is enough for all
 * commands: nothing is kept in it from call to call.
 */
import { putBytes } from '../engine/put.ts';
import { expiryOf } from '../engine/record.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import { HYPERLOGLOG_SIZE_MAX_BYTES, initHyperLogLog, isHyperLogLog } from '../types/hyperloglog.ts';
import type { Call } from './call.ts';

class HyperLogLogValue {
  bytes = Buffer.alloc(HYPERLOGLOG_SIZE_MAX_BYTES);
  length = 0;

  /** Copies the one under argument `i`, or an empty one; replies with an error and returns false for anything else. */
  load(call: Call, i: number): boolean {
    if (!call.findString(i)) return false;
    const { store, found } = call;
    if (found === 0) {
      this.length = initHyperLogLog(this.bytes);
      return true;
    }
    this.length = lengthOfString(store);
    const isUsual = this.length <= HYPERLOGLOG_SIZE_MAX_BYTES;
    if (!isUsual || this.bytes.length > HYPERLOGLOG_SIZE_MAX_BYTES) {
      this.bytes = Buffer.alloc(isUsual ? HYPERLOGLOG_SIZE_MAX_BYTES : this.length);
    }
    viewOfString(store, 0, this.length).copy(this.bytes);
    if (isHyperLogLog(this.bytes, this.length)) return true;
    call.reply.error('-WRONGTYPE Key is not a valid HyperLogLog string value.');
    return false;
  }

  /** Stores it under the key that was found; the expiry stays. */
  save(call: Call): void {
    const { store, found } = call;
    call.relocate();
    const expiresAtMs = found === 0 ? 0 : expiryOf(store.words, store.word);
    putBytes(store, call.database, found, this.bytes, 0, this.length, expiresAtMs);
  }
}

export const value = new HyperLogLogValue();

export function replyCorrupt(call: Call): void {
  call.reply.error('-INVALIDOBJ Corrupted HLL object detected');
}
