/** The extensions of certificates and revocation lists that are written here (RFC 5280, 4.2 and 5.2). */
import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { FerriteError } from '@ferrite/core/module';
import { enumerated, explicit, implicit, integer, namedBits, objectId, octets, sequence, truth } from './der.ts';
import { readElements } from './der-reader.ts';

/** What a certificate's key may be used for. */
export type Usage = 'server' | 'client' | 'both';

export const usages: readonly Usage[] = ['both', 'server', 'client'];

export const OID_SUBJECT_KEY_ID = '2.5.29.14';
export const OID_AUTHORITY_KEY_ID = '2.5.29.35';
const OID_KEY_USAGE = '2.5.29.15';
const OID_SUBJECT_ALT_NAME = '2.5.29.17';
const OID_BASIC_CONSTRAINTS = '2.5.29.19';
const OID_CRL_NUMBER = '2.5.29.20';
const OID_REASON = '2.5.29.21';
const OID_EXTENDED_KEY_USAGE = '2.5.29.37';
const OID_SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const OID_CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Bits of a KeyUsage. */
const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;

/** Kinds of a GeneralName. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

const KEY_ID_BYTES = 20;
const DNS_PATTERN = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?$/i;
const DNS_LENGTH_MAX = 253;

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(objectId(id), ...(isCritical ? [truth()] : []), octets(value));
}

/** Of an authority: it signs certificates and revocation lists, and no authority below it. */
export function authorityExtensions(publicKey: Buffer): Buffer[] {
  return [
    extension(OID_BASIC_CONSTRAINTS, sequence(truth(), integer(0)), true),
    extension(OID_KEY_USAGE, namedBits([KEY_CERT_SIGN, CRL_SIGN]), true),
    subjectKeyId(publicKey),
    authorityKeyId(keyIdOf(publicKey)),
  ];
}

/** Of a server or a client, but for the key's identifiers. `names`: of hosts and IP addresses. */
export function deviceExtensions(usage: Usage, names: readonly string[]): Buffer[] {
  const purposes = [usage === 'client' ? '' : OID_SERVER_AUTH, usage === 'server' ? '' : OID_CLIENT_AUTH];
  const alternative = extension(OID_SUBJECT_ALT_NAME, sequence(...names.map(generalName)));
  return [
    extension(OID_BASIC_CONSTRAINTS, sequence(), true),
    extension(OID_KEY_USAGE, namedBits([DIGITAL_SIGNATURE]), true),
    extension(OID_EXTENDED_KEY_USAGE, sequence(...purposes.filter((id) => id !== '').map(objectId))),
    ...(names.length === 0 ? [] : [alternative]),
  ];
}

export function subjectKeyId(publicKey: Buffer): Buffer {
  return extension(OID_SUBJECT_KEY_ID, octets(keyIdOf(publicKey)));
}

export function authorityKeyId(keyId: Buffer): Buffer {
  return extension(OID_AUTHORITY_KEY_ID, sequence(implicit(0, keyId)));
}

export function crlNumber(number: number): Buffer {
  return extension(OID_CRL_NUMBER, integer(number));
}

export function crlReason(code: number): Buffer {
  return extension(OID_REASON, enumerated(code));
}

/** `[n]` around a list of extensions, as certificates and lists have them. */
export function extensionList(number: number, extensions: readonly Buffer[]): Buffer {
  return explicit(number, sequence(...extensions));
}

/** Hash of the key itself, without the name of its algorithm (RFC 7093, method 1). */
export function keyIdOf(publicKey: Buffer): Buffer {
  const [, key] = readElements(readElements(publicKey)[0].content);
  return createHash('sha256').update(key.content.subarray(1)).digest().subarray(0, KEY_ID_BYTES);
}

/** Whether a certificate can be for this name: a host's, `*.` in front of it allowed, or an IP address. */
export function isHostName(name: string): boolean {
  return isIPv4(name) || isIPv6(name) || (DNS_PATTERN.test(name) && name.length <= DNS_LENGTH_MAX);
}

function generalName(name: string): Buffer {
  if (isIPv4(name)) return implicit(IP_ADDRESS, Buffer.from(name.split('.').map(Number)));
  if (isIPv6(name)) return implicit(IP_ADDRESS, bytesOfIPv6(name));
  if (!isHostName(name)) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `"${name}" is neither the name of a host nor an IP address`);
  }
  return implicit(DNS_NAME, Buffer.from(name, 'latin1'));
}

function bytesOfIPv6(address: string): Buffer {
  // The URL parser writes an IPv4 address at the end in hexadecimal, too.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head, tail] = plain.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length;
  const bytes = Buffer.alloc(16);
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...(tail ?? [])];
  for (const [at, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2);
  return bytes;
}
