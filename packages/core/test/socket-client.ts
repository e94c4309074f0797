/** A client on a real socket, for tests of connections: sends bytes as they are, and collects what comes back. */
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { ReplyParser, type ReplyValue } from '../src/protocol/reply-parser.ts';

const LOOK_MS = 2;
const WAIT_MS = 5000;

export class SocketClient {
  readonly socket: Socket;
  isClosed = false;
  received = Buffer.alloc(0);

  /** `where` is a port on this machine, or the path of a Unix socket. */
  static async connect(where: number | string, options: Partial<NetConnectOpts> = {}): Promise<SocketClient> {
    const to = typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { path: where };
    const client = new SocketClient(connect({ ...to, ...options } as NetConnectOpts));
    await once(client.socket, 'connect');
    return client;
  }

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  send(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** Sends a command and waits for its reply. */
  async call(...parts: string[]): Promise<ReplyValue> {
    this.received = Buffer.alloc(0);
    this.send(request(...parts));
    for (;;) {
      const parser = new ReplyParser({ strings: 'latin1' });
      parser.feed(this.received);
      const reply = parser.next();
      if (reply?.kind === 'reply') return reply.value;
      if (this.isClosed) throw new Error('the connection was closed');
      await pause();
    }
  }

  /** Waits until that many bytes have come. */
  async bytes(count: number): Promise<Buffer> {
    await until(() => this.received.length >= count || this.isClosed);
    return this.received;
  }

  async closed(): Promise<string> {
    await until(() => this.isClosed);
    return this.text;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

export function request(...parts: string[]): string {
  return `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part, 'latin1')}\r\n${part}\r\n`).join('')}`;
}

export async function until(condition: () => boolean): Promise<void> {
  const untilMs = Date.now() + WAIT_MS;
  while (!condition()) {
    if (Date.now() > untilMs) throw new Error(`waited ${WAIT_MS} ms in vain`);
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
