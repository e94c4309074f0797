/** A way for clients to come in by TLS: an address that is listened on by TCP, with handshakes between. */
import type { TLSSocket } from 'node:tls';
import {
  type AcceptedStream,
  NetStream,
  type Output,
  type OutputEvents,
  type Receive,
  type Transport,
} from '@ferrite/core/module';
import type { Socket } from 'node:net';
import { type Direct, directOutput, readDirectly } from './direct-socket.ts';

/** Who does the handshakes. */
export interface Handshakes {
  /** Is called with each client that may come in. */
  accept: (socket: TLSSocket) => void;
  /** Resolves once it is known how sockets are read and written. */
  ready(): Promise<Direct | null>;
  take(raw: Socket): void;
}

export class TlsTransport implements Transport {
  readonly kind = 'tls';
  private readonly below: Transport;
  private readonly handshakes: Handshakes;

  constructor(below: Transport, handshakes: Handshakes) {
    this.below = below;
    this.handshakes = handshakes;
  }

  get address(): string {
    return this.below.address;
  }

  get port(): number {
    return this.below.port;
  }

  async listen(accept: (stream: AcceptedStream) => void, warn: (text: string) => void): Promise<void> {
    const { handshakes } = this;
    const direct = await handshakes.ready();
    // All addresses of a server let clients into the same.
    handshakes.accept = (encrypted) => accept(new TlsStream(encrypted, direct));
    await this.below.listen(({ accepted }) => handshakes.take(accepted as Socket), warn);
  }

  close(): Promise<void> {
    return this.below.close();
  }
}

class TlsStream extends NetStream {
  private readonly encrypted: TLSSocket;
  private readonly direct: Direct | null;

  constructor(encrypted: TLSSocket, direct: Direct | null) {
    super(encrypted, undefined);
    this.encrypted = encrypted;
    this.direct = direct;
  }

  override open(receive: Receive): Socket {
    if (this.direct === null) return super.open(receive);
    readDirectly(this.encrypted, receive, this.direct);
    return this.encrypted;
  }

  override output(events: OutputEvents): Output | null {
    return this.direct === null ? null : directOutput(this.encrypted, events, this.direct);
  }
}
