/** PEM: base64 between two lines that say what it is (RFC 7468). */
import { FerriteError } from '@ferrite/core/module';

const LINE_LENGTH = 64;

type PemLabel = 'CERTIFICATE' | 'X509 CRL';

export function toPem(label: PemLabel, der: Buffer): string {
  const lines = der.toString('base64').match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** What is in the first block of that kind, which must be there; `source` is for the message. */
export function fromPem(label: PemLabel, text: string, source: string): Buffer {
  const found = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(text);
  if (found !== null) return Buffer.from(found[1], 'base64');
  throw new FerriteError('FERRITE_INVALID_ARGUMENT', `${source} holds no PEM block ${label}`);
}
