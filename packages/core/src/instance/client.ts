/**
 * A client: the state of one connection, as the instance sees it. The connection itself is behind `link`.
 *
 * Replies are held back while `heldFrom` is not negative: the client wrote something that has not reached the device
 * (`TurnCommit`). What it wrote in several turns is released turn by turn.
 * Whatever makes its commands differ from plain ones sets a bit of `gates`: while there is none, the executor looks at
 * nothing else.
 */
import type { CommandRow } from '../commands/command.ts';
import type { Session } from '../commands/session.ts';
import type { ErrorTally } from '../protocol/error-tally.ts';
import type { ReplyBuffers } from '../protocol/reply-buffers.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';
import { RequestParser, type RequestLimits } from '../protocol/request-parser.ts';
import type { ClientSubscriptions } from './channels.ts';
import type { Wait } from './blocking.ts';
import type { ColdRead } from './cold-reads.ts';
import type { CommandQueue } from './command-queue.ts';
import { GATE_SUBSCRIBED } from './gates.ts';
import type { ClientTracking } from './tracking.ts';
import type { Watch } from './watches.ts';

/** Redis's classes of clients, each with a limit for the output that it leaves unread. */
export type OutputClass = 'normal' | 'replica' | 'pubsub';

/** Replies to what a client wrote in one turn of the loop: they wait for the device. */
export interface Hold {
  readonly turn: number;
  /** Where in the client's `reply` they begin. They end where the next hold begins. */
  from: number;
  /** How many commands they answer. */
  commands: number;
  /** Messages among them: they go out whatever becomes of the writes. */
  readonly messages: Buffer[];
  /** They may be sent once all before them are. */
  isDone: boolean;
}

/** What a client asks of its connection. */
export interface Link {
  /** Sends what may be sent of the client's `reply` (`takeSendable`). */
  flush(): void;
  /** The same when this turn of the loop is over, so that many messages go out in one write. */
  flushSoon(): void;
  /** Goes on with the client's commands after `isSuspended` was set back. */
  resume(): void;
  /** Ends the connection at once. */
  destroy(): void;
  /** Bytes given to the connection and not taken by the system yet, beside those in the client's `reply`. */
  readonly waitingBytes: number;
  readonly address: string;
  readonly localAddress: string;
}

export class Client implements Session {
  readonly id: number;
  readonly link: Link;
  readonly parser: RequestParser;
  readonly reply: ReplyWriter;
  gates = 0;
  database = 0;
  name = '';
  libraryName = '';
  libraryVersion = '';
  userName = 'default';
  isAuthenticated = true;
  isNoEvict = false;
  isNoTouch = false;
  dirty = 0;
  closesAfterReply = false;
  type: OutputClass = 'normal';
  /** Where in `reply` begins what waits for the device, -1 for nowhere. */
  heldFrom = -1;
  /** The first of them begins at `heldFrom`. */
  readonly holds: Hold[] = [];
  /** How much of `reply` may be sent while something is held. */
  releasedUntil = 0;
  /** Its commands wait: for a read from disk, for a key, or for the end of a pause. */
  isSuspended = false;
  /** The command that its parser stands at has not been run yet. */
  hasCommandAtHand = false;
  /** Records on disk that its command waits for, or goes on with. */
  coldRead: ColdRead | null = null;
  /** Keys that its command waits for. */
  wait: Wait | null = null;
  /** What it queued since MULTI. */
  queue: CommandQueue | null = null;
  isInExec = false;
  /** Empty once one of the keys has changed: then the watch is broken. */
  watches: Watch[] = [];
  isWatchBroken = false;
  subscriptions: ClientSubscriptions | null = null;
  tracking: ClientTracking | null = null;
  /** CLIENT REPLY SKIP is about the next command. */
  skipsNext = false;
  isReplyOff = false;
  /** Messages to itself that its own command caused: they go out after its reply. */
  deferred: ReplyWriter | null = null;
  lastRow: CommandRow | null = null;
  readonly connectedMs: number;
  activeMs: number;

  constructor(id: number, link: Link, limits: RequestLimits, buffers: ReplyBuffers, errors: ErrorTally, nowMs: number) {
    this.id = id;
    this.link = link;
    this.parser = new RequestParser(limits);
    this.reply = new ReplyWriter(buffers, errors);
    this.connectedMs = nowMs;
    this.activeMs = nowMs;
  }

  get address(): string {
    return this.link.address;
  }

  get localAddress(): string {
    return this.link.localAddress;
  }

  /** Bytes at the front of `reply` that may be sent. */
  get sendableBytes(): number {
    return this.heldFrom < 0 ? this.reply.length : this.releasedUntil;
  }

  /** Hands over the buffer that begins with them; to be given back to the `ReplyBuffers`. */
  takeSendable(): Buffer {
    if (this.heldFrom < 0) return this.reply.take();
    const taken = this.reply.takeFront(this.releasedUntil);
    for (const hold of this.holds) hold.from -= this.releasedUntil;
    this.heldFrom -= this.releasedUntil;
    this.releasedUntil = 0;
    return taken;
  }

  get isInMulti(): boolean {
    return this.queue !== null;
  }

  get isConfined(): boolean {
    return (this.gates & GATE_SUBSCRIBED) !== 0 && this.reply.proto === 2;
  }
}
