/**
 * The shell's connection: made when it is first needed, made again after it broke, and what the prompt tells of it, the
 * database and whether a transaction is open.
 */
import { ReplyError, type ReplyValue } from '@ferrite/core/tools';
import type { RespClient } from '../client/resp-client.ts';
import { connectTo, type ServerTarget, targetName } from '../client/server-target.ts';

const SUBSCRIPTIONS = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE']);
const UNSUBSCRIPTIONS = new Set(['UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE']);

export interface Answer {
  readonly reply: ReplyValue;
  /** From now on messages come by themselves. */
  readonly isStreaming: boolean;
}

export class Connection {
  onMessage: (value: ReplyValue) => void = () => {};
  private readonly target: ServerTarget;
  private client: RespClient | undefined;
  private database: number;
  private isInTransaction = false;

  constructor(target: ServerTarget) {
    this.target = target;
    this.database = target.database;
  }

  get isOpen(): boolean {
    return this.client?.isOpen === true;
  }

  get prompt(): string {
    if (!this.isOpen) return 'not connected> ';
    const database = this.database === 0 ? '' : `[${this.database}]`;
    return `${targetName(this.target)}${database}${this.isInTransaction ? '(TX)' : ''}> `;
  }

  /** The client, connected anew if need be. */
  async open(): Promise<RespClient> {
    if (this.client?.isOpen === true) return this.client;
    this.isInTransaction = false;
    this.client = await connectTo({ ...this.target, database: this.database });
    this.client.onMessage = (value) => this.onMessage(value);
    return this.client;
  }

  /** Rejects when there is no connection, or it breaks before the reply. */
  async run(words: readonly Uint8Array[]): Promise<Answer> {
    const client = await this.open();
    const name = Buffer.from(words[0]).toString('latin1').toUpperCase();
    const isSubscription = SUBSCRIPTIONS.has(name);
    const isAnsweredByPush = isSubscription || (UNSUBSCRIPTIONS.has(name) && this.target.protocol === 3);
    const reply = await (isAnsweredByPush ? client.sendSubscription(words) : client.send(words));
    if (!(reply instanceof ReplyError)) this.follow(name, words, reply);
    return { reply, isStreaming: !(reply instanceof ReplyError) && (isSubscription || name === 'MONITOR') };
  }

  private follow(name: string, words: readonly Uint8Array[], reply: ReplyValue): void {
    const isDone = reply === 'OK';
    if (name === 'MULTI' && isDone) this.isInTransaction = true;
    if (name === 'EXEC' || name === 'DISCARD') this.isInTransaction = false;
    if (name === 'SELECT' && isDone) this.database = Number(Buffer.from(words[1]).toString('latin1'));
    if (name === 'RESET') this.database = 0;
  }

  /** Resolves when the connection has ended, by whoever. */
  async ended(): Promise<void> {
    await this.client?.closed;
  }

  /** Ends the connection; a command that waits is rejected. */
  close(): void {
    this.client?.close();
  }
}
