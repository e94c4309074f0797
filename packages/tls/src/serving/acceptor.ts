/**
 * Handshakes: sockets that were accepted come in, encrypted connections of clients that may come in go out.
 *
 * There is one for each set of credentials. New ones make a new acceptor, so that connections that are open, or in the
 * middle of their handshake, go on with what they began with, and no session of before is resumed.
 */
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Credentials } from './credentials.ts';

/** What an acceptor counts; all of them count in the same. */
export interface Counters {
  handshakes: number;
  resumed: number;
  failed: number;
  refused: number;
}

interface AcceptorHost {
  readonly counters: Counters;
  /** The connection of a client that may come in. */
  accept(socket: TLSSocket): void;
  warn(text: string): void;
}

/** A refused client is cut off if it has not hung up by then. */
const LINGER_MS = 1000;

/** Why a client's certificate is refused, by OpenSSL's name for it. */
const REASONS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  CRL_HAS_EXPIRED: 'the revocation list (tls-crl-file) is too old to check its certificate',
  UNABLE_TO_GET_CRL: 'tls-crl-file has no revocation list of its authority',
  INVALID_PURPOSE: 'its certificate is not for clients',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is of no authority that is trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of no authority that is trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is of no authority that is trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of no authority that is trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of no authority that is trusted here',
};

export class Acceptor {
  private readonly host: AcceptorHost;
  private readonly authClients: Credentials['authClients'];
  /** It listens on nothing: sockets are handed to it. */
  private readonly server: Server;

  constructor(credentials: Credentials, host: AcceptorHost) {
    this.host = host;
    this.authClients = credentials.authClients;
    this.server = createServer({ ...credentials.options, allowHalfOpen: true });
    this.server.on('secureConnection', (socket) => this.onSecure(socket));
    this.server.on('tlsClientError', (error, socket) => this.onFailed(error, socket));
  }

  take(raw: Socket): void {
    this.server.emit('connection', raw);
  }

  private onSecure(socket: TLSSocket): void {
    const { counters } = this.host;
    counters.handshakes++;
    if (socket.isSessionReused()) counters.resumed++;
    const why = this.whyRefused(socket);
    if (why === '') this.host.accept(socket);
    else this.refuse(socket, why);
  }

  /** A resumed session counts as authorized even where no certificate was ever shown: so that is looked at, too. */
  private whyRefused(socket: TLSSocket): string {
    if (this.authClients === 'no') return '';
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return this.authClients === 'yes' ? 'it shows no certificate' : '';
    if (socket.authorized) return '';
    const code = String(socket.authorizationError);
    const subject = certificate.subject.replaceAll('\n', ', ');
    return `${REASONS[code] ?? `its certificate cannot be trusted: ${code}`} (${subject}, serial ${certificate.serialNumber})`;
  }

  private refuse(socket: TLSSocket, why: string): void {
    this.host.counters.refused++;
    this.host.warn(`TLS client ${addressOf(socket)} refused: ${why}`);
    socket.on('error', () => {});
    socket.resume().end('-DENIED the TLS certificate of this client is refused: see the log of the server\r\n');
    socket.setTimeout(LINGER_MS, () => socket.destroy());
  }

  private onFailed(error: Error, socket: TLSSocket): void {
    this.host.counters.failed++;
    this.host.warn(`TLS handshake with ${addressOf(socket)} failed: ${reasonOf(error)}`);
    socket.destroy();
  }
}

function addressOf({ remoteAddress, remotePort }: TLSSocket): string {
  if (remoteAddress === undefined) return 'a client that is gone';
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** Out of OpenSSL's `error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/...`. */
function reasonOf(error: Error): string {
  const { code = '', reason = '' } = error as NodeJS.ErrnoException & { reason?: string };
  if (code === 'ECONNRESET') return 'the client hung up';
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'it took too long';
  if (/wrong version number|http request/.test(reason)) return 'the client does not speak TLS';
  return reason === '' ? error.message.split('\n')[0] : reason;
}
