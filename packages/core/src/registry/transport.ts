/**
 * The transport seam: a way for clients to come in. TCP and Unix sockets are built in (`net-transport.ts`); another, such
 * as TLS, brings streams of its own and needs to know nothing of commands.
 *
 * A transport hands over each connection it has accepted; from then on the stream belongs to the server, which reads,
 * writes, pauses and ends it.
 */
import type { Duplex } from 'node:stream';

/** The first `length` bytes of `chunk` have arrived. They are the receiver's only until it returns. */
export type Receive = (chunk: Buffer, length: number) => void;

/** A connection that was accepted. */
export interface AcceptedStream {
  /** Of the client, as CLIENT LIST shows it: `127.0.0.1:50000`, `[::1]:50000`, or the path of a socket and `:0`. */
  readonly address: string;
  readonly localAddress: string;
  /** From this machine: protected mode lets it in. */
  readonly isLocal: boolean;
  /**
   * Called once: what arrives goes to `receive` from then on. Returns where replies go, and what is paused, resumed and
   * ended; it stays open in one direction when the other ends. A chunk written to it must have been used up when its
   * callback is called, for its memory serves other replies then.
   */
  open(receive: Receive): Duplex;
  /** Where to write instead of what `open` has returned; null, or absent, if that is it. Called once, after `open`. */
  output?(events: OutputEvents): Output | null;
  /** What was accepted, for a transport that is built on this one, and then does not call `open`. */
  readonly accepted?: Duplex;
}

export interface OutputEvents {
  /** All bytes of a write that had to wait have been taken; or they never will be. */
  onWritten(): void;
  /** The connection is no good any more. */
  onBroken(): void;
}

/** Where the replies of a connection go. */
export interface Output {
  /** Bytes that have not been taken yet. */
  readonly waitingBytes: number;
  /** True: the bytes were taken, and their memory may serve others. False: that is so when `onWritten` is called. */
  write(buffer: Buffer, length: number): boolean;
}

export interface Transport {
  /** What INFO calls it; by default `tcp` where it has a port, else `unix`. */
  readonly kind?: string;
  /** Where it listens, as a person would write it; empty until it does. */
  readonly address: string;
  /** 0 where there is none. */
  readonly port: number;
  /**
   * Resolves once clients can connect; rejects with FERRITE_LISTEN if they will not be able to. A connection that fails
   * before it can be handed over is told to `warn`.
   */
  listen(accept: (stream: AcceptedStream) => void, warn: (text: string) => void): Promise<void>;
  /** Accepts no more; what was accepted stays open. */
  close(): Promise<void>;
}
