/**
 * The feature `tls`: clients come in encrypted. `open({ features: [tls({ port: 6380, certFile, keyFile })] })`, or the
 * `tls-*` parameters of redis for `ferrite-server --features tls`.
 */
import { defineFeature, FerriteError, tcpTransport, type Transport, type TransportHost } from '@ferrite/core/module';
import { handshakeKeys, Settings, tlsConfig } from './serving/config.ts';
import { TlsServer } from './serving/tls-server.ts';
import { TlsTransport } from './serving/tls-transport.ts';

/** The version of this package: a test holds the two together. */
const TLS_VERSION = '0.0.0';

/** What `db.features.tls` offers. */
export interface TlsApi {
  /** Where clients connect by TLS; 0 while nobody serves the store. */
  readonly port: number;
  /** Reads certificates, keys and revocation lists anew; throws, and goes on with those it has, if they do not fit. */
  reload(): void;
}

export const tls = defineFeature({
  name: 'tls',
  version: TLS_VERSION,
  config: tlsConfig,
  setup: (context): TlsApi => {
    let server: TlsServer | null = null;
    let transports: TlsTransport[] = [];
    let timer: NodeJS.Timeout | undefined;
    const begin = (host: TransportHost): readonly TlsTransport[] => {
      if (context.config.get('port') === 0) return [];
      const settings = new Settings((name) => host.parameter(name));
      const made = new TlsServer(settings, { log: (level, text) => host.log(level, text), nowMs: context.clock.nowMs });
      server = made;
      transports = listeningOn(host, context.config.get('port')).map((below) => new TlsTransport(below, made));
      const everyMs = context.config.get('reloadInterval');
      if (everyMs > 0) timer = setInterval(() => made.look(), everyMs).unref();
      return transports;
    };
    context.transports(begin);
    context.on('unserve', () => {
      clearInterval(timer);
      server = null;
      transports = [];
    });
    for (const key of handshakeKeys) context.config.onChange(key, () => server?.reload());
    const port = (): number => transports.find((each) => each.port > 0)?.port ?? 0;
    context.info('TLS', () => (server === null ? { tls_port: 0 } : { tls_port: port(), ...server.information }));
    return {
      get port() {
        return port();
      },
      reload: () => {
        if (server === null) throw new FerriteError('FERRITE_CLOSED', 'no server of this store listens for TLS');
        server.reload();
      },
    };
  },
});

/** The addresses of `bind`, with a port for TLS. */
function listeningOn(host: TransportHost, port: number): Transport[] {
  const words = (host.parameter('bind') ?? '').split(' ').filter((word) => word !== '');
  if (port < 0 && words.length > 1) {
    throw new FerriteError('FERRITE_INVALID_OPTION', 'a TLS port that the system chooses goes with one host');
  }
  const keepAlive = { keepAliveSeconds: Number(host.parameter('tcp-keepalive')) };
  return words.map((word) => tcpTransport(word, Math.max(port, 0), Number(host.parameter('tcp-backlog')), keepAlive));
}

/** By this name a distribution, or `--features`, finds what a package brings. */
export { tls as feature };
