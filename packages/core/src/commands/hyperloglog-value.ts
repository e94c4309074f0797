/** The HyperLogLog that a command works on (`keyspace/hyperloglogs.ts`), from an argument and back to its key. */
import { value } from '../keyspace/hyperloglogs.ts';
import type { Call } from './call.ts';

/** Copies the one under argument `i`, or an empty one; replies with an error and returns false for anything else. */
export function loadValue(call: Call, i: number): boolean {
  if (!call.findString(i)) return false;
  if (value.load(call.store, call.found)) return true;
  call.reply.error('-WRONGTYPE Key is not a valid HyperLogLog string value.');
  return false;
}

/** Stores it under the key that was found; the expiry stays. */
export function saveValue(call: Call): void {
  value.save(call.store, call.database, call.found);
}

export function replyCorrupt(call: Call): void {
  call.reply.error('-INVALIDOBJ Corrupted HLL object detected');
}
