/** PEM: base64 between two lines that say what it is (RFC 7468). */
import { FerriteError } from '@ferrite/core/module';

const LINE_LENGTH = 64;

export type PemLabel = 'CERTIFICATE' | 'X509 CRL';

export function toPem(label: PemLabel, der: Buffer): string {
  const lines = der.toString('base64').match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** All blocks of that kind, in order. */
export function fromPem(label: PemLabel, text: string): Buffer[] {
  const blocks = text.matchAll(new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g'));
  return [...blocks].map(([, base64]) => Buffer.from(base64, 'base64'));
}

/** The first block of that kind, which must be there. */
export function firstOfPem(label: PemLabel, text: string, source: string): Buffer {
  const [first] = fromPem(label, text);
  if (first === undefined) throw new FerriteError('FERRITE_INVALID_ARGUMENT', `${source} holds no PEM block ${label}`);
  return first;
}
