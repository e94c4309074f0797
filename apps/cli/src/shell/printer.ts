/** Shows replies: for people, raw for programs, or as JSON, one on a line. */
import type { Writable } from 'node:stream';
import type { CliCall } from '@ferrite/core/module';
import { ReplyError, type ReplyValue } from '@ferrite/core/tools';
import { rawReply, replyJson, replyText } from '../client/reply-text.ts';

type Form = 'text' | 'raw' | 'json';

export class Printer {
  /** A reply was an error. */
  hasFailed = false;
  private readonly output: Writable;
  private readonly form: Form;

  constructor(call: CliCall, isTerminal: boolean) {
    this.output = call.output;
    const isRaw = call.flag('raw') || (!isTerminal && !call.flag('no-raw'));
    this.form = call.isJson ? 'json' : isRaw ? 'raw' : 'text';
  }

  show(value: ReplyValue): void {
    if (value instanceof ReplyError) this.hasFailed = true;
    if (this.form === 'json') this.output.write(`${JSON.stringify(replyJson(value))}\n`);
    else if (this.form === 'raw') this.output.write(rawReply(value));
    else this.output.write(`${replyText(value)}\n`);
  }
}
