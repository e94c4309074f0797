/**
 * The part of an authority that signs: its certificate, its key, and the record of what it has issued. Nothing here keeps a
 * private key longer than a call takes, or puts one into a message.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FerriteError } from '@ferrite/core/module';
import { type CertificateParts, type Issuer, readCertificate, subjectKeyIdOf } from '../x509/certificate.ts';
import { keyIdOf } from '../x509/extensions.ts';
import { fromPem, toPem } from '../x509/pem.ts';
import { readText } from './files.ts';
import { recordIssued } from './issued.ts';

export const DAY_MS = 86_400_000;
/** Certificates begin in the past, for devices whose clocks are slow. */
export const BACKDATED_MS = 3_600_000;
const SERIAL_BYTES = 16;

export interface AuthorityOptions {
  readonly directory: string;
  /** Of its private key, where that is encrypted. */
  readonly passphrase?: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface MadeCertificate {
  readonly serial: string;
  readonly pem: string;
  readonly untilMs: number;
  /** It ends with the authority, earlier than was asked. */
  readonly isCut: boolean;
}

export class Keeper {
  /** PEM. */
  readonly certificate: string;
  readonly untilMs: number;
  protected readonly options: AuthorityOptions;
  protected readonly parts: CertificateParts;

  /** Throws FERRITE_IO if the directory holds none. */
  constructor(options: AuthorityOptions) {
    const path = join(options.directory, 'ca.crt');
    this.options = options;
    this.certificate = readText(path);
    this.parts = readCertificate(fromPem('CERTIFICATE', this.certificate, path));
    this.untilMs = this.parts.untilMs;
  }

  issuer(): Issuer {
    const { directory, passphrase } = this.options;
    const path = join(directory, 'ca.key');
    const key = parsePrivateKey(readText(path), path, passphrase);
    const publicKey = publicKeyOf(key);
    if (!publicKey.equals(this.parts.publicKey)) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', `${path} is not the key of the certificate beside it`);
    }
    return { key, name: this.parts.subject, keyId: subjectKeyIdOf(this.parts) ?? keyIdOf(publicKey) };
  }

  validity(days: number): { fromMs: number; untilMs: number; isCut: boolean } {
    const nowMs = this.options.now();
    if (this.untilMs <= nowMs) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `the authority itself ended ${new Date(this.untilMs).toISOString()}`,
      );
    }
    const askedMs = nowMs + days * DAY_MS;
    return {
      fromMs: Math.max(nowMs - BACKDATED_MS, this.parts.fromMs),
      untilMs: Math.min(askedMs, this.untilMs),
      isCut: askedMs > this.untilMs,
    };
  }

  record(serial: Buffer, der: Buffer, rest: { untilMs: number; isCut: boolean }): MadeCertificate {
    const pem = toPem('CERTIFICATE', der);
    recordIssued(this.options.directory, serial, pem);
    return { serial: serial.toString('hex'), pem, ...rest };
  }
}

/** Its first bit is 0 and its first byte is not, so that it has one way to be written. */
export function newSerial(): Buffer {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = (serial[0] & 0x3f) | 0x40;
  return serial;
}

export function publicKeyOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

export function keyToPem(key: KeyObject, passphrase?: string): string {
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString();
}

function parsePrivateKey(pem: string, path: string, passphrase?: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase });
  } catch (cause) {
    const isEncrypted = pem.includes('ENCRYPTED');
    const why =
      isEncrypted && passphrase === undefined
        ? 'it needs its passphrase'
        : isEncrypted
          ? 'wrong passphrase'
          : 'it is damaged';
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `the private key ${path} cannot be read: ${why}`, cause);
  }
}
