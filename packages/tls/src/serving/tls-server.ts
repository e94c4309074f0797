/**
 * TLS of one server: its credentials, who does handshakes with them, and the look at the files now and then.
 *
 * What always holds: there are credentials that fit together, the last ones that did. What is wrong with newer ones is
 * said in one line of the log, and connections that are open hear nothing of any of it.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { InfoFields, LogLevel } from '@ferrite/core/module';
import { Acceptor, type Counters } from './acceptor.ts';
import type { Settings } from './config.ts';
import { type Credentials, type LoadedCertificate, loadCredentials, signatureOf } from './credentials.ts';
import { type Direct, probeDirect } from './direct-socket.ts';
import type { Handshakes } from './tls-transport.ts';

const DAY_MS = 86_400_000;
/** A certificate that is good for a short time only is renewed in the last third of it. */
const LAST_SHARE = 3;

interface TlsServerHost {
  log(level: LogLevel, text: string): void;
  /** Milliseconds since 1970. */
  nowMs(): number;
}

export class TlsServer implements Handshakes {
  accept: (socket: TLSSocket) => void = () => {};
  private readonly settings: Settings;
  private readonly host: TlsServerHost;
  private readonly counters: Counters = { handshakes: 0, resumed: 0, failed: 0, refused: 0 };
  private credentials: Credentials;
  private acceptor: Acceptor;
  private direct: Promise<Direct | null> | undefined;
  private reloads = 0;
  /** What is wrong with the files as they are now. */
  private trouble = '';
  private failedSignature = '';
  /** When it was last said what is about to end, and what could not be renewed. */
  private warnedDay = -1;
  private troubledDay = -1;
  private isLooking = false;

  /** Throws if the credentials do not fit together. */
  constructor(settings: Settings, host: TlsServerHost) {
    this.settings = settings;
    this.host = host;
    this.credentials = loadCredentials(settings);
    this.acceptor = this.makeAcceptor();
    this.tellWarnings();
  }

  ready(): Promise<Direct | null> {
    this.direct ??= probeDirect(this.credentials.options);
    return this.direct;
  }

  take(raw: Socket): void {
    this.acceptor.take(raw);
  }

  /** Reads all files anew for the handshakes to come; throws, and changes nothing, if they do not fit together. */
  reload(): void {
    this.credentials = loadCredentials(this.settings);
    this.acceptor = this.makeAcceptor();
    this.reloads++;
    this.trouble = '';
    this.failedSignature = '';
    this.warnedDay = -1;
    const [{ certFile, untilMs }] = this.credentials.certificates;
    this.host.log('notice', `TLS certificates loaded anew: ${certFile}, good until ${dateOf(untilMs)}`);
    this.tellWarnings();
  }

  /** Called now and then: renews what is due, takes up files that changed, and says what is about to end. */
  async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      await this.renew();
      this.reloadIfChanged();
      this.warnOfExpiry();
    } finally {
      this.isLooking = false;
    }
  }

  get information(): InfoFields {
    const { certificates, listUntilMs } = this.credentials;
    const { handshakes, resumed, failed, refused } = this.counters;
    const firstToEnd = Math.min(...certificates.map(({ untilMs }) => untilMs));
    return {
      tls_certificates: certificates.length,
      tls_certificate_until: dateOf(firstToEnd),
      tls_certificate_days_left: this.daysUntil(firstToEnd),
      ...(listUntilMs === Number.POSITIVE_INFINITY
        ? {}
        : { tls_crl_until: dateOf(listUntilMs), tls_crl_days_left: this.daysUntil(listUntilMs) }),
      tls_expiring_soon: this.endingSoon().length,
      tls_handshakes: handshakes,
      tls_handshakes_resumed: resumed,
      tls_handshakes_failed: failed,
      tls_clients_refused: refused,
      tls_reloads: this.reloads,
      tls_reload_error: this.trouble,
    };
  }

  private makeAcceptor(): Acceptor {
    const { counters, host } = this;
    return new Acceptor(this.credentials, {
      counters,
      accept: (socket) => this.accept(socket),
      warn: (text) => host.log('warning', text),
    });
  }

  private reloadIfChanged(): void {
    let signature = '';
    try {
      signature = signatureOf(this.settings);
      if (signature !== this.credentials.signature && signature !== this.failedSignature) this.reload();
    } catch (error) {
      // Files that are being replaced may not fit yet: they are looked at again once one has changed.
      this.failedSignature = signature;
      this.trouble = (error as Error).message;
      this.host.log('warning', `TLS goes on with the certificates it has: ${this.trouble}`);
    }
  }

  private async renew(): Promise<void> {
    const directory = this.settings.text('renewCaDir');
    if (directory === '') return;
    const nowMs = this.host.nowMs();
    for (const certificate of this.credentials.certificates) {
      if (!isRenewalDue(certificate, this.settings.number('renewBefore'), nowMs)) continue;
      try {
        const { renewCertificate } = await import('./renewal.ts');
        renewCertificate(certificate, directory, this.host.nowMs);
        this.host.log('notice', `TLS certificate ${certificate.certFile} was renewed by the authority in ${directory}`);
      } catch (error) {
        if (this.troubledDay !== this.today) {
          this.troubledDay = this.today;
          this.host.log(
            'warning',
            `TLS certificate ${certificate.certFile} could not be renewed: ${(error as Error).message}`,
          );
        }
      }
    }
  }

  private tellWarnings(): void {
    for (const text of this.credentials.warnings) this.host.log('warning', `TLS: ${text}`);
    this.warnOfExpiry();
  }

  /** Once a day. */
  private warnOfExpiry(): void {
    if (this.today === this.warnedDay) return;
    this.warnedDay = this.today;
    for (const { what, untilMs } of this.endingSoon()) {
      const when = untilMs < this.host.nowMs() ? 'expired' : 'expires';
      this.host.log('warning', `TLS: ${what} ${when} ${dateOf(untilMs)}`);
    }
  }

  private endingSoon(): { what: string; untilMs: number }[] {
    const { certificates, listUntilMs } = this.credentials;
    const limitMs = this.host.nowMs() + this.settings.number('expiryWarning');
    return [
      ...certificates.map(({ certFile, untilMs }) => ({ what: `the certificate ${certFile}`, untilMs })),
      { what: `the revocation list ${this.settings.text('crlFile')}`, untilMs: listUntilMs },
    ].filter(({ untilMs }) => untilMs < limitMs);
  }

  private get today(): number {
    return Math.floor(this.host.nowMs() / DAY_MS);
  }

  private daysUntil(ms: number): number {
    return Math.floor((ms - this.host.nowMs()) / DAY_MS);
  }
}

function isRenewalDue({ fromMs, untilMs }: LoadedCertificate, beforeMs: number, nowMs: number): boolean {
  return untilMs - nowMs < Math.min(beforeMs, (untilMs - fromMs) / LAST_SHARE);
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}
