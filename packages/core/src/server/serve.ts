/** `serveStore`: lets Redis clients reach a store, which its program has open and may go on using. */
import { FerriteError } from '../base/errors.ts';
import type { Store } from '../engine/store.ts';
import { Instance } from '../instance/instance.ts';
import { MetricsEndpoint } from './metrics-endpoint.ts';
import { tcpTransport, unixTransport } from './net-transport.ts';
import { type ResolvedServeOptions, resolveServeOptions, type ServeOptions } from './serve-options.ts';
import { Server } from './server.ts';
import { ServerSettings } from './settings.ts';
import type { Transport } from './transport.ts';

/** A database that is being served. */
export interface Served {
  /** Where clients connect, such as `127.0.0.1:6379`: the first of the places. */
  readonly address: string;
  /** TCP port of that place, 0 where there is none. */
  readonly port: number;
  /** Port of the metrics, 0 where there is none. */
  readonly metricsPort: number;
  /**
   * Lets nobody in any more, sends the replies to the commands that were run, ends all connections, and makes everything
   * durable. Calling it again waits for the same.
   */
  close(): Promise<void>;
}

/** Clients of two instances would not see each other: no WATCH or message would pass between them. */
const storesServed = new WeakSet<Store>();

export async function serveStore(store: Store, options: ServeOptions): Promise<Served> {
  const resolved = resolveServeOptions(options);
  if (storesServed.has(store)) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `${store.path} is served already: name all of its addresses there`,
    );
  }
  storesServed.add(store);
  try {
    return await startServing(store, resolved);
  } catch (error) {
    storesServed.delete(store);
    throw error;
  }
}

async function startServing(store: Store, resolved: ResolvedServeOptions): Promise<Served> {
  const settings = settingsOf(resolved);
  const transports = transportsOf(resolved, settings);
  const instance = new Instance(store);
  instance.log = resolved.log;
  instance.docs = resolved.docs;
  const server = new Server(instance, settings, transports);
  const metrics = new MetricsEndpoint(instance);
  try {
    await server.listen();
    if (transports.every((transport) => transport.address === '')) {
      throw new FerriteError('FERRITE_LISTEN', `this machine has none of the addresses ${resolved.hosts.join(', ')}`);
    }
    if (resolved.metricsPort >= 0) await metrics.listen(resolved.metricsHost, resolved.metricsPort);
  } catch (error) {
    await server.close();
    throw error;
  }
  instance.facts.clientsMax = settings.clientsMax;
  instance.facts.listeners = transports.filter(({ address }) => address !== '').map(listenerText);
  const first = transports.find((transport) => transport.address !== '') as Transport;
  instance.facts.port = first.port;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await metrics.close();
    await server.close();
    storesServed.delete(store);
    if (!store.closed && !store.identity.readOnly) await store.committer.commit();
  };
  return {
    address: first.address,
    port: first.port,
    metricsPort: metrics.port,
    close: () => (closing ??= close()),
  };
}

/** As INFO shows a place where the server listens. */
function listenerText({ address, port }: Transport): string {
  return port > 0
    ? `name=tcp,bind=${address.slice(0, address.lastIndexOf(':'))},port=${port}`
    : `name=unix,bind=${address}`;
}

function settingsOf(options: ResolvedServeOptions): ServerSettings {
  const settings = new ServerSettings();
  settings.clientsMax = options.maxClients;
  settings.idleSeconds = options.idleTimeoutSeconds;
  settings.keepAliveSeconds = options.keepAliveSeconds;
  settings.protectedMode = options.protectedMode;
  return settings;
}

function transportsOf(options: ResolvedServeOptions, settings: ServerSettings): Transport[] {
  const { port, hosts, unixSocket, unixSocketMode, backlog, transports } = options;
  const found: Transport[] = [];
  if (port >= 0) for (const host of hosts) found.push(tcpTransport(host, port, backlog, settings));
  if (unixSocket !== '') found.push(unixTransport(unixSocket, unixSocketMode, backlog));
  return [...found, ...transports];
}
