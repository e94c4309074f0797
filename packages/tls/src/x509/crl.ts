/** Revocation lists, version 2 (RFC 5280, 5): certificates that are no good any more, though their time is not over. */
import { type Issuer, signed } from './certificate.ts';
import { integer, sequence, time } from './der.ts';
import { malformed, readElement, readElements, readTimeMs } from './der-reader.ts';
import { authorityKeyId, crlNumber, crlReason, extensionList } from './extensions.ts';
import { signatureAlgorithm } from './key-kinds.ts';

/** Why a certificate was revoked, and the number that stands for it. */
const REASON_CODES = {
  unspecified: 0,
  'key-compromise': 1,
  'affiliation-changed': 3,
  superseded: 4,
  'cessation-of-operation': 5,
} as const;

export type RevocationReason = keyof typeof REASON_CODES;

export const revocationReasons = Object.keys(REASON_CODES) as readonly RevocationReason[];

export interface Revocation {
  readonly serial: Buffer;
  readonly atMs: number;
  readonly reason: RevocationReason;
}

interface ListContent {
  /** Higher than that of every list before. */
  readonly number: number;
  readonly atMs: number;
  /** Whoever checks against a list takes it for too old after that, and refuses everybody. */
  readonly nextMs: number;
  readonly revoked: readonly Revocation[];
}

const VERSION_2 = 1;
const TAG_INTEGER = 0x02;

/** The list, as DER. */
export function makeRevocationList(issuer: Issuer, { number, atMs, nextMs, revoked }: ListContent): Buffer {
  const entries = revoked.map(({ serial, atMs: revokedMs, reason }) => {
    // RFC 5280: no reason rather than `unspecified`.
    const extensions = reason === 'unspecified' ? [] : [sequence(crlReason(REASON_CODES[reason]))];
    return sequence(integer(serial), time(revokedMs), ...extensions);
  });
  return signed(
    issuer.key,
    sequence(
      integer(VERSION_2),
      signatureAlgorithm(issuer.key),
      issuer.name,
      time(atMs),
      time(nextMs),
      ...(entries.length === 0 ? [] : [sequence(...entries)]),
      extensionList(0, [authorityKeyId(issuer.keyId), crlNumber(number)]),
    ),
  );
}

/** When the list is too old; undefined if it does not say. Throws FERRITE_INVALID_ARGUMENT if it is no list. */
export function nextUpdateMs(der: Buffer): number | undefined {
  const [content] = readElements(readElement(der).content);
  if (content === undefined) throw malformed();
  const fields = readElements(content.content);
  if (fields[0]?.tag === TAG_INTEGER) fields.shift();
  const [, , thisUpdate, next] = fields;
  if (thisUpdate === undefined) throw malformed();
  readTimeMs(thisUpdate);
  const isTime = next !== undefined && (next.tag === 0x17 || next.tag === 0x18);
  return isTime ? readTimeMs(next) : undefined;
}
