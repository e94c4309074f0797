/** Sessions that wait for keys: what handlers of blocking commands ask for. Implemented in `instance/`. */
import { parseDouble } from '../base/double.ts';
import type { StreamId } from '../base/stream-id.ts';
import type { Call } from './call.ts';

/** In place of a type: whatever happens to the key, its end included, runs the command anew. */
export const ANY_CHANGE = -1;
/** Seconds beyond this are no time that redis takes. */
const TIMEOUT_MAX_MS = 2 ** 63;

export interface Blocking {
  /**
   * Lets the session of the call wait until one of its arguments `[first, first + count)` is a key with a value of `type` (a
   * number of root records, or `ANY_CHANGE`): then the command is run anew, from its start, in its turn among those that wait for the key. After
   * `timeoutMs`, if that is not 0, it is answered with a null array. False: the session must not wait, as within EXEC.
   * `from` is kept for `fromOf`.
   */
  tryWait(
    call: Call,
    first: number,
    count: number,
    type: number,
    timeoutMs: number,
    from?: readonly StreamId[],
  ): boolean;
  /** What the first run of a command that has waited gave to `tryWait`; undefined on its first run. */
  fromOf(call: Call): readonly StreamId[] | undefined;
  /** CLIENT UNBLOCK: ends the waiting of a session, as its timeout would, or with an error. False: it does not wait. */
  end(sessionId: number, withError: boolean): boolean;
}

/** A timeout in seconds, as milliseconds; undefined after replying what is wrong with it. */
export function timeoutOf(call: Call, i: number): number | undefined {
  const seconds = parseDouble(call.bytes, call.starts[i], call.ends[i]);
  let fault = '';
  if (seconds === undefined) fault = 'timeout is not a float or out of range';
  else if (seconds < 0) fault = 'timeout is negative';
  else if (seconds * 1000 >= TIMEOUT_MAX_MS) fault = 'timeout is out of range';
  if (seconds !== undefined && fault === '') return Math.ceil(seconds * 1000);
  call.reply.error(fault);
  return undefined;
}
