/**
 * One connection: what arrives goes through the client's parser and the executor, replies go back in one write per read.
 * What always holds:
 *
 * 1. When `receive` returns, nothing refers to the chunk any more: the next connection reads into the same bytes.
 * 2. A buffer of replies is used again when the socket has taken all of it, and not before.
 * 3. While more than `allowanceBytes` of output wait for the client, it is *stopped*: none of its commands is run, and
 *    nothing is read from it. But some clients send all of a long pipeline before they read the first reply, and would
 *    wait for ever. So for a client that takes nothing the allowance grows in steps, up to a limit.
 * 4. Output that waits is in memory of about its own size, but for one buffer.
 * 5. After `leave` no command runs, and the instance does not know the client any more.
 */
import type { Duplex } from 'node:stream';
import type { Client, Link } from '../instance/client.ts';
import { execute } from '../instance/executor.ts';
import type { Instance } from '../instance/instance.ts';
import { StreamOutput } from './output.ts';
import type { ServerSettings } from './settings.ts';
import type { AcceptedStream, Output, OutputEvents } from '../registry/transport.ts';

const ALLOWANCE_MIN_BYTES = 1024 * 1024;
const ALLOWANCE_MAX_BYTES = 64 * 1024 * 1024;
/** Requests that a client may send ahead while its commands wait for something other than itself. */
const AHEAD_MAX_BYTES = 1024 * 1024;
/** Output that has to wait is copied if it is so many times smaller than its buffer. */
const COPY_WHEN_SMALLER = 4;
/** A connection that was ended is cut if its peer has not hung up by then. */
const LINGER_MS = 1000;

/** What a connection needs of the server it belongs to. */
export interface ConnectionHost {
  readonly instance: Instance;
  readonly settings: ServerSettings;
  /** `flush` is to be called when this turn of the loop is over. */
  flushLater(connection: Connection): void;
  /** `onStalled` is to be called several times a second while the connection is stopped. */
  watchStopped(connection: Connection): void;
  closed(connection: Connection): void;
}

export class Connection implements Link, OutputEvents {
  readonly address: string;
  readonly localAddress: string;
  /** Its place in the server's list. */
  index = -1;
  isStopped = false;
  private readonly host: ConnectionHost;
  private readonly socket: Duplex;
  private readonly client: Client;
  private readonly output: Output;
  /** By write that the output has not taken yet: the buffer it is in, null for a copy. */
  private readonly inFlight: (Buffer | null)[] = [];
  private writesDone = 0;
  private writesDoneAtLook = 0;
  private allowanceBytes = ALLOWANCE_MIN_BYTES;
  private isFlushQueued = false;
  private isGoingOn = false;
  private isPaused = false;
  /** Its peer sends no more. */
  private hasEnded = false;
  private hasLeft = false;
  private wasActive = true;
  private activeMs = 0;
  /** Since when more than the soft limit of output waits, -1 for not at all. */
  private softSinceMs = -1;
  /** When it was first visited after its end, -1 for not yet. */
  private lingerSinceMs = -1;

  constructor(host: ConnectionHost, stream: AcceptedStream) {
    this.host = host;
    this.address = stream.address;
    this.localAddress = stream.localAddress;
    this.client = host.instance.connect(this);
    this.socket = stream.open((chunk, length) => this.receive(chunk, length));
    this.output = stream.output?.(this) ?? new StreamOutput(this.socket, this);
    this.socket.on('end', () => this.onEnd());
    this.socket.on('error', () => this.destroy());
    this.socket.on('close', () => this.onClose());
  }

  get waitingBytes(): number {
    return this.inFlight.length === 0 ? 0 : this.output.waitingBytes;
  }

  /** Nothing will be sent any more. */
  get isSent(): boolean {
    return this.socket.writableFinished || this.socket.destroyed;
  }

  private receive(chunk: Buffer, length: number): void {
    const { client } = this;
    const { parser } = client;
    if (client.closesAfterReply) return;
    this.host.instance.traffic.inputBytes += length;
    this.wasActive = true;
    parser.feed(chunk, length);
    if (!this.isStopped && !client.isSuspended) {
      this.run();
      return;
    }
    parser.park(client.isSuspended);
    if (this.isStopped || parser.pendingBytes > AHEAD_MAX_BYTES) this.pause();
    this.checkQuery();
  }

  /** Runs what has arrived, as far as it goes now. */
  private run(): void {
    const { client } = this;
    const isDone = execute(this.host.instance, client);
    if (this.hasLeft) return;
    if (!isDone && !client.closesAfterReply) {
      client.parser.park(client.isSuspended);
      if (!client.isSuspended) this.stop();
    }
    this.flush();
    if (this.waitingBytes > this.allowanceBytes) this.stop();
    this.checkQuery();
  }

  /** Goes on with what has arrived, when the client's suspension is over. */
  resume(): void {
    if (this.hasLeft || this.isStopped || this.client.isSuspended) return;
    this.unpause();
    this.run();
  }

  /** Sends the replies there are, but for those that are held back. */
  flush(): void {
    const { client } = this;
    this.isFlushQueued = false;
    if (this.hasLeft) return;
    if (client.sendableBytes > 0) {
      if (!this.isWithinLimits()) return;
      this.write();
    }
    if (client.heldFrom >= 0) return;
    if (client.closesAfterReply || (this.hasEnded && !this.isStopped && !client.isSuspended)) this.end();
    else if (this.isStopped) this.goOnIfAllowed();
  }

  /** The same once this turn of the loop is over: for messages that other clients cause. */
  flushSoon(): void {
    if (this.hasLeft || this.isFlushQueued || !this.isWithinLimits()) return;
    this.isFlushQueued = true;
    this.host.flushLater(this);
  }

  private write(): void {
    const { client } = this;
    const { buffers, traffic } = this.host.instance;
    const length = client.sendableBytes;
    const buffer = client.takeSendable();
    traffic.outputBytes += length;
    const isCopied = length * COPY_WHEN_SMALLER < buffer.length && this.waitingBytes > 0;
    const isTaken = this.output.write(isCopied ? Buffer.from(buffer.subarray(0, length)) : buffer, length);
    if (!isTaken) this.inFlight.push(isCopied ? null : buffer);
    if (isTaken || isCopied) buffers.release(buffer);
    if (isTaken) this.writesDone++;
  }

  onWritten(): void {
    const buffer = this.inFlight.shift();
    if (buffer) this.host.instance.buffers.release(buffer);
    this.writesDone++;
    this.wasActive = true;
    if (this.isStopped && !this.hasLeft) this.goOnIfAllowed();
  }

  onBroken(): void {
    this.destroy();
  }

  private stop(): void {
    if (this.isStopped || this.hasLeft) return;
    this.isStopped = true;
    this.writesDoneAtLook = this.writesDone;
    this.pause();
    this.host.watchStopped(this);
  }

  /** Ends the stop, in a turn of its own, so that a client with much to do lets others have theirs. */
  private goOnIfAllowed(): void {
    if (this.isGoingOn || this.waitingBytes > this.allowanceBytes) return;
    if (this.waitingBytes === 0) this.allowanceBytes = ALLOWANCE_MIN_BYTES;
    this.isGoingOn = true;
    setImmediate(() => {
      this.isGoingOn = false;
      this.isStopped = false;
      this.resume();
    });
  }

  /** It is stopped: if the client has taken nothing since the last look, the allowance grows. */
  onStalled(): void {
    const hasProgress = this.writesDone !== this.writesDoneAtLook;
    this.writesDoneAtLook = this.writesDone;
    if (hasProgress || this.hasLeft || this.allowanceBytes >= ALLOWANCE_MAX_BYTES) return;
    this.allowanceBytes *= 2;
    if (this.client.heldFrom < 0) this.goOnIfAllowed();
  }

  /** At least about once a second. */
  visit(nowMs: number): void {
    if (this.hasLeft) {
      if (this.waitingBytes > 0) return;
      if (this.lingerSinceMs < 0) this.lingerSinceMs = nowMs;
      else if (nowMs - this.lingerSinceMs >= LINGER_MS) this.socket.destroy();
      return;
    }
    const { client, host } = this;
    const { idleSeconds } = host.settings;
    if (!this.isWithinLimits()) return;
    if (this.wasActive) {
      this.wasActive = false;
      this.activeMs = nowMs;
      return;
    }
    client.parser.trim();
    const mayIdle = idleSeconds === 0 || client.isSuspended || client.type !== 'normal';
    if (mayIdle || nowMs - this.activeMs < idleSeconds * 1000) return;
    host.instance.log('verbose', 'Closing idle client');
    this.destroy();
  }

  /** For a server that closes: no further command is run, replies go out, then the connection ends. */
  finish(): void {
    if (this.hasLeft) return;
    this.pause();
    this.client.closesAfterReply = true;
    this.flush();
  }

  destroy(): void {
    this.leave();
    this.socket.destroy();
  }

  private end(): void {
    this.leave();
    // What still arrives is read and dropped: input left unread would reset the connection, and lose the last reply.
    this.unpause();
    this.socket.end();
  }

  private leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.client.closesAfterReply = true;
    this.host.instance.disconnect(this.client);
  }

  private onEnd(): void {
    this.hasEnded = true;
    // A command that waits for a read is answered yet; one that waits for something else is not, as in redis.
    if (this.client.isSuspended && this.client.coldRead === null) this.destroy();
    else this.flush();
  }

  private onClose(): void {
    this.leave();
    this.host.instance.buffers.release(this.client.reply.take());
    this.host.closed(this);
  }

  private checkQuery(): void {
    const { host, client } = this;
    if (this.hasLeft || client.parser.pendingBytes <= host.settings.queryBytesMax) return;
    host.instance.log('warning', `Closing client that reached max query buffer length: ${this.described}`);
    this.destroy();
  }

  /** False if the client let too much output wait, and was dropped. */
  private isWithinLimits(): boolean {
    const { settings, instance } = this.host;
    const { hardBytes, softBytes, softSeconds } = settings.outputLimits[this.client.type];
    if (hardBytes === 0 && softBytes === 0) return true;
    const bytes = this.client.reply.length + this.waitingBytes;
    let isOver = hardBytes > 0 && bytes >= hardBytes;
    if (softBytes === 0 || bytes < softBytes) this.softSinceMs = -1;
    else {
      const nowMs = instance.store.clock.monotonicMs();
      if (this.softSinceMs < 0) this.softSinceMs = nowMs;
      else if (nowMs - this.softSinceMs > softSeconds * 1000) isOver = true;
    }
    if (!isOver) return true;
    instance.log('warning', `Client ${this.described} closed for overcoming of output buffer limits.`);
    this.destroy();
    return false;
  }

  private get described(): string {
    const { client } = this;
    return `id=${client.id} addr=${this.address} laddr=${this.localAddress} name=${client.name} db=${client.database}`;
  }

  private pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.socket.pause();
  }

  private unpause(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.socket.resume();
  }
}
