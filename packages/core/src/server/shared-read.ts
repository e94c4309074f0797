/**
 * Sockets that all read into one buffer, and are written to without a stream between.
 *
 * Node.js offers that (`onread`) to sockets that connect, not to those a server accepts. So the handle of each accepted
 * connection is taken before `net` builds a socket of its own kind on it, and gets one that does. Handles are no
 * documented properties: `canShareRead` tries it out on a connection of its own, with a byte each way, before a server
 * relies on it, and learns the class of the request that a write takes. Where it does not work connections read by `data`
 * events and write to streams, as ever. Bun and Deno are known for it and not even tried: their handles are there and
 * deliver nothing, and Bun's fails later on, outside of any event that could be listened to.
 *
 * What was read is the receiver's only until it returns: the next read, of whatever socket, goes into the same bytes.
 */
import { connect, createServer, type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { HandleOutput, type SocketHandle, type WriteRequest, type WriteRequestClass } from './output.ts';
import type { Output, OutputEvents, Receive } from '../registry/transport.ts';

const READ_SIZE_BYTES = 65_536;
const PROBE_TIMEOUT_MS = 500;
const PROBE_BYTE = 0x2a;

const readBuffer = Buffer.allocUnsafeSlow(READ_SIZE_BYTES);

interface OnHandle {
  _handle: SocketHandle | null;
}

interface ListenHandle {
  onconnection: (status: number, connection: SocketHandle | undefined) => void;
}

let writeRequestClass: WriteRequestClass | null = null;

/** A socket that reads into the shared buffer, from its creation on. */
export class SharedReadSocket extends Socket {
  private readonly receiver: { receive: Receive };

  private constructor(handle: SocketHandle, receiver: { receive: Receive }) {
    const callback = (length: number): boolean => {
      receiver.receive(readBuffer, length);
      return true;
    };
    super({ handle, allowHalfOpen: true, onread: { buffer: readBuffer, callback } } as SocketConstructorOpts);
    this.receiver = receiver;
  }

  static over(handle: SocketHandle): SharedReadSocket {
    return new SharedReadSocket(handle, { receive: () => {} });
  }

  /** What arrives goes to `receive`: to be said before the turn is over in which the socket was made. */
  set receive(receive: Receive) {
    this.receiver.receive = receive;
  }

  /** Where to write instead of the stream, once `canShareRead` has said yes. */
  directOutput(events: OutputEvents): Output | null {
    const { _handle: handle } = this as unknown as OnHandle;
    return handle === null || writeRequestClass === null ? null : new HandleOutput(handle, writeRequestClass, events);
  }
}

/** From now on the server, which listens, tells `accept` of its connections, and has no more to do with them. */
export function acceptShared(server: Server, accept: (socket: SharedReadSocket) => void): void {
  const { _handle: handle } = server as unknown as { _handle: ListenHandle };
  const { onconnection } = handle;
  handle.onconnection = (status, connection) => {
    if (status !== 0 || connection === undefined) onconnection.call(handle, status, connection);
    else accept(SharedReadSocket.over(connection));
  };
}

/**
 * Lets the next write to the stream's handle, of one byte, tell which class its request is of. Since Node.js 26 a handle makes
 * its requests itself and is given null: then replies are written to streams.
 */
function learnWriteRequest(handle: SocketHandle): void {
  handle.writeBuffer = (request: WriteRequest | null, bytes) => {
    Reflect.deleteProperty(handle, 'writeBuffer');
    if (request !== null) writeRequestClass = request.constructor as WriteRequestClass;
    return handle.writeBuffer(request as WriteRequest, bytes);
  };
}

/** Whether `acceptShared` works on this runtime. Found out once. */
export function canShareRead(): Promise<boolean> {
  const { bun, deno } = process.versions;
  probed ??= bun === undefined && deno === undefined ? probe() : Promise.resolve(false);
  return probed;
}
let probed: Promise<boolean> | undefined;

function probe(): Promise<boolean> {
  return new Promise((resolve) => {
    const sockets: Socket[] = [];
    const end = (works: boolean): void => {
      clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
      resolve(works);
    };
    const fail = (): void => end(false);
    const timer = setTimeout(fail, PROBE_TIMEOUT_MS);
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      try {
        acceptShared(server, (socket) => {
          sockets.push(socket);
          socket.receive = (chunk, length) => {
            if (length !== 1 || chunk[0] !== PROBE_BYTE) fail();
            else answer(socket, fail);
          };
        });
      } catch {
        return fail();
      }
      const address = server.address();
      if (address === null || typeof address === 'string') return fail();
      const client = connect(address.port, '127.0.0.1', () => client.write(Buffer.of(PROBE_BYTE)));
      let received = 0;
      client.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received === 2) end(chunk.at(-1) === PROBE_BYTE);
      });
      client.on('error', fail);
      sockets.push(client);
    });
  });
}

/** Writes a byte to the stream, which tells how that is done, and one in the way that replies will take. */
function answer(socket: SharedReadSocket, fail: () => void): void {
  const { _handle: handle } = socket as unknown as OnHandle;
  if (handle !== null) learnWriteRequest(handle);
  socket.write(Buffer.of(PROBE_BYTE));
  const output = socket.directOutput({ onWritten: () => {}, onBroken: fail });
  if (output === null) socket.write(Buffer.of(PROBE_BYTE));
  else if (!output.write(Buffer.of(PROBE_BYTE), 1)) fail();
}
