/** A row of the tables of configuration parameters (`config-live.ts`, `config-inert.ts`). */
import { choice, type Kind } from './config-kinds.ts';

// Flags of a parameter.
/** Only set when the server starts. */
export const IMMUTABLE = 1;
/** CONFIG SET needs `enable-protected-configs`. */
export const PROTECTED = 1 << 1;
/** Its value is a secret, that no log shows. */
export const SECRET = 1 << 2;
/** Shown only to who names it. */
export const HIDDEN = 1 << 3;
/** Accepted, remembered and shown, and changes nothing here. */
export const INERT = 1 << 4;
/** Only set when the server starts, but CONFIG SET takes the value that there is: clients may set all that they are shown. */
export const FIXED = 1 << 5;

/** Only here until a feature is there that does it: that one's own key takes the name. */
export const STAND_IN = 1 << 6;
/** Who sets the value that it has means what it names to be looked at anew. */
export const REREAD = 1 << 7;

export interface Parameter<Name extends string = string> {
  readonly name: Name;
  readonly kind: Kind;
  /** Its value unless it is set, as CONFIG GET shows it. */
  readonly initial: string;
  readonly flags: number;
  /** An older name; empty if there is none. */
  readonly alias: string;
}

export function parameter<const Name extends string>(
  name: Name,
  kind: Kind,
  initial: string | number,
  { flags = 0, alias = '' }: { flags?: number; alias?: string } = {},
): Parameter<Name> {
  return { name, kind, initial: String(initial), flags, alias };
}

export const INT_MAX = 2 ** 31 - 1;
export const UINT_MAX = 2 ** 32 - 1;
export const LONG_MAX = 2n ** 63n - 1n;
export const PORT_MAX = 65_535;

/** Who may do what is protected. */
export const permission = choice(['no', 'yes', 'local']);
