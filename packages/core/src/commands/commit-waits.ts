/** Sessions that wait until what was written so far is durable. Implemented in `instance/`. */
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Call } from './call.ts';

export interface CommitWaits {
  /**
   * Lets the session of the call wait until everything so far is durable, or `timeoutMs` (0: any time) are over; then
   * `answer` writes the reply, and says which of both it was. Within EXEC it is asked at once.
   */
  wait(call: Call, timeoutMs: number, answer: CommitAnswer): void;
}

export type CommitAnswer = (reply: ReplyWriter, isDurable: boolean) => void;
