/**
 * Encrypted sockets without a stream between: all of them are read into one buffer, and each batch of replies is one write
 * to the handle that encrypts.
 *
 * A stream allocates a buffer for each read, which makes the collector of garbage come often, and costs as much for each
 * write as the commands that are answered. Node.js offers reading into one's own buffer (`onread`) to sockets that
 * connect, not to those of a server; what it keeps for that is found on the socket by name. None of this is documented:
 * `probeDirect` tries it out on a connection of its own, with bytes each way, before a server relies on it. Where it does
 * not work connections read by `data` events and write to streams, as ever.
 *
 * What was read is the receiver's only until it returns: the next read, of whatever socket, goes into the same bytes.
 */
import type { Output, OutputEvents, Receive } from '@ferrite/core/module';
import { connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls';

/** A record of TLS has 16 KB at most. */
const READ_SIZE_BYTES = 65_536;
const PROBE_TIMEOUT_MS = 2000;
const PROBE_BYTE = 0x2a;

/** What encrypts, below a socket. Errors are numbers below zero. */
interface TlsHandle {
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
  useUserBuffer(bytes: Buffer): void;
}

interface WriteRequest {
  oncomplete: (status: number) => void;
}

/** What has to be known of Node.js to go without streams. */
export interface Direct {
  readonly requestClass: new () => WriteRequest;
  /** Where a socket has the buffer it reads into, and what it calls then. */
  readonly bufferKey: symbol;
  readonly callbackKey: symbol;
}

type Internals = TLSSocket & { _handle: TlsHandle | null } & Record<symbol, unknown>;

const readBuffer = Buffer.allocUnsafeSlow(READ_SIZE_BYTES);

/** From now on what arrives goes to `receive`. To be called before the turn is over in which the handshake was done. */
export function readDirectly(socket: TLSSocket, receive: Receive, { bufferKey, callbackKey }: Direct): void {
  const internals = socket as Internals;
  internals[bufferKey] = readBuffer;
  internals[callbackKey] = (length: number): boolean => {
    receive(readBuffer, length);
    return true;
  };
  internals._handle?.useUserBuffer(readBuffer);
}

/** Writes to the handle. It takes one write at a time, and the next when that is on its way: always in a later turn. */
class DirectOutput implements Output {
  /** Bytes that have not been taken yet. */
  waitingBytes = 0;
  private readonly handle: TlsHandle;
  private readonly requestClass: Direct['requestClass'];
  private readonly events: OutputEvents;
  private readonly onComplete = (status: number): void => this.completed(status);
  private readonly queue: Buffer[] = [];
  /** Of the write that is on its way, 0 for none. */
  private writingBytes = 0;
  private onIdle: (() => void) | null = null;

  constructor(socket: TLSSocket, handle: TlsHandle, requestClass: Direct['requestClass'], events: OutputEvents) {
    this.handle = handle;
    this.requestClass = requestClass;
    this.events = events;
    // The end must not overtake what waits here.
    const final = socket._final;
    socket._final = (callback) => this.whenIdle(() => final.call(socket, callback));
  }

  write(buffer: Buffer, length: number): boolean {
    const bytes = buffer.subarray(0, length);
    if (this.writingBytes > 0) {
      this.queue.push(bytes);
      this.waitingBytes += length;
      return false;
    }
    if (!this.tryStart(bytes)) {
      this.events.onBroken();
      return true;
    }
    this.waitingBytes += length;
    return false;
  }

  private tryStart(bytes: Buffer): boolean {
    const request = new this.requestClass();
    request.oncomplete = this.onComplete;
    this.writingBytes = bytes.length;
    if (this.handle.writeBuffer(request, bytes) === 0) return true;
    this.writingBytes = 0;
    return false;
  }

  private completed(status: number): void {
    let isBroken = status < 0;
    let doneCount = 1;
    this.waitingBytes -= this.writingBytes;
    this.writingBytes = 0;
    const next = this.queue.shift();
    if (next !== undefined && (isBroken || !this.tryStart(next))) {
      // Nothing will be sent any more: all that waits is given back.
      isBroken = true;
      doneCount += 1 + this.queue.length;
      this.queue.length = 0;
      this.waitingBytes = 0;
    }
    for (; doneCount > 0; doneCount--) this.events.onWritten();
    if (isBroken) this.events.onBroken();
    if (this.writingBytes === 0 && this.onIdle !== null) this.onIdle();
  }

  private whenIdle(go: () => void): void {
    if (this.writingBytes === 0) go();
    else this.onIdle = go;
  }
}

/** Where to write instead of the stream; null once the socket is closed. */
export function directOutput(socket: TLSSocket, events: OutputEvents, { requestClass }: Direct): DirectOutput | null {
  const { _handle: handle } = socket as Internals;
  return handle === null ? null : new DirectOutput(socket, handle, requestClass, events);
}

/** Finds out how this runtime does it; null if it does not. `options` has a certificate for the connection that is tried. */
export function probeDirect(options: TlsOptions): Promise<Direct | null> {
  return new Promise((resolve) => {
    const sockets: TLSSocket[] = [];
    const server = createServer({ ...options, requestCert: false, ALPNProtocols: undefined, SNICallback: undefined });
    let found: Direct | null = null;
    const end = (direct: Direct | null): void => {
      server.close();
      for (const socket of sockets) socket.destroy();
      resolve(direct);
    };
    const fail = (): void => end(null);
    server.on('error', fail).on('tlsClientError', fail);
    server.on('secureConnection', (socket) => {
      sockets.push(socket);
      socket.on('error', fail);
      try {
        answer(socket, (direct) => {
          found = direct;
        });
      } catch {
        fail();
      }
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return fail();
      const client = connect({ port: address.port, host: '127.0.0.1', rejectUnauthorized: false });
      sockets.push(client);
      client.setTimeout(PROBE_TIMEOUT_MS, fail);
      client.on('secureConnect', () => client.write(Buffer.of(PROBE_BYTE)));
      let received = 0;
      client.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received === 2) end(chunk.at(-1) === PROBE_BYTE ? found : null);
      });
      client.on('error', fail);
    });
  });
}

/** Reads a byte directly, writes one to the stream, which tells how that is done, and then one to the handle. */
function answer(socket: TLSSocket, tell: (direct: Direct) => void): void {
  const keys = Object.getOwnPropertySymbols(socket);
  const keyNamed = (name: string) => keys.find(({ description }) => description === name);
  const bufferKey = keyNamed('kBuffer');
  const callbackKey = keyNamed('kBufferCb');
  const { _handle: handle } = socket as Internals;
  if (bufferKey === undefined || callbackKey === undefined || typeof handle?.useUserBuffer !== 'function') {
    throw new Error('this runtime keeps it elsewhere');
  }
  let requestClass: Direct['requestClass'] | undefined;
  handle.writeBuffer = (request, bytes) => {
    Reflect.deleteProperty(handle, 'writeBuffer');
    requestClass = request.constructor as Direct['requestClass'];
    return handle.writeBuffer(request, bytes);
  };
  const receive: Receive = (chunk, length) => {
    if (length !== 1 || chunk[0] !== PROBE_BYTE) socket.destroy(new Error('what was read is not what was sent'));
    socket.write(Buffer.of(0), () => {
      if (requestClass === undefined) {
        socket.destroy(new Error('the stream writes in another way'));
        return;
      }
      const direct = { requestClass, bufferKey, callbackKey };
      const events = { onWritten: () => {}, onBroken: () => socket.destroy(new Error('a write failed')) };
      if (directOutput(socket, events, direct)?.write(Buffer.of(PROBE_BYTE), 1) === false) tell(direct);
    });
  };
  readDirectly(socket, receive, { requestClass: Object as never, bufferKey, callbackKey });
}
