/** How long a string may become. */
import { VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import type { Call } from './call.ts';

/** Whether a string may have so many bytes; replies with an error if not. */
export function checkStringSize(call: Call, sizeBytes: number): boolean {
  if (sizeBytes <= VALUE_SIZE_MAX_BYTES) return true;
  call.reply.error('string exceeds maximum allowed size (proto-max-bulk-len)');
  return false;
}
