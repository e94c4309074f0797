/**
 * What an authority has issued and revoked, in two folders: `issued/SERIAL.crt` is each certificate as it went out,
 * `revoked/SERIAL.json` says when and why one was revoked.
 *
 * A file is made once and never changed, so that a program that issues and a server that renews cannot undo what the
 * other did.
 */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { FerriteError } from '@ferrite/core/module';
import type { Revocation, RevocationReason } from '../x509/crl.ts';
import { createFile, fileExists, filesIn, makeFolder, PUBLIC_MODE, readText } from './files.ts';

const DAY_MS = 86_400_000;

export interface IssuedCertificate {
  readonly name: string;
  /** Hexadecimal digits. */
  readonly serial: string;
  /** Hosts and addresses it is for. */
  readonly names: readonly string[];
  readonly usage: 'server' | 'client' | 'both';
  readonly fromMs: number;
  readonly untilMs: number;
  readonly status: 'valid' | 'expired' | 'revoked';
  /** Whole days until it ends, below zero since when it has. */
  readonly daysLeft: number;
  /** None of that name was issued after it. */
  readonly isNewest: boolean;
  readonly pem: string;
}

const EKU_SERVER = '1.3.6.1.5.5.7.3.1';
const EKU_CLIENT = '1.3.6.1.5.5.7.3.2';

export function recordIssued(directory: string, serial: Buffer, pem: string): void {
  makeFolder(join(directory, 'issued'));
  createFile(join(directory, 'issued', `${serial.toString('hex')}.crt`), pem, PUBLIC_MODE);
}

/** False if it was revoked before. */
export function recordRevoked(directory: string, serial: string, reason: RevocationReason, nowMs: number): boolean {
  makeFolder(join(directory, 'revoked'));
  const path = join(directory, 'revoked', `${serial}.json`);
  if (fileExists(path)) return false;
  createFile(path, `${JSON.stringify({ at: new Date(nowMs).toISOString(), reason })}\n`, PUBLIC_MODE);
  return true;
}

/** Sorted by name, the newest of a name first. */
export function readIssued(directory: string, nowMs: number): IssuedCertificate[] {
  const folder = join(directory, 'issued');
  const revoked = new Set(filesIn(join(directory, 'revoked'), '.json').map((file) => file.slice(0, -'.json'.length)));
  const found = filesIn(folder, '.crt').map((file) => {
    const path = join(folder, file);
    const serial = file.slice(0, -'.crt'.length);
    return describe(readText(path), path, { serial, isRevoked: revoked.has(serial), nowMs });
  });
  found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.fromMs - a.fromMs || b.untilMs - a.untilMs));
  return found.map((each, at) => ({ ...each, isNewest: found[at - 1]?.name !== each.name }));
}

/** Those that a list has to name: an expired one is refused without. */
export function readRevocations(directory: string, nowMs: number): Revocation[] {
  const untilMs = new Map(readIssued(directory, nowMs).map((each) => [each.serial, each.untilMs]));
  return filesIn(join(directory, 'revoked'), '.json').flatMap((file) => {
    const serial = file.slice(0, -'.json'.length);
    if ((untilMs.get(serial) ?? Number.POSITIVE_INFINITY) + DAY_MS < nowMs) return [];
    const path = join(directory, 'revoked', file);
    const { at, reason } = parseRevocation(readText(path), path);
    return [{ serial: Buffer.from(serial, 'hex'), atMs: Date.parse(at), reason }];
  });
}

function parseRevocation(text: string, path: string): { at: string; reason: RevocationReason } {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FerriteError('FERRITE_CORRUPT', `${path} does not say when a certificate was revoked`, cause);
  }
}

function describe(
  pem: string,
  path: string,
  { serial, isRevoked, nowMs }: { serial: string; isRevoked: boolean; nowMs: number },
): Omit<IssuedCertificate, 'isNewest'> {
  const certificate = parseCertificate(pem, path);
  const untilMs = Date.parse(certificate.validTo);
  return {
    name: /(?:^|\n)CN=(.*)/.exec(certificate.subject)?.[1] ?? '',
    serial,
    names: alternativeNames(certificate.subjectAltName ?? ''),
    usage: usageOf(certificate.keyUsage ?? []),
    fromMs: Date.parse(certificate.validFrom),
    untilMs,
    status: isRevoked ? 'revoked' : untilMs < nowMs ? 'expired' : 'valid',
    daysLeft: Math.floor((untilMs - nowMs) / DAY_MS),
    pem,
  };
}

/** Throws FERRITE_INVALID_ARGUMENT, which names the source. */
export function parseCertificate(pem: string, source: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `${source} is no certificate`, cause);
  }
}

/** Out of `DNS:a.example, IP Address:10.0.0.1`. */
function alternativeNames(text: string): string[] {
  return text === '' ? [] : text.split(', ').map((part) => part.replace(/^(DNS|IP Address):/, ''));
}

function usageOf(purposes: readonly string[]): IssuedCertificate['usage'] {
  if (!purposes.includes(EKU_CLIENT)) return 'server';
  return purposes.includes(EKU_SERVER) ? 'both' : 'client';
}
