/** A certificate authority for programs: what `ferrite tls` does from the command line. */
export {
  Authority,
  type AuthorityOptions,
  createAuthority,
  type IssuedWithKey,
  type MadeCertificate,
  type NewAuthority,
  type NewCertificate,
} from './authority/authority.ts';
export type { IssuedCertificate } from './authority/issued.ts';
export type { RevocationReason } from './x509/crl.ts';
export type { Usage } from './x509/extensions.ts';
export type { KeyKind } from './x509/key-kinds.ts';
