/** A certificate authority for programs: what `ferrite tls` does from the command line. */
export {
  Authority,
  createAuthority,
  type IssuedWithKey,
  type NewAuthority,
  type NewCertificate,
} from './authority/authority.ts';
export type { AuthorityOptions, MadeCertificate } from './authority/keeper.ts';
export type { IssuedCertificate } from './authority/issued.ts';
export type { RevocationReason } from './x509/crl.ts';
export type { Usage } from './x509/extensions.ts';
export type { KeyKind } from './x509/key-kinds.ts';
