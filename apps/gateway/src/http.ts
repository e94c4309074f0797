/**
 * The little HTTP that these programs speak among themselves: JSON over POST, on the loopback address only.
 *
 * A server here answers whatever its handler returns or throws; a request ends within its time limit or fails. No
 * retries: whoever asks decides about those.
 */
import { type Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LIMITS, LOOPBACK } from './limits.ts';

/** What a handler answers: a status and something to send as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export type Handler = (path: string, body: unknown) => Answer | Promise<Answer>;

/** A server that reads a JSON body, asks `handler`, and answers JSON. It does not listen yet. */
export function jsonServer(handler: Handler): Server {
  return createServer(async (incoming, outgoing) => {
    let answer: Answer;
    try {
      answer = await handler(incoming.url ?? '/', await readJson(incoming));
    } catch (error) {
      answer = { status: 400, body: { error: messageOf(error) } };
    }
    if (outgoing.destroyed) return;
    outgoing.writeHead(answer.status, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(answer.body));
  });
}

/** Listens on the loopback address and returns the port; 0 picks a free one. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Posts JSON and returns the answer's JSON; rejects on any status but 200 and when `timeoutMs` is over. */
export function postJson(url: URL, body: unknown, options: { agent: Agent; timeoutMs: number }): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const text = Buffer.from(JSON.stringify(body));
    const headers = { 'content-type': 'application/json', 'content-length': text.length };
    const fail = (error: unknown): void =>
      reject(signal.aborted ? new Error(`no answer within ${options.timeoutMs} ms`) : error);
    const outgoing = request(url, { method: 'POST', agent: options.agent, headers, signal }, (incoming) => {
      readJson(incoming).then((answer) => {
        if (incoming.statusCode === 200) resolve(answer);
        else
          reject(new Error(`${incoming.statusCode} ${(answer as { error?: string } | undefined)?.error ?? ''}`.trim()));
      }, fail);
    });
    outgoing.on('error', fail);
    outgoing.end(text);
  });
}

/** What an error says, with its code where the message is empty, as some network errors are. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > LIMITS.bodyBytesMax) throw new Error(`a body of more than ${LIMITS.bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return sizeBytes === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}
