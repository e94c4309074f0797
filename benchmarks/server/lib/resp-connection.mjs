/** A connection to a server: commands out, replies in, in order. Texts have a character for each byte. */
import { connect } from 'node:net';

/** A reply that is an error. */
export class ReplyError extends Error {
  name = 'ReplyError';
}

export function encode(command) {
  let text = `*${command.length}\r\n`;
  for (const part of command) text += `$${part.length}\r\n${part}\r\n`;
  return text;
}

export class RespConnection {
  /** Resolves when the server has accepted it. */
  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new RespConnection(socket));
      });
    });
  }

  constructor(socket) {
    this.socket = socket;
    /** Called with each reply that no call of `ask` waits for. */
    this.onReply = () => {};
    this.waiting = [];
    this.received = Buffer.alloc(0);
    socket.on('data', (chunk) => this.onData(chunk));
    socket.on('error', () => {});
    /** Resolves when nothing will arrive any more. */
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    this.closed.then(() => {
      for (const { reject } of this.waiting) reject(new Error('the connection was closed'));
    });
  }

  /** Commands as `encode` makes them; false while the socket has enough to do. */
  write(text) {
    return this.socket.write(text, 'latin1');
  }

  /** Sends one command; resolves with its reply, and rejects if that is an error. */
  ask(...command) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.write(encode(command.map(String)));
    });
  }

  destroy() {
    this.socket.destroy();
  }

  onData(chunk) {
    const bytes = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const parser = new ReplyParser(bytes);
    let doneAt = 0;
    for (let reply = parser.tryNext(); reply !== undefined; reply = parser.tryNext()) {
      doneAt = parser.at;
      const waiting = this.waiting.shift();
      if (waiting === undefined) this.onReply(reply);
      else if (reply instanceof ReplyError) waiting.reject(reply);
      else waiting.resolve(reply);
    }
    this.received = bytes.subarray(doneAt);
  }
}

/** Replies of RESP2, one after the other; `undefined` when the bytes end in the midst of one. */
class ReplyParser {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  tryNext() {
    const { bytes, at } = this;
    const endAt = bytes.indexOf('\r\n', at, 'latin1');
    if (endAt < 0) return undefined;
    const line = bytes.latin1Slice(at + 1, endAt);
    this.at = endAt + 2;
    switch (bytes[at]) {
      case 43: // '+'
        return line;
      case 45: // '-'
        return new ReplyError(line);
      case 58: // ':'
        return Number(line);
      case 36: // '$'
        return line === '-1' ? null : this.tryBulk(Number(line));
      case 42: // '*'
        return line === '-1' ? null : this.tryArray(Number(line));
      default:
        throw new Error(`not a reply: ${JSON.stringify(bytes.latin1Slice(at, Math.min(endAt, at + 80)))}`);
    }
  }

  tryBulk(length) {
    const { bytes, at } = this;
    if (bytes.length < at + length + 2) return undefined;
    this.at = at + length + 2;
    return bytes.latin1Slice(at, at + length);
  }

  tryArray(count) {
    const replies = [];
    while (replies.length < count) {
      const reply = this.tryNext();
      if (reply === undefined) return undefined;
      replies.push(reply);
    }
    return replies;
  }
}
