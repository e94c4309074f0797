/**
 * A client of a Redis server on any stream: commands go out in one write per turn, replies come back in their order.
 *
 * What always holds:
 * 1. Each command settles once: with its reply (an error of the server's is a `ReplyError`, and no rejection), or
 *    rejected when the connection ends before.
 * 2. What comes without having been asked for goes to `onMessage`: pushes, and in RESP2 what a subscribed or monitoring
 *    connection is sent.
 * 3. Nothing limits how much is sent ahead: who sends much waits for replies now and then.
 */
import type { Duplex } from 'node:stream';
import { ReplyParser, type ReplyValue } from '@ferrite/core/tools';
import { encodeCommand, type Word } from './encode.ts';

interface Waiting {
  /** A push answers it, too: in RESP3, SUBSCRIBE is answered by one. */
  readonly acceptsPush: boolean;
  resolve(value: ReplyValue): void;
  reject(error: Error): void;
}

export class RespClient {
  onMessage: (value: ReplyValue) => void = () => {};
  /** Resolves when the connection has ended, by whoever. */
  readonly closed: Promise<void>;
  private readonly stream: Duplex;
  private readonly parser = new ReplyParser({ strings: 'buffer', keepsStatus: true });
  private waiting: Waiting[] = [];
  /** Of `waiting`, those before it have been answered. */
  private answered = 0;
  private outgoing: Buffer[] = [];
  private ended: Error | undefined;

  constructor(stream: Duplex, name: string) {
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => this.receive(chunk));
    stream.on('error', (error) => this.end(new Error(`the connection to ${name} broke: ${error.message}`)));
    this.closed = new Promise((resolve) => {
      stream.on('close', () => {
        this.end(new Error(`${name} closed the connection`));
        resolve();
      });
    });
  }

  get isOpen(): boolean {
    return this.ended === undefined;
  }

  /** Commands that wait for their replies. */
  get pending(): number {
    return this.waiting.length - this.answered;
  }

  send(words: readonly Word[]): Promise<ReplyValue> {
    return this.sendEncoded(encodeCommand(words));
  }

  /** For SUBSCRIBE and its like, which in RESP3 are answered by a push. */
  sendSubscription(words: readonly Word[]): Promise<ReplyValue> {
    return this.sendEncoded(encodeCommand(words), true);
  }

  /** `bytes` is one whole command. */
  sendEncoded(bytes: Buffer, acceptsPush = false): Promise<ReplyValue> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    if (this.outgoing.length === 0) queueMicrotask(() => this.flush());
    this.outgoing.push(bytes);
    return new Promise((resolve, reject) => {
      this.waiting.push({ acceptsPush, resolve, reject });
    });
  }

  /** Ends the connection; what waits for a reply is rejected. */
  close(): void {
    this.flush();
    this.end(new Error('the connection was closed'));
    this.stream.end();
    this.stream.destroy();
  }

  private flush(): void {
    const { outgoing } = this;
    if (outgoing.length === 0) return;
    this.outgoing = [];
    this.stream.write(outgoing.length === 1 ? outgoing[0] : Buffer.concat(outgoing));
  }

  private receive(chunk: Buffer): void {
    this.parser.feed(chunk);
    for (let reply = this.parser.next(); reply !== undefined; reply = this.parser.next()) {
      if (reply.kind === 'malformed') {
        this.end(new Error(`what came is no reply of a Redis server: ${reply.text}`));
        this.stream.destroy();
        return;
      }
      const isAsked = this.pending > 0 && (reply.kind === 'reply' || this.waiting[this.answered].acceptsPush);
      if (!isAsked) this.onMessage(reply.value);
      else this.answer(reply.value);
    }
  }

  private answer(value: ReplyValue): void {
    this.waiting[this.answered++].resolve(value);
    if (this.answered === this.waiting.length) {
      this.waiting = [];
      this.answered = 0;
    }
  }

  private end(error: Error): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    const rest = this.waiting.slice(this.answered);
    this.waiting = [];
    this.answered = 0;
    for (const each of rest) each.reject(error);
  }
}
