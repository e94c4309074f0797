/**
 * An instance without sockets, for tests of commands: on memory, or on a device and clock of the test's, driven by hand.
 *
 * `client.send('SET', 'k', 'v')` runs a command and returns its reply as a value (`ReplyParser`); what a write to the
 * device holds back comes with `await client.settled()`.
 */
import { type Driven, openDriven } from '../src/embedded/driven.ts';
import type { OpenOptions } from '../src/embedded/options.ts';
import { Prng } from '../src/base/prng.ts';
import { type Clock, systemClock } from '../src/base/clock.ts';
import type { Device } from '../src/device/device.ts';
import type { Client, Link } from '../src/instance/client.ts';
import { execute } from '../src/instance/executor.ts';
import { Instance } from '../src/instance/instance.ts';
import { type Reply, ReplyError, ReplyParser, type ReplyValue } from '../src/protocol/reply-parser.ts';

export interface TestInstance {
  instance: Instance;
  driven: Driven<string>;
  connect(): TestClient;
}

export function makeTestInstance(
  options: OpenOptions = {},
  host: { device?: Device | null; clock?: Clock; seed?: number } = {},
): TestInstance {
  const { device = null, clock = systemClock, seed = 1 } = host;
  const driven = openDriven({ pageSize: '128kb', ...options }, { device, clock, prng: new Prng(seed) });
  const instance = new Instance(driven.store);
  return { instance, driven, connect: () => new TestClient(instance) };
}

/** For a test that needs one client only. */
export function makeTestClient(options: OpenOptions = {}): TestClient {
  return makeTestInstance(options).connect();
}

/** What an error reply says. */
export function errorOf(reply: unknown): string {
  return reply instanceof ReplyError ? reply.message : `no error: ${String(reply)}`;
}

export class TestClient implements Link {
  readonly client: Client;
  address = '127.0.0.1:50000';
  readonly localAddress = '127.0.0.1:6379';
  readonly waitingBytes = 0;
  isDestroyed = false;
  /** Messages that answered no command. */
  readonly pushed: ReplyValue[][] = [];
  private readonly instance: Instance;
  private readonly replies: ReplyValue[] = [];
  private readonly parser = new ReplyParser({ strings: 'latin1' });

  constructor(instance: Instance) {
    this.instance = instance;
    this.client = instance.connect(this);
  }

  /** Runs one command; its reply, or undefined while it is held back. Texts are sent as latin1. */
  send(...parts: (string | Buffer | number)[]): ReplyValue | undefined {
    const chunks: Buffer[] = [Buffer.from(`*${parts.length}\r\n`)];
    for (const part of parts) {
      const bytes = part instanceof Buffer ? part : Buffer.from(String(part), 'latin1');
      chunks.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
    }
    return this.sendBytes(Buffer.concat(chunks))[0];
  }

  /** Feeds bytes as they might arrive; the replies that came of them. */
  sendBytes(bytes: Buffer): ReplyValue[] {
    this.client.parser.feed(bytes, bytes.length);
    this.run();
    return this.replies.splice(0);
  }

  private run(): void {
    const { client } = this;
    let isDone = execute(this.instance, client);
    // It gives way to others after some ms, and goes on, as a connection does.
    while (!isDone && !client.isSuspended && !client.closesAfterReply) {
      client.parser.park(false);
      this.flush();
      isDone = execute(this.instance, client);
    }
    if (!isDone) client.parser.park(client.isSuspended);
    this.flush();
  }

  resume(): void {
    this.run();
  }

  /** What came without being asked for, or later: messages in RESP2 look like replies. */
  received(): ReplyValue[] {
    return this.replies.splice(0);
  }

  flushSoon(): void {
    this.flush();
  }

  flush(): void {
    const { client } = this;
    const length = client.sendableBytes;
    if (length === 0) return;
    this.parser.feed(client.takeSendable().subarray(0, length));
    for (let reply: Reply | undefined = this.parser.next(); reply !== undefined; reply = this.parser.next()) {
      if (reply.kind === 'push') this.pushed.push(reply.value);
      else if (reply.kind === 'reply') this.replies.push(reply.value);
      else throw new Error(`malformed reply: ${reply.text}`);
    }
  }

  /** Replies that came since, once the turn of the loop is over. */
  async settled(): Promise<ReplyValue[]> {
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    return this.replies.splice(0);
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}
