/**
 * What a server proves itself with and whom it trusts, read from files all at once: either everything fits together, or an
 * error says which file does not, and nothing is changed.
 */
import { constants, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  createSecureContext,
  DEFAULT_CIPHERS,
  type SecureContext,
  type SecureVersion,
  type TlsOptions,
} from 'node:tls';
import { FerriteError } from '@ferrite/core/module';
import { nextUpdateMs } from '../x509/crl.ts';
import { fromPem } from '../x509/pem.ts';
import { AUTH_CLIENTS, type Settings } from './config.ts';

/** Somebody who connects has so long to prove who it is. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const OTHERS = 0o077;

export interface LoadedCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly x509: X509Certificate;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Credentials {
  /** For `tls.createServer`. */
  readonly options: TlsOptions;
  readonly authClients: (typeof AUTH_CLIENTS)[number];
  /** The server's own first, then those that are chosen by name. */
  readonly certificates: readonly LoadedCertificate[];
  /** When the revocation list is too old; infinite without one. */
  readonly listUntilMs: number;
  /** What an operator should hear about the files, though they work. */
  readonly warnings: readonly string[];
  /** Changes when a file does. */
  readonly signature: string;
}

/** Throws FERRITE_INVALID_OPTION with what does not fit, and FERRITE_IO for a file that cannot be read. */
export function loadCredentials(settings: Settings): Credentials {
  const signature = signatureOf(settings);
  const authClients = AUTH_CLIENTS.find((word) => word === settings.text('authClients')) ?? 'yes';
  const authorities = authoritiesOf(settings);
  if (authClients !== 'no' && authorities.length === 0) {
    throw misfit(
      `tls-ca-cert-file or tls-ca-cert-dir is needed to check clients, as tls-auth-clients ${authClients} asks`,
    );
  }
  const crlFile = settings.text('crlFile');
  const lists = crlFile === '' ? null : read(crlFile);
  const common: TlsOptions = {
    ...protocolsOf(settings),
    ciphers: ciphersOf(settings),
    honorCipherOrder: settings.isOn('preferServerCiphers'),
    secureOptions: settings.isOn('sessionCaching') ? 0 : constants.SSL_OP_NO_TICKET,
    sessionTimeout: settings.number('sessionCacheTimeout'),
    ...(authorities.length === 0 ? {} : { ca: authorities }),
    ...(lists === null ? {} : { crl: lists }),
    ...(settings.text('dhParamsFile') === '' ? {} : { dhparam: read(settings.text('dhParamsFile')) }),
  };
  const pairs = pairsOf(settings).map(([certFile, keyFile]) => loadPair(certFile, keyFile, common, settings));
  const [own, ...named] = pairs;
  const alpn = settings.words('alpn');
  return {
    options: {
      ...common,
      ...own.pair,
      requestCert: authClients !== 'no',
      // Refused clients are told and logged by the acceptor, which Node.js would drop without a word.
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      ...(alpn.length === 0 ? {} : { ALPNProtocols: alpn }),
      SNICallback: (name, done) => done(null, named.find(({ x509 }) => isFor(x509, name))?.context),
    },
    authClients,
    certificates: pairs,
    listUntilMs: lists === null ? Number.POSITIVE_INFINITY : listEndMs(crlFile, lists),
    warnings: pairs
      .filter(({ keyFile }) => isOpenToOthers(keyFile))
      .map(({ keyFile }) => `the private key ${keyFile} can be read by others than its owner`),
    signature,
  };
}

/** Names, sizes and times of all the files that are in use: what is missing counts, too. */
export function signatureOf(settings: Settings): string {
  const files = [
    ...pairsOf(settings).flat(),
    settings.text('caCertFile'),
    settings.text('crlFile'),
    settings.text('dhParamsFile'),
    ...filesOfFolder(settings.text('caCertDir')),
  ];
  return files
    .filter((path) => path !== '')
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return `${path} ${found?.ino} ${found?.size} ${found?.mtimeMs}`;
    })
    .join('\n');
}

/** Files of certificates and their keys; the server's own first. */
function pairsOf(settings: Settings): [string, string][] {
  const words = settings.words('sniCertificates');
  if (words.length % 2 !== 0)
    throw misfit('tls-sni-certificates wants pairs: a file of a certificate, and one of its key');
  const pairs: [string, string][] = [[settings.text('certFile'), settings.text('keyFile')]];
  for (let i = 0; i < words.length; i += 2) pairs.push([words[i], words[i + 1]]);
  return pairs;
}

function loadPair(
  certFile: string,
  keyFile: string,
  common: TlsOptions,
  settings: Settings,
): LoadedCertificate & { context: SecureContext; pair: TlsOptions } {
  if (certFile === '') throw misfit('no tls-cert-file is configured');
  if (keyFile === '') throw misfit('no tls-key-file is configured');
  const passphrase = settings.text('keyFilePass');
  const pair = { cert: read(certFile), key: read(keyFile), ...(passphrase === '' ? {} : { passphrase }) };
  const x509 = parse(pair.cert, certFile);
  try {
    const context = createSecureContext({ ...common, ...pair });
    return {
      certFile,
      keyFile,
      x509,
      fromMs: Date.parse(x509.validFrom),
      untilMs: Date.parse(x509.validTo),
      context,
      pair,
    };
  } catch (error) {
    throw misfit(`${certFile} and ${keyFile} do not work: ${reasonOf(error)}`);
  }
}

/** What OpenSSL says, as a person would; never what is in the files. */
function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key is not that of the certificate';
  if (code === 'ERR_OSSL_BAD_DECRYPT' || /decrypt|passphrase|interrupted/i.test(message)) {
    return 'the key is encrypted, and tls-key-file-pass is not its passphrase';
  }
  return message;
}

function parse(pem: Buffer, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw misfit(`${path} is no certificate`);
  }
}

function authoritiesOf(settings: Settings): Buffer[] {
  const file = settings.text('caCertFile');
  const files = [...(file === '' ? [] : [file]), ...filesOfFolder(settings.text('caCertDir'))];
  return files.map((path) => {
    const pem = read(path);
    parse(pem, path);
    return pem;
  });
}

function filesOfFolder(path: string): string[] {
  if (path === '') return [];
  try {
    const names = readdirSync(path).filter((name) => /\.(crt|pem|cer)$/.test(name));
    return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw new FerriteError('FERRITE_IO', `cannot read tls-ca-cert-dir ${path}: ${(cause as Error).message}`, cause);
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FerriteError('FERRITE_IO', `cannot read ${path}: ${(cause as Error).message}`, cause);
  }
}

/** Versions are a range: one in the middle cannot be left out. */
function protocolsOf(settings: Settings): Pick<TlsOptions, 'minVersion' | 'maxVersion'> {
  const words = settings.words('protocols');
  if (words.length === 0) return {};
  const numbers = words.map((word) => VERSIONS.findIndex((version) => version.toLowerCase() === word.toLowerCase()));
  const min = Math.min(...numbers);
  const max = Math.max(...numbers);
  if (min < 0) throw misfit(`tls-protocols cannot be "${words.join(' ')}": some of ${VERSIONS.join(', ')}`);
  if (new Set(numbers).size !== max - min + 1) throw misfit('tls-protocols leaves out a version between others');
  return { minVersion: VERSIONS[min], maxVersion: VERSIONS[max] };
}

/** TLS 1.3's have names of their own, in the same list. */
function ciphersOf(settings: Settings): string | undefined {
  const ciphers = settings.text('ciphers');
  const suites = settings.text('ciphersuites');
  if (ciphers === '' && suites === '') return undefined;
  const usual = DEFAULT_CIPHERS.split(':');
  const isSuite = (name: string): boolean => name.startsWith('TLS_');
  const first = suites === '' ? usual.filter(isSuite) : suites.split(':');
  const then = ciphers === '' ? usual.filter((name) => !isSuite(name)) : ciphers.split(':');
  return [...first, ...then].join(':');
}

function isFor(x509: X509Certificate, name: string): boolean {
  return x509.checkHost(name) !== undefined;
}

function listEndMs(path: string, pem: Buffer): number {
  return nextUpdateMs(fromPem('X509 CRL', pem.toString('latin1'), path)) ?? Number.POSITIVE_INFINITY;
}

function isOpenToOthers(path: string): boolean {
  return process.platform !== 'win32' && (statSync(path).mode & OTHERS) !== 0;
}

function misfit(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_OPTION', message);
}
