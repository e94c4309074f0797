/**
 * One connection: bytes of the socket go through the client's parser and the executor, replies go back in one write per
 * read. While the socket has not taken what was sent, nothing more is parsed.
 */
import type { Socket } from 'node:net';
import type { Client, Link } from '../instance/client.ts';
import { execute } from '../instance/executor.ts';
import type { Instance } from '../instance/instance.ts';

export class Connection implements Link {
  private readonly instance: Instance;
  private readonly socket: Socket;
  private readonly client: Client;
  private isFlushQueued = false;

  constructor(instance: Instance, socket: Socket) {
    this.instance = instance;
    this.socket = socket;
    this.client = instance.connect(this);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    socket.on('drain', () => this.run());
    socket.on('error', () => this.destroy());
    socket.on('close', () => instance.disconnect(this.client));
  }

  get address(): string {
    return `${this.socket.remoteAddress}:${this.socket.remotePort}`;
  }

  get localAddress(): string {
    return `${this.socket.localAddress}:${this.socket.localPort}`;
  }

  private onData(chunk: Buffer): void {
    this.client.parser.feed(chunk, chunk.length);
    this.run();
  }

  private run(): void {
    const { client } = this;
    const isDone = execute(this.instance, client);
    if (!isDone) client.parser.park(client.isSuspended);
    this.flush();
  }

  resume(): void {
    this.run();
  }

  flushSoon(): void {
    if (this.isFlushQueued) return;
    this.isFlushQueued = true;
    setImmediate(() => {
      this.isFlushQueued = false;
      this.flush();
    });
  }

  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  flush(): void {
    const { client, socket } = this;
    if (client.heldFrom >= 0) return;
    const { length } = client.reply;
    if (length > 0 && !socket.destroyed) {
      const buffer = client.reply.take();
      socket.write(buffer.subarray(0, length), () => this.instance.buffers.release(buffer));
    }
    if (client.closesAfterReply) socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
