/**
 * X.509 certificates, version 3 (RFC 5280): what is in one, and making one.
 *
 * | TBSCertificate | |
 * |---|---|
 * | `[0]` version | 2, which means 3 |
 * | serialNumber | 16 random bytes, of which the first bit is 0 |
 * | signature | algorithm that signs |
 * | issuer | the authority's subject, byte for byte |
 * | validity | from, until |
 * | subject | CN, and O where there is one |
 * | subjectPublicKeyInfo | as Node.js exports it |
 * | `[3]` extensions | `extensions.ts` |
 *
 * Around it: the algorithm again, and the signature.
 */
import type { KeyObject } from 'node:crypto';
import { bits, explicit, integer, objectId, sequence, setOf, time, utf8Text } from './der.ts';
import { malformed, readElement, readElements, readTimeMs } from './der-reader.ts';
import { authorityKeyId, extensionList, OID_AUTHORITY_KEY_ID, OID_SUBJECT_KEY_ID, subjectKeyId } from './extensions.ts';
import { signatureAlgorithm, signBytes } from './key-kinds.ts';

const OID_COMMON_NAME = '2.5.4.3';
const OID_ORGANIZATION = '2.5.4.10';
const VERSION_3 = 2;
const TAG_VERSION = 0xa0;
const TAG_EXTENSIONS = 0xa3;

/** Who signs. */
export interface Issuer {
  readonly key: KeyObject;
  /** Its name, as DER. */
  readonly name: Buffer;
  readonly keyId: Buffer;
}

interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What a certificate says; names, key and extensions as DER. */
interface CertificateContent extends Validity {
  readonly serial: Buffer;
  readonly subject: Buffer;
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

export interface CertificateParts extends CertificateContent {
  readonly issuer: Buffer;
}

/** A subject, or an issuer. */
export function distinguishedName(commonName: string, organization = ''): Buffer {
  const part = (id: string, text: string): Buffer => setOf(sequence(objectId(id), utf8Text(text)));
  return sequence(
    ...(organization === '' ? [] : [part(OID_ORGANIZATION, organization)]),
    part(OID_COMMON_NAME, commonName),
  );
}

/** The certificate, as DER. */
export function makeCertificate(issuer: Issuer, content: CertificateContent): Buffer {
  const { serial, fromMs, untilMs, subject, publicKey, extensions } = content;
  return signed(
    issuer.key,
    sequence(
      explicit(0, integer(VERSION_3)),
      integer(serial),
      signatureAlgorithm(issuer.key),
      issuer.name,
      sequence(time(fromMs), time(untilMs)),
      subject,
      publicKey,
      extensionList(3, extensions),
    ),
  );
}

/** The same anew: all extensions stay, whatever they are, but those that name the keys of the two. */
export function renewedCertificate(issuer: Issuer, content: CertificateContent): Buffer {
  const isKeyId = (each: Buffer): boolean =>
    isExtension(each, OID_AUTHORITY_KEY_ID) || isExtension(each, OID_SUBJECT_KEY_ID);
  const kept = content.extensions.filter((each) => !isKeyId(each));
  const extensions = [...kept, subjectKeyId(content.publicKey), authorityKeyId(issuer.keyId)];
  return makeCertificate(issuer, { ...content, extensions });
}

/** What was signed, the algorithm, and the signature: certificates and revocation lists have that in common. */
export function signed(key: KeyObject, content: Buffer): Buffer {
  return sequence(content, signatureAlgorithm(key), bits(signBytes(key, content)));
}

/** Throws FERRITE_INVALID_ARGUMENT if these bytes are no certificate. */
export function readCertificate(der: Buffer): CertificateParts {
  const [content] = readElements(readElement(der).content);
  if (content === undefined) throw malformed();
  const fields = readElements(content.content);
  if (fields[0]?.tag === TAG_VERSION) fields.shift();
  const [serial, , issuer, validity, subject, publicKey] = fields;
  if (publicKey === undefined) throw malformed();
  const [from, until] = readElements(validity.content);
  if (until === undefined) throw malformed();
  const list = fields.find(({ tag }) => tag === TAG_EXTENSIONS);
  return {
    serial: serial.content,
    issuer: issuer.bytes,
    fromMs: readTimeMs(from),
    untilMs: readTimeMs(until),
    subject: subject.bytes,
    publicKey: publicKey.bytes,
    extensions: list === undefined ? [] : readElements(readElement(list.content).content).map(({ bytes }) => bytes),
  };
}

/** The identifier that a certificate gives its key; undefined if it gives none. */
export function subjectKeyIdOf({ extensions }: CertificateParts): Buffer | undefined {
  const found = extensions.find((each) => isExtension(each, OID_SUBJECT_KEY_ID));
  const value = found === undefined ? undefined : readElements(readElement(found).content).at(-1);
  return value === undefined ? undefined : readElement(value.content).content;
}

function isExtension(extension: Buffer, id: string): boolean {
  return readElements(readElement(extension).content)[0]?.bytes.equals(objectId(id)) === true;
}
