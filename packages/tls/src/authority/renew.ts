/** Renewal: subject, names, usage and all else stay as they were, whatever they were. */
import type { KeyObject } from 'node:crypto';
import { FerriteError } from '@ferrite/core/module';
import { readCertificate, renewedCertificate } from '../x509/certificate.ts';
import { parseCertificate } from './issued.ts';
import { type Keeper, type MadeCertificate, newSerial, publicKeyOf } from './keeper.ts';

/** `key`: a new one; null to keep the one that the certificate is for. */
export function renewWith(keeper: Keeper, pem: string, days: number, key: KeyObject | null): MadeCertificate {
  const old = parseCertificate(pem, 'what is to be renewed');
  const mine = parseCertificate(keeper.certificate, 'ca.crt');
  if (!old.checkIssued(mine) || !old.verify(mine.publicKey)) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `the certificate of ${old.subject.replaceAll('\n', ', ')} is not of this authority`,
    );
  }
  const issuer = keeper.issuer();
  const { fromMs, untilMs, isCut } = keeper.validity(days);
  const serial = newSerial();
  const parts = readCertificate(old.raw);
  const publicKey = key === null ? parts.publicKey : publicKeyOf(key);
  const der = renewedCertificate(issuer, { ...parts, publicKey, serial, fromMs, untilMs });
  return keeper.record(serial, der, { untilMs, isCut });
}
