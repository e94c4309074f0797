/**
 * Sends the commands of an import ahead of their replies, within limits, and keeps the account: what was answered, what
 * failed and where.
 *
 * After the first failure nothing more is sent, unless the caller goes on: what was sent before is waited for. So when it
 * ends, every item before `next` has been dealt with, and an import can go on there.
 */
import { ReplyError } from '@ferrite/core/tools';
import { encodeCommand } from '../client/encode.ts';
import type { RespClient } from '../client/resp-client.ts';
import type { Item } from './read-commands.ts';

const AHEAD_ITEMS_MAX = 1000;
const AHEAD_BYTES_MAX = 8 * 1024 * 1024;

export interface Failure {
  readonly number: number;
  readonly error: string;
}

export class Sender {
  done = 0;
  failed = 0;
  /** The first of them. */
  readonly failures: Failure[] = [];
  private readonly client: RespClient;
  private readonly failuresShown: number;
  private database = 0;
  private ahead: Promise<void>[] = [];
  private aheadBytes = 0;
  /** The connection ended: nothing after this item was answered. */
  private lostAt = Number.POSITIVE_INFINITY;

  constructor(client: RespClient, failuresShown: number) {
    this.client = client;
    this.failuresShown = failuresShown;
  }

  get isLost(): boolean {
    return this.lostAt !== Number.POSITIVE_INFINITY;
  }

  /** The first item that was not answered, of those before `end`. */
  nextOf(end: number): number {
    return Math.min(end, this.lostAt);
  }

  /** The database that commands go to from the beginning on. */
  startsIn(database: number): void {
    this.database = database;
    this.ahead.push(this.select(database));
  }

  private async select(database: number): Promise<void> {
    const reply = await this.client.send(['SELECT', database]);
    if (reply instanceof ReplyError) throw reply;
  }

  async send(item: Item): Promise<void> {
    if (item.error !== '') this.fail(item.number, item.error);
    else this.ahead.push(this.run(item));
    if (this.ahead.length >= AHEAD_ITEMS_MAX || this.aheadBytes >= AHEAD_BYTES_MAX) await this.settle();
  }

  /** Resolves when everything sent has been answered, or never will be. */
  async settle(): Promise<void> {
    await Promise.all(this.ahead.splice(0));
    this.aheadBytes = 0;
  }

  private async run({ number, database, commands }: Item): Promise<void> {
    const sent = commands.map((words) => {
      const bytes = encodeCommand(words);
      this.aheadBytes += bytes.length;
      return bytes;
    });
    if (database !== undefined && database !== this.database) {
      this.database = database;
      sent.unshift(encodeCommand(['SELECT', database]));
    }
    try {
      const replies = await Promise.all(sent.map((bytes) => this.client.sendEncoded(bytes)));
      const error = replies.find((reply) => reply instanceof ReplyError);
      if (error === undefined) this.done++;
      else this.fail(number, error.message);
    } catch (error) {
      if (!this.isLost) this.fail(number, (error as Error).message);
      this.lostAt = Math.min(this.lostAt, number);
    }
  }

  private fail(number: number, error: string): void {
    this.failed++;
    if (this.failures.length < this.failuresShown) this.failures.push({ number, error });
  }
}
