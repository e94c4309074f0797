/** Who may use the instance: by redis's `requirepass`, the password of the only user, `default`. */
import type { Session } from './session.ts';

export interface Authentication {
  /** There is a password. */
  readonly isRequired: boolean;
  /** Lets the session in if user and password are right. */
  authenticate(session: Session, user: string, password: Buffer): boolean;
}
