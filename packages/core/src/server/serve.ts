/** `serveStore`: lets Redis clients reach a store, which its program has open and may go on using. */
import { FerriteError } from '../base/errors.ts';
import { UNIT_BYTES } from '../engine/address.ts';
import type { Store } from '../engine/store.ts';
import { configOf } from '../instance/config-effects.ts';
import { Instance } from '../instance/instance.ts';
import { Listeners, tcpTransports } from './listeners.ts';
import { MetricsEndpoint } from './metrics-endpoint.ts';
import { unixTransport } from './net-transport.ts';
import { nowhere, type ResolvedServeOptions, resolveServeOptions, type ServeOptions } from './serve-options.ts';
import { Server } from './server.ts';
import { InstanceView } from './server-view.ts';
import { followSettings, ServerSettings } from './settings.ts';
import type { Config } from '../instance/config.ts';
import type { TransportHost } from '../registry/feature-context.ts';
import type { FeatureSet } from '../registry/feature-set.ts';
import type { Transport } from '../registry/transport.ts';

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
  /** Resolves when it is closed, by `close` or by a client's SHUTDOWN. */
  readonly closed: Promise<void>;
}

/** Clients of two instances would not see each other: no WATCH or message would pass between them. */
const storesServed = new WeakSet<Store>();
/** 64 MB: what a store may take before its garbage is looked at, as `auto-aof-rewrite-min-size` has it. */
const SERVED_RING_UNITS = (64 << 20) / UNIT_BYTES;

export async function serveStore(store: Store, features: FeatureSet, options: ServeOptions): Promise<Served> {
  const resolved = resolveServeOptions(options, () => configOf(store));
  if (storesServed.has(store)) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `${store.path} is served already: name all of its addresses there`,
    );
  }
  storesServed.add(store);
  try {
    return await startServing(store, features, resolved);
  } catch (error) {
    storesServed.delete(store);
    throw error;
  }
}

async function startServing(store: Store, features: FeatureSet, resolved: ResolvedServeOptions): Promise<Served> {
  const { config, docs } = resolved;
  const log = features.tapLog(resolved.log);
  // Clients write again what was written just before: a small store is in memory from the start.
  store.log.tryLengthenMemory(store.mutableUnits + SERVED_RING_UNITS);
  const instance = new Instance(store, config, features, docs);
  instance.log = log;
  const settings = new ServerSettings();
  followSettings(settings, config);
  const listened = resolved.port < 0 ? new Map<string, Transport>() : tcpTransports(config, resolved.port, settings);
  const host: TransportHost = {
    parameter: (name) => config.valueOf(name),
    log,
    open: (transport) => server.open(transport),
    shut: (transport) => server.shut(transport),
  };
  const transports = [...listened.values(), ...otherTransportsOf(resolved), ...features.transportsFor(host)];
  if (transports.length === 0) throw nowhere();
  const server = new Server(instance, settings, transports);
  const metrics = new MetricsEndpoint(instance);
  try {
    await server.listen();
    if (transports.every((transport) => transport.address === '')) {
      throw new FerriteError('FERRITE_LISTEN', `this machine has none of the addresses ${config.text('bind')}`);
    }
    if (resolved.metricsPort >= 0) await metrics.listen(config.text('metrics-bind'), resolved.metricsPort);
  } catch (error) {
    await server.close();
    throw error;
  }
  instance.facts.listeners = transports.filter(({ address }) => address !== '').map(listenerText);
  const { address, port } = transports.find((transport) => transport.address !== '') as Transport;
  followAddresses(server, config, listened);
  if (metrics.port !== 0) config.assign('metrics-port', String(metrics.port));
  instance.facts.port = port;
  features.serving(new InstanceView(instance, address, port));
  const { close, closed } = endOf(server, metrics, features);
  return { address, port, metricsPort: metrics.port, close, closed };
}

/** CONFIG SET may change where the server listens. */
function followAddresses(server: Server, config: Config, listened: Map<string, Transport>): void {
  const tcp = [...listened.values()].find((transport) => transport.address !== '');
  if (tcp !== undefined) config.assign('port', String(tcp.port));
  const listeners = new Listeners(server, config, listened);
  config.preparation = listeners;
  config.onChange('port', () => listeners.check());
  config.onChange('bind', () => listeners.check());
}

/** How a server ends: by `close`, or by a client's SHUTDOWN. */
function endOf(server: Server, metrics: MetricsEndpoint, features: FeatureSet): Pick<Served, 'close' | 'closed'> {
  const { instance } = server;
  const { store } = instance;
  let closing: Promise<void> | undefined;
  let settle: (work: Promise<void>) => void = () => {};
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  // Who waits for it is told; an error that nobody waits for must not end the process.
  closed.catch(() => undefined);
  const closeAll = async (): Promise<void> => {
    await metrics.close();
    await server.close();
    // A pause is for clients: the program goes on without them.
    instance.pause.end();
    storesServed.delete(store);
    await features.served();
    if (!store.closed && !store.identity.readOnly) await store.committer.commit();
  };
  const close = (): Promise<void> => {
    if (closing === undefined) {
      closing = closeAll();
      settle(closing);
    }
    return closing;
  };
  instance.shutdown.end = () => {
    setImmediate(close);
  };
  return { close, closed };
}

function otherTransportsOf({ config, transports }: ResolvedServeOptions): Transport[] {
  const path = Buffer.from(config.text('unixsocket'), 'latin1').toString('utf8');
  if (path === '') return [...transports];
  const mode = Number.parseInt(config.text('unixsocketperm'), 8);
  return [unixTransport(path, mode, config.number('tcp-backlog')), ...transports];
}

/** As INFO shows a place where the server listens. */
function listenerText({ address, port, kind }: Transport): string {
  return port > 0
    ? `name=${kind ?? 'tcp'},bind=${address.slice(0, address.lastIndexOf(':'))},port=${port}`
    : `name=${kind ?? 'unix'},bind=${address}`;
}
