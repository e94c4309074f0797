/**
 * Sockets that all read into one buffer.
 *
 * Node.js offers that (`onread`) to sockets that connect, not to those a server accepts. So the server accepts them
 * paused, and another socket is built on the handle of each. The handle is no documented property: `canShareRead` tries
 * it out on a connection of its own, with one byte, before a server relies on it. Where it does not work (under Bun the
 * handle is there and delivers nothing) connections read by `data` events, as ever.
 *
 * What was read is the receiver's only until it returns: the next read, of whatever socket, goes into the same bytes.
 */
import { connect, createServer, Socket, type SocketConstructorOpts } from 'node:net';
import type { Receive } from './transport.ts';

const READ_SIZE_BYTES = 65_536;
const PROBE_TIMEOUT_MS = 500;
const PROBE_BYTE = 0x2a;

const readBuffer = Buffer.allocUnsafeSlow(READ_SIZE_BYTES);

interface OnHandle {
  _handle: object | null;
}

/** A socket with the connection of `accepted`, which must have been paused from the start, and is of no use afterwards. */
export function sharedReadSocket(accepted: Socket, receive: Receive): Socket {
  const { _handle: handle } = accepted as unknown as OnHandle;
  (accepted as unknown as OnHandle)._handle = null;
  accepted.destroy();
  const callback = (length: number): boolean => {
    receive(readBuffer, length);
    return true;
  };
  const onread = { buffer: readBuffer, callback };
  return new Socket({ handle, allowHalfOpen: true, onread } as SocketConstructorOpts);
}

/** Whether `sharedReadSocket` works on this runtime. Found out once. */
export function canShareRead(): Promise<boolean> {
  probed ??= probe();
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
    const server = createServer({ pauseOnConnect: true }, (accepted) => {
      try {
        sockets.push(sharedReadSocket(accepted, (chunk, length) => end(length === 1 && chunk[0] === PROBE_BYTE)));
      } catch {
        fail();
      }
    });
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return fail();
      const client = connect(address.port, '127.0.0.1', () => client.write(Buffer.of(PROBE_BYTE)));
      client.on('error', fail);
      sockets.push(client);
    });
  });
}
