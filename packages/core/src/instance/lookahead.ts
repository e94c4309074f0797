/**
 * Looks ahead in what a client sent, for the keys of the commands that follow (`ForeseenKeys` says what for).
 *
 * It reads requests as far as they are of the usual form, and takes each one's first argument for a key. Commands are
 * parsed, looked up and run as if nobody had looked.
 */
import { FORESEEN_KEYS_MAX, FORESEEN_SIZE_MAX_BYTES, ForeseenKeys } from '../engine/foreseen-keys.ts';
import type { Store } from '../engine/store.ts';
import { CR, DOLLAR, STAR, ZERO } from '../protocol/ascii.ts';
import type { RequestParser } from '../protocol/request-parser.ts';

/** Less than that is one command or two. */
const WORTH_BYTES = 96;
/** After so many commands it looks again where it saw too little. */
const LOOK_AGAIN_AFTER = 8;
const ARGUMENT_SIZE_MAX_BYTES = 65_536;

/** Returns after how many commands to look again. */
export function lookAhead(store: Store, database: number, parser: RequestParser): number {
  const { foreseen } = store.key;
  const { bytes, position, limit } = parser;
  foreseen.forget();
  if (limit - position < WORTH_BYTES) return FORESEEN_KEYS_MAX;
  if (!ForeseenKeys.isWorthIt(store.table(database))) return FORESEEN_KEYS_MAX;
  scan(foreseen, bytes, position, limit);
  if (foreseen.count < 2) return LOOK_AGAIN_AFTER;
  store.touchForeseen(database, bytes);
  return foreseen.count;
}

/** Finds the first arguments of requests of up to nine: `*n`, then `$length` and the bytes, n times. */
function scan(foreseen: ForeseenKeys, bytes: Uint8Array, from: number, end: number): void {
  let at = from;
  while (foreseen.count < FORESEEN_KEYS_MAX && at + 8 < end && bytes[at] === STAR && bytes[at + 2] === CR) {
    const argc = bytes[at + 1] - ZERO;
    at += 4;
    for (let i = 0; i < argc; i++) {
      if (at + 4 > end || bytes[at] !== DOLLAR) return;
      let length = bytes[at + 1] - ZERO;
      at += 2;
      for (let byte = bytes[at]; byte !== CR && at < end && length < ARGUMENT_SIZE_MAX_BYTES; byte = bytes[++at]) {
        length = length * 10 + byte - ZERO;
      }
      at += 2;
      if (i === 1) {
        if (length < 0 || length > FORESEEN_SIZE_MAX_BYTES || at + length > end) return;
        foreseen.add(at, length);
      }
      at += length + 2;
    }
  }
}
