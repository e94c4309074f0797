/**
 * A client: the state of one connection, as the instance sees it. The connection itself is behind `link`.
 *
 * Replies are held back while `heldFrom` is not negative: the client wrote something that has not reached the device.
 */
import type { Session } from '../commands/host.ts';
import type { ReplyBuffers } from '../protocol/reply-buffers.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';
import { RequestParser, type RequestLimits } from '../protocol/request-parser.ts';

/** What a client asks of its connection. */
export interface Link {
  /** Sends what the client's `reply` holds. */
  flush(): void;
  /** Ends the connection at once. */
  destroy(): void;
  readonly address: string;
  readonly localAddress: string;
}

export class Client implements Session {
  readonly id: number;
  readonly link: Link;
  readonly parser: RequestParser;
  readonly reply: ReplyWriter;
  database = 0;
  name = '';
  isAuthenticated = true;
  dirty = 0;
  closesAfterReply = false;
  /** Where in `reply` begins what waits for the device, -1 for nowhere; and how many commands it answers. */
  heldFrom = -1;
  heldCommands = 0;
  /** Its commands wait: for a read from disk, or for a key. */
  isSuspended = false;

  constructor(id: number, link: Link, limits: RequestLimits, buffers: ReplyBuffers) {
    this.id = id;
    this.link = link;
    this.parser = new RequestParser(limits);
    this.reply = new ReplyWriter(buffers);
  }
}
