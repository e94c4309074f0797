/** A server with TLS, its authority, and clients, for tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type Database, open } from '@ferrite/core';
import { serve, type Served } from '@ferrite/core/server';
import { afterEach } from 'vitest';
import { Authority, createAuthority, type NewCertificate } from '../src/certificates.ts';
import { tls } from '../src/index.ts';
import { scratchFolder } from './scratch.ts';

export const DAY_MS = 86_400_000;
const scratch = scratchFolder();
let count = 0;

export interface Pair {
  certFile: string;
  keyFile: string;
  cert: string;
  key: string;
}

/** An authority of its own, which may live in another time. */
export class TestAuthority {
  readonly directory = join(scratch, `ca-${count++}`);
  readonly certFile = join(this.directory, 'ca.crt');
  readonly crlFile = join(this.directory, 'ca.crl');
  readonly authority: Authority;

  constructor(nowMs = Date.now()) {
    const options = { directory: this.directory, now: () => nowMs };
    this.authority = createAuthority(options, { name: 'Test CA', days: 3650, keyKind: 'p256' });
  }

  issue(name: string, asked: Partial<NewCertificate> = {}, nowMs = Date.now()): Pair {
    const authority = new Authority({ directory: this.directory, now: () => nowMs });
    const made = authority.issue({
      name,
      usage: 'server',
      names: ['localhost', '127.0.0.1'],
      days: 90,
      keyKind: 'p256',
      ...asked,
    });
    const certFile = join(scratch, `${count++}-${name}.crt`);
    const keyFile = join(scratch, `${count++}-${name}.key`);
    writeFileSync(certFile, made.pem);
    writeFileSync(keyFile, made.keyPem as string, { mode: 0o600 });
    return { certFile, keyFile, cert: made.pem, key: made.keyPem as string };
  }

  client(name: string, asked: Partial<NewCertificate> = {}, nowMs = Date.now()): Pair {
    return this.issue(name, { usage: 'client', names: [], ...asked }, nowMs);
  }
}

export interface TestServer {
  readonly db: Database<string, { tls: { readonly port: number; reload(): void } }>;
  readonly served: Served;
  readonly port: number;
  readonly plainPort: number;
  readonly lines: string[];
  close(): Promise<void>;
}

const running = new Set<TestServer>();
afterEach(async () => {
  for (const server of running) await server.close();
  running.clear();
});

type TlsValues = NonNullable<Parameters<typeof tls>[0]>;

export async function serveTls(values: TlsValues): Promise<TestServer> {
  const lines: string[] = [];
  const db = open({ features: [tls({ port: -1, authClients: 'no', ...values })] });
  const log = (_level: string, text: string): void => {
    lines.push(text);
  };
  const served = await serve(db, { port: 0, log }).catch((error) => {
    db.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await served.close();
    db.close();
  };
  const server = { db, served, port: db.features.tls.port, plainPort: served.port, lines, close };
  running.add(server);
  return server;
}

/** A client that has shaken hands. */
export class TlsClient {
  readonly socket: TLSSocket;
  private chunks: Buffer[] = [];
  private waiting: (() => void) | null = null;
  isClosed = false;
  error: Error | null = null;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.waiting?.();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.waiting?.();
    });
  }

  static open(
    port: number,
    ca: TestAuthority,
    options: ConnectionOptions & { allowHalfOpen?: boolean } = {},
  ): Promise<TlsClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', ca: ca.authority.certificate, ...options });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.removeListener('error', reject);
        resolve(new TlsClient(socket));
      });
    });
  }

  /** Sends, and resolves with what comes until it ends like that; or with all of it when the connection is closed. */
  async ask(text: string, until = '\r\n'): Promise<string> {
    if (text !== '') this.socket.write(text);
    const endsRight = (): boolean => {
      // The end may be in several chunks, but not in many.
      const tail = Buffer.concat(this.chunks.slice(-until.length)).toString('latin1');
      return tail.endsWith(until);
    };
    while (!endsRight() && !this.isClosed) {
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
    this.waiting = null;
    const received = Buffer.concat(this.chunks).toString('latin1');
    this.chunks = [];
    return received;
  }

  async closed(): Promise<void> {
    while (!this.isClosed) {
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }

  end(): void {
    this.socket.destroy();
  }
}

/** Fields of a section of INFO. */
export async function infoOf(client: TlsClient): Promise<Record<string, string>> {
  const text = await client.ask('INFO tls\r\n');
  return Object.fromEntries([...text.matchAll(/^(\w+):(.*)\r$/gm)].map(([, name, value]) => [name, value]));
}
