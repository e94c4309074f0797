/**
 * A store as a server within this process: commands reach it without a socket, and nobody else does.
 *
 * What works on a server (export, import) works like this on a directory, with the commands and types of every module that
 * the store has.
 */
import { duplexPair } from './duplex-pair.ts';
import { open, type OpenOptions } from '@ferrite/core';
import { type AcceptedStream, serve, type Transport } from '@ferrite/core/server';
import { RespClient } from './resp-client.ts';

/** Its one client may need more than the output limits that a server sets for strangers, and never idles. */
export interface InProcess {
  readonly client: RespClient;
  /** Closes the store; everything is durable when it resolves. */
  close(): Promise<void>;
}

class DirectTransport implements Transport {
  readonly address = 'this process';
  readonly port = 0;
  private accept: (stream: AcceptedStream) => void = () => {};

  async listen(accept: (stream: AcceptedStream) => void): Promise<void> {
    this.accept = accept;
  }

  async close(): Promise<void> {
    this.accept = () => {};
  }

  connect(): RespClient {
    const [near, far] = duplexPair();
    this.accept({
      address: 'this-process:0',
      localAddress: 'this-process:0',
      isLocal: true,
      open: (receive) => far.on('data', (chunk: Buffer) => receive(chunk, chunk.length)),
    });
    return new RespClient(near, this.address);
  }
}

export async function openInProcess(options: OpenOptions): Promise<InProcess> {
  const db = open(options);
  const transport = new DirectTransport();
  try {
    const served = await serve(db, { transports: [transport] });
    const client = transport.connect();
    return {
      client,
      close: async () => {
        client.close();
        await served.close();
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
