/**
 * Messages that answer no command. One for many clients is put into RESP once for each protocol that one of them
 * speaks; each client's output goes out once, when the turn of the loop is over. CLIENT REPLY does not silence them.
 * What a client's own command causes comes after its reply, never in the middle of it.
 */
import type { ReplyBuffers } from '../protocol/reply-buffers.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Client } from './client.ts';
import { GATE_DEFERRED } from './gates.ts';

type Write = (reply: ReplyWriter) => void;

export class Pushes {
  /** Whose commands are being run. */
  executing: Client | null = null;
  private readonly buffers: ReplyBuffers;
  private readonly encoder: ReplyWriter;

  constructor(buffers: ReplyBuffers) {
    this.buffers = buffers;
    this.encoder = new ReplyWriter(buffers);
  }

  /** Sends a client what `write` writes. */
  send(client: Client, write: Write): void {
    this.sendAll([client], write);
  }

  /** Sends it to all of them; how many they are. */
  sendAll(clients: Iterable<Client>, write: Write): number {
    let count = 0;
    for (const proto of [2, 3] as const) {
      let bytes: Buffer | null = null;
      let length = 0;
      for (const client of clients) {
        if (client.reply.proto !== proto) continue;
        count++;
        if (bytes === null) {
          this.encoder.proto = proto;
          write(this.encoder);
          length = this.encoder.length;
          bytes = this.encoder.take();
        }
        this.append(client, bytes, length);
      }
      if (bytes !== null) this.buffers.release(bytes);
    }
    return count;
  }

  private append(client: Client, bytes: Buffer, length: number): void {
    if (client.closesAfterReply) return;
    if (client !== this.executing) {
      appendMessage(client, bytes, length);
      client.link.flushSoon();
      return;
    }
    client.deferred ??= new ReplyWriter(this.buffers);
    client.deferred.raw(bytes, 0, length);
    client.gates |= GATE_DEFERRED;
  }

  /** The client's command is answered: its messages follow. */
  release(client: Client): void {
    client.gates &= ~GATE_DEFERRED;
    const { deferred } = client;
    if (deferred === null) return;
    const { length } = deferred;
    const bytes = deferred.take();
    appendMessage(client, bytes, length);
    this.buffers.release(bytes);
  }
}

/** Appends a message to what the client is sent. */
function appendMessage(client: Client, bytes: Buffer, length: number): void {
  if (client.heldFrom >= 0) client.holds[client.holds.length - 1].messages.push(Buffer.from(bytes.subarray(0, length)));
  appendBytes(client.reply, bytes, length);
}

/** Appends bytes that CLIENT REPLY does not silence. */
export function appendBytes(reply: ReplyWriter, bytes: Buffer, length: number): void {
  const { isMuted } = reply;
  reply.isMuted = false;
  reply.raw(bytes, 0, length);
  reply.isMuted = isMuted;
}
