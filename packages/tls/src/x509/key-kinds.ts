/** Kinds of private keys: how one is made, and which algorithm signs with it (RFC 5480, 8017, 8410). */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { FerriteError } from '@ferrite/core/module';
import { nothing, objectId, sequence } from './der.ts';

export type KeyKind = 'p256' | 'p384' | 'ed25519' | 'rsa3072';

const MAKERS: Record<KeyKind, () => { privateKey: KeyObject }> = {
  p256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  p384: () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  ed25519: () => generateKeyPairSync('ed25519'),
  rsa3072: () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
};

interface SignatureKind {
  /** Hash that the signature is of; null where the algorithm has its own. */
  readonly hash: string | null;
  readonly algorithm: () => Buffer;
}

/** By type of the key and, for elliptic curves, the curve. */
const SIGNATURES: Record<string, SignatureKind> = {
  'ec prime256v1': { hash: 'sha256', algorithm: () => sequence(objectId('1.2.840.10045.4.3.2')) },
  'ec secp384r1': { hash: 'sha384', algorithm: () => sequence(objectId('1.2.840.10045.4.3.3')) },
  ed25519: { hash: null, algorithm: () => sequence(objectId('1.3.101.112')) },
  rsa: { hash: 'sha256', algorithm: () => sequence(objectId('1.2.840.113549.1.1.11'), nothing()) },
};

export const keyKinds = Object.keys(MAKERS) as readonly KeyKind[];

export function makePrivateKey(kind: KeyKind): KeyObject {
  return MAKERS[kind]().privateKey;
}

/** The AlgorithmIdentifier of what this key signs. */
export function signatureAlgorithm(key: KeyObject): Buffer {
  return signatureKind(key).algorithm();
}

export function signBytes(key: KeyObject, bytes: Buffer): Buffer {
  return sign(signatureKind(key).hash, bytes, key);
}

function signatureKind(key: KeyObject): SignatureKind {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const name = curve === undefined ? `${key.asymmetricKeyType}` : `${key.asymmetricKeyType} ${curve}`;
  const found = SIGNATURES[name];
  if (found !== undefined) return found;
  throw new FerriteError(
    'FERRITE_UNSUPPORTED',
    `a key of the kind "${name}" cannot sign certificates here; ${keyKinds.join(', ')} can`,
  );
}
