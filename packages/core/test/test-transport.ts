/**
 * A transport without a network, for tests of connections. The peer decides when it takes what was written to it, and
 * reads the bytes only then, as a kernel does: a buffer that was used again too early shows.
 */
import { Duplex } from 'node:stream';
import type { AcceptedStream, Receive, Transport } from '../src/registry/transport.ts';

export class TestTransport implements Transport {
  readonly address = 'test';
  readonly port = 0;
  isClosed = false;
  private accept: (stream: AcceptedStream) => void = () => {};

  async listen(accept: (stream: AcceptedStream) => void): Promise<void> {
    this.accept = accept;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  connect(isLocal = true): TestPeer {
    const peer = new TestPeer(isLocal);
    this.accept(peer);
    return peer;
  }
}

/** All peers read into this, as all sockets of a server do. */
const sharedBuffer = Buffer.alloc(65_536);

export class TestPeer implements AcceptedStream {
  readonly address = '10.0.0.1:5000';
  readonly localAddress = '10.0.0.2:6379';
  readonly isLocal: boolean;
  readonly socket: Duplex;
  /** While false, what is written waits. */
  isReading = true;
  writes = 0;
  hasEnded = false;
  isPaused = false;
  private receive: Receive = () => {};
  private taken: Buffer[] = [];
  private waiting: { chunk: Buffer; done: () => void } | null = null;

  constructor(isLocal: boolean) {
    this.isLocal = isLocal;
    this.socket = new Duplex({
      allowHalfOpen: true,
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => this.onWrite(chunk, done),
      final: (done) => {
        this.hasEnded = true;
        done();
      },
    });
    this.socket.on('pause', () => (this.isPaused = true));
    this.socket.on('resume', () => (this.isPaused = false));
  }

  open(receive: Receive): Duplex {
    this.receive = receive;
    return this.socket;
  }

  /** Bytes arrive, in a buffer that serves others as soon as they are received. */
  send(text: string | Buffer): void {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
    for (let at = 0; at < bytes.length; at += sharedBuffer.length) {
      const length = bytes.copy(sharedBuffer, 0, at, at + sharedBuffer.length);
      this.receive(sharedBuffer, length);
      sharedBuffer.fill(0x21);
    }
  }

  /** The client closes its side. */
  hangUp(): void {
    this.socket.push(null);
    this.socket.read(0);
  }

  /** Takes what waits, and from now on whatever comes. */
  read(): void {
    this.isReading = true;
    this.takeOne();
  }

  /** Takes one write that waits. */
  takeOne(): void {
    if (this.waiting === null) return;
    const { chunk, done } = this.waiting;
    this.waiting = null;
    this.taken.push(Buffer.from(chunk));
    done();
  }

  get text(): string {
    return Buffer.concat(this.taken).toString('latin1');
  }

  get takenBytes(): number {
    return this.taken.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  private onWrite(chunk: Buffer, done: () => void): void {
    this.writes++;
    if (this.isReading) {
      this.taken.push(Buffer.from(chunk));
      done();
    } else {
      this.waiting = { chunk, done };
    }
  }
}
