/**
 * A certificate authority of one's own, in a directory: what `ferrite tls` does, and a server that renews its certificate.
 *
 * | in the directory | |
 * |---|---|
 * | `ca.crt` | its certificate: what clients and servers trust (`tls-ca-cert-file`) |
 * | `ca.key` | its private key, for the owner's eyes alone |
 * | `ca.crl` | the list of what was revoked (`tls-crl-file`) |
 * | `issued/`, `revoked/` | `issued.ts` |
 *
 * Nothing here keeps a private key longer than a call takes, or puts one into a message.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { FerriteError } from '@ferrite/core/module';
import { distinguishedName, makeCertificate } from '../x509/certificate.ts';
import { makeRevocationList, nextUpdateMs, type RevocationReason } from '../x509/crl.ts';
import {
  authorityExtensions,
  authorityKeyId,
  deviceExtensions,
  keyIdOf,
  subjectKeyId,
  type Usage,
} from '../x509/extensions.ts';
import { type KeyKind, makePrivateKey } from '../x509/key-kinds.ts';
import { fromPem, toPem } from '../x509/pem.ts';
import {
  createFile,
  fileExists,
  filesIn,
  makeFolder,
  PRIVATE_MODE,
  PUBLIC_MODE,
  readText,
  replaceFile,
} from './files.ts';
import { type IssuedCertificate, readIssued, readRevocations, recordRevoked } from './issued.ts';
import {
  type AuthorityOptions,
  BACKDATED_MS,
  DAY_MS,
  Keeper,
  keyToPem,
  type MadeCertificate,
  newSerial,
  publicKeyOf,
} from './keeper.ts';
import { renewWith } from './renew.ts';

/** Of a common name (RFC 5280, appendix A). */
const NAME_LENGTH_MAX = 64;
const NAME_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
export const CRL_DAYS = 365;

export interface NewAuthority {
  readonly name: string;
  readonly organization?: string;
  readonly days: number;
  readonly keyKind: KeyKind;
}

export interface NewCertificate {
  readonly name: string;
  readonly organization?: string;
  readonly usage: Usage;
  /** Of hosts and IP addresses. */
  readonly names: readonly string[];
  readonly days: number;
  readonly keyKind: KeyKind;
  /** PEM of a key that the device keeps to itself; without one a key is made. */
  readonly publicKey?: string;
}

/** Makes an authority; throws FERRITE_EXISTS if the directory has one. */
export function createAuthority(options: AuthorityOptions, made: NewAuthority): Authority {
  const { directory, passphrase, now } = options;
  if (!/^[\x20-\x7e]+$/.test(made.name) || made.name.length > NAME_LENGTH_MAX) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `an authority's name is text of at most ${NAME_LENGTH_MAX} characters`,
    );
  }
  const keyPath = join(directory, 'ca.key');
  for (const path of [keyPath, join(directory, 'ca.crt')]) {
    if (fileExists(path)) throw new FerriteError('FERRITE_EXISTS', `there is an authority already: ${path}`);
  }
  const key = makePrivateKey(made.keyKind);
  const publicKey = publicKeyOf(key);
  const subject = distinguishedName(made.name, made.organization);
  const fromMs = now() - BACKDATED_MS;
  const certificate = makeCertificate(
    { key, name: subject, keyId: keyIdOf(publicKey) },
    {
      serial: newSerial(),
      subject,
      publicKey,
      fromMs,
      untilMs: now() + made.days * DAY_MS,
      extensions: authorityExtensions(publicKey),
    },
  );
  makeFolder(directory);
  createFile(keyPath, keyToPem(key, passphrase), PRIVATE_MODE);
  createFile(join(directory, 'ca.crt'), toPem('CERTIFICATE', certificate), PUBLIC_MODE);
  const authority = new Authority(options);
  authority.writeRevocationList(CRL_DAYS);
  return authority;
}

export interface IssuedWithKey extends MadeCertificate {
  /** PKCS #8; null where the device has it. */
  readonly keyPem: string | null;
}

export class Authority extends Keeper {
  /** Makes a certificate and, unless the device has one, a key. Nothing but the authority's own records is written. */
  issue(asked: NewCertificate): IssuedWithKey {
    const { name, usage, publicKey: given } = asked;
    checkName(name);
    if (usage !== 'client' && asked.names.length === 0) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `a server's certificate needs the names or addresses of its host`,
      );
    }
    const key = given === undefined ? makePrivateKey(asked.keyKind) : null;
    const publicKey = given === undefined ? publicKeyOf(key as KeyObject) : parsePublicKey(given);
    const issuer = this.issuer();
    const { fromMs, untilMs, isCut } = this.validity(asked.days);
    const serial = newSerial();
    const extensions = [...deviceExtensions(usage, asked.names), subjectKeyId(publicKey), authorityKeyId(issuer.keyId)];
    const subject = distinguishedName(name, asked.organization);
    const der = makeCertificate(issuer, { serial, subject, publicKey, fromMs, untilMs, extensions });
    return { ...this.record(serial, der, { untilMs, isCut }), keyPem: key === null ? null : keyToPem(key) };
  }

  /**
   * The same certificate for longer, and for the same key unless a kind is given for a new one; `pem` is one that this
   * authority has issued.
   */
  renew(pem: string, days: number, newKeyKind: KeyKind | null = null): IssuedWithKey {
    const key = newKeyKind === null ? null : makePrivateKey(newKeyKind);
    return { ...renewWith(this, pem, days, key), keyPem: key === null ? null : keyToPem(key) };
  }

  list(): IssuedCertificate[] {
    return readIssued(this.options.directory, this.options.now());
  }

  /**
   * Revokes by serial number, or all certificates of a name that would still be accepted, and writes the list anew.
   * Returns what was revoked; throws FERRITE_INVALID_ARGUMENT where there is nothing to revoke.
   */
  revoke(nameOrSerial: string, reason: RevocationReason): IssuedCertificate[] {
    const { directory, now } = this.options;
    // Before anything is written: without the key there will be no list.
    this.issuer();
    const found = this.list().filter(
      ({ name, serial }) => name === nameOrSerial || serial === nameOrSerial.toLowerCase(),
    );
    if (found.length === 0) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `no certificate was issued with the name or number ${nameOrSerial}`,
      );
    }
    const revoked = found.filter(
      ({ status, serial }) => status === 'valid' && recordRevoked(directory, serial, reason, now()),
    );
    if (revoked.length === 0) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `all certificates of ${nameOrSerial} are ${found[0].status} already`,
      );
    }
    this.writeRevocationList(CRL_DAYS);
    return revoked;
  }

  /** When `ca.crl` is too old, and whoever checks against it refuses everybody. */
  get revocationListUntilMs(): number {
    const path = join(this.options.directory, 'ca.crl');
    return nextUpdateMs(fromPem('X509 CRL', readText(path), path)) ?? Number.POSITIVE_INFINITY;
  }

  /** Writes `ca.crl` with all that was revoked, good for so many days. */
  writeRevocationList(days: number): void {
    const { directory, now } = this.options;
    const issuer = this.issuer();
    const revokedNow = (): string => filesIn(join(directory, 'revoked'), '.json').join();
    // Somebody else may revoke meanwhile, and must not be left out by a list that was begun before.
    for (let before = ''; ; ) {
      before = revokedNow();
      const atMs = now();
      const revoked = readRevocations(directory, atMs);
      const der = makeRevocationList(issuer, { number: atMs, atMs, nextMs: atMs + days * DAY_MS, revoked });
      replaceFile(join(directory, 'ca.crl'), toPem('X509 CRL', der), PUBLIC_MODE);
      if (revokedNow() === before) return;
    }
  }
}

/** A name that can be a subject, and the name of a file. */
function checkName(name: string): void {
  if (NAME_PATTERN.test(name) && name.length <= NAME_LENGTH_MAX) return;
  throw new FerriteError(
    'FERRITE_INVALID_ARGUMENT',
    `"${name}" cannot be a name: letters, digits, dots, dashes and underscores, at most ${NAME_LENGTH_MAX}`,
  );
}

function parsePublicKey(pem: string): Buffer {
  try {
    return createPublicKey(pem).export({ type: 'spki', format: 'der' });
  } catch {
    // What the library says could be about a private key that was given by mistake: it is not repeated.
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'the public key is no PEM that can be read');
  }
}
