/** Clients that come in by TCP or by a Unix socket. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { FerriteError } from '../base/errors.ts';
import { acceptShared, canShareRead, SharedReadSocket } from './shared-read.ts';
import type { AcceptedStream, Output, OutputEvents, Receive, Transport } from '../registry/transport.ts';

const NO_SUCH_ADDRESS: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']);
const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program has it; stop that or choose another',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the system does not allow it to this user',
};

/** What may be changed while a transport listens. */
interface TcpSettings {
  /** Silence after which the system asks whether the peer is still there, 0 for never: redis's `tcp-keepalive`. */
  keepAliveSeconds: number;
}

/**
 * `bind` is an address as redis's option of that name has it: `*` and `::*` are all addresses of their kind, and a minus
 * in front lets one pass that this machine does not have.
 */
export function tcpTransport(bind: string, port: number, backlog: number, settings: TcpSettings): Transport {
  const isOptional = bind.length > 1 && bind.startsWith('-');
  const name = isOptional ? bind.slice(1) : bind;
  const host = name === '*' ? '0.0.0.0' : name === '::*' ? '::' : name;
  const prepare = (socket: Socket): void => {
    socket.setNoDelay(true);
    if (settings.keepAliveSeconds > 0) socket.setKeepAlive(true, settings.keepAliveSeconds * 1000);
  };
  // `::` is IPv6 alone, as in redis, so that it can stand beside `0.0.0.0`.
  const options = { host, port, backlog, ipv6Only: true };
  return new NetTransport({ options, target: formatAddress(host, port), isOptional, mode: 0, prepare });
}

/** `mode`: permissions of the socket's file, 0 to leave them to the process's umask. */
export function unixTransport(path: string, mode: number, backlog: number): Transport {
  return new NetTransport({ options: { path, backlog }, target: path, isOptional: false, mode, prepare: () => {} });
}

interface Endpoint {
  options: ListenOptions;
  /** What is to be listened on, for messages. */
  target: string;
  isOptional: boolean;
  mode: number;
  prepare: (socket: Socket) => void;
}

class NetTransport implements Transport {
  address = '';
  port = 0;
  private readonly endpoint: Endpoint;
  private readonly server: Server;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  }

  async listen(accept: (stream: AcceptedStream) => void, warn: (text: string) => void): Promise<void> {
    const sharesRead = await canShareRead();
    const { server } = this;
    const { options, target, isOptional, mode, prepare } = this.endpoint;
    const { path } = options;
    const onSocket = (socket: Socket): void => {
      prepare(socket);
      accept(new NetStream(socket, path));
    };
    server.on('connection', onSocket);
    if (path !== undefined) removeStaleSocket(path);
    try {
      await listenOn(server, options, () => {
        if (sharesRead) acceptShared(server, onSocket);
      });
    } catch (cause) {
      const error = cannotListen(target, cause as NodeJS.ErrnoException);
      if (!isOptional || !NO_SUCH_ADDRESS.has((cause as NodeJS.ErrnoException).code)) throw error;
      warn(`Warning: ${error.message}`);
      return;
    }
    // What fails from now on is one connection, as a rule for lack of file descriptors.
    server.on('error', (cause) => warn(`Accepting a client connection failed: ${cause.message}`));
    if (path !== undefined && mode !== 0) chmodSync(path, mode);
    const bound = server.address();
    const isTcp = bound !== null && typeof bound !== 'string';
    if (isTcp) this.port = bound.port;
    this.address = isTcp ? formatAddress(bound.address, bound.port) : target;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** A connection on a socket, whatever is between that and the network. `path` is that of a Unix socket. */
export class NetStream implements AcceptedStream {
  readonly address: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  readonly accepted: Socket;

  constructor(accepted: Socket, path: string | undefined) {
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = accepted;
    this.address = path === undefined ? formatAddress(remoteAddress, remotePort) : `${path}:0`;
    this.localAddress = path === undefined ? formatAddress(localAddress, localPort) : `${path}:0`;
    this.isLocal = path !== undefined || /^(::ffff:)?127\.|^::1$/.test(remoteAddress);
    this.accepted = accepted;
  }

  open(receive: Receive): Socket {
    const { accepted } = this;
    if (accepted instanceof SharedReadSocket) {
      accepted.receive = receive;
      return accepted;
    }
    return accepted.on('data', (chunk: Buffer) => receive(chunk, chunk.length)).resume();
  }

  output(events: OutputEvents): Output | null {
    return this.accepted instanceof SharedReadSocket ? this.accepted.directOutput(events) : null;
  }
}

function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The file of a socket stays when its server is killed, and would be in the way. Another file is never removed. */
function removeStaleSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
}

/** `onListening` is called before the first client can come. */
function listenOn(server: Server, options: ListenOptions, onListening: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.removeListener('error', reject);
      onListening();
      resolve();
    });
  });
}

function cannotListen(target: string, cause: NodeJS.ErrnoException): FerriteError {
  const why = REASONS[cause.code ?? ''] ?? cause.message;
  return new FerriteError('FERRITE_LISTEN', `cannot listen on ${target}: ${why}`, cause);
}
