/** `serve`: opens a port on which Redis clients reach a database that the program has open. */
import { createServer, type Server } from 'node:net';
import type { Store } from '../engine/store.ts';
import { Instance } from '../instance/instance.ts';
import { Connection } from './connection.ts';

const TICK_MS = 50;

export function serveStore(store: Store, port: number, host = '127.0.0.1'): Promise<Server> {
  const instance = new Instance(store);
  const server = createServer((socket) => {
    new Connection(instance, socket);
  });
  const timer = setInterval(() => instance.tick(), TICK_MS);
  timer.unref();
  server.once('close', () => clearInterval(timer));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
