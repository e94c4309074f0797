/**
 * The configuration of the feature: redis's `tls-*` parameters by their names there, and some that redis does not have.
 * `apps/docs/tls.md` says what each does, and which of redis's do nothing here.
 */
import { cfg } from '@ferrite/core/module';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
export const AUTH_CLIENTS = ['no', 'yes', 'optional'] as const;

const text = (alias: string) => cfg.text({ default: '', alias });
/** The file may have been replaced: CONFIG SET of the same name reads it. */
const file = (alias: string) => cfg.text({ default: '', alias, rereads: true });

export const tlsConfig = {
  /** 0: none. -1: the system chooses one, which `db.features.tls.port` tells. */
  port: cfg.int({ default: 0, min: -1, max: 65_535, alias: 'tls-port', fixed: true }),
  certFile: file('tls-cert-file'),
  keyFile: file('tls-key-file'),
  keyFilePass: cfg.text({ default: '', alias: 'tls-key-file-pass', secret: true }),
  caCertFile: file('tls-ca-cert-file'),
  caCertDir: file('tls-ca-cert-dir'),
  authClients: cfg.enum(AUTH_CLIENTS, { default: 'yes', alias: 'tls-auth-clients' }),
  dhParamsFile: file('tls-dh-params-file'),
  protocols: text('tls-protocols'),
  ciphers: text('tls-ciphers'),
  ciphersuites: text('tls-ciphersuites'),
  preferServerCiphers: cfg.bool({ default: false, alias: 'tls-prefer-server-ciphers' }),
  sessionCaching: cfg.bool({ default: true, alias: 'tls-session-caching' }),
  sessionCacheTimeout: cfg.int({ default: 300, min: 0, max: 2 ** 31 - 1, alias: 'tls-session-cache-timeout' }),

  /** PEM of revocation lists, one for each authority of a client's chain. */
  crlFile: file('tls-crl-file'),
  /** Further certificates and their keys, `a.crt a.key b.crt b.key`: who asks for a name in one of them gets that. */
  sniCertificates: file('tls-sni-certificates'),
  /** Names of protocols, of which a client that offers some must offer one. */
  alpn: text('tls-alpn'),
  /** How often the files are looked at; 0: never. */
  reloadInterval: cfg.ms({ default: 10 * SECOND_MS, alias: 'tls-reload-interval', fixed: true }),
  expiryWarning: cfg.ms({ default: 30 * DAY_MS, alias: 'tls-expiry-warning' }),
  /** Directory of an authority (`ferrite tls ca`) that renews the server's certificates. */
  renewCaDir: text('tls-renew-ca-dir'),
  renewBefore: cfg.ms({ default: 30 * DAY_MS, alias: 'tls-renew-before' }),
};

/** Those that say what a handshake is like: a change of one makes all that follow anew. */
export const handshakeKeys = [
  'certFile',
  'keyFile',
  'keyFilePass',
  'caCertFile',
  'caCertDir',
  'authClients',
  'dhParamsFile',
  'protocols',
  'ciphers',
  'ciphersuites',
  'preferServerCiphers',
  'sessionCaching',
  'sessionCacheTimeout',
  'crlFile',
  'sniCertificates',
  'alpn',
] as const satisfies readonly (keyof typeof tlsConfig)[];

/** Reads the values as a server's configuration has them at the moment, all of a CONFIG SET included. */
export class Settings {
  private readonly parameter: (name: string) => string | undefined;

  constructor(parameter: (name: string) => string | undefined) {
    this.parameter = parameter;
  }

  text(key: keyof typeof tlsConfig): string {
    return Buffer.from(this.parameter(tlsConfig[key].alias as string) ?? '', 'latin1').toString('utf8');
  }

  number(key: keyof typeof tlsConfig): number {
    return Number(this.text(key));
  }

  isOn(key: keyof typeof tlsConfig): boolean {
    return this.text(key) === 'yes';
  }

  words(key: keyof typeof tlsConfig): string[] {
    return this.text(key)
      .split(/[\s,]+/)
      .filter((word) => word !== '');
  }
}
