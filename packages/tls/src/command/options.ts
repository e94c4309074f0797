/** The options of `ferrite tls`, in one table: what they take, what they are when they are not given, and what help says. */
import { parseArgs } from 'node:util';
import { FerriteError } from '@ferrite/core/module';

interface Option {
  /** What it takes, for help; '' for a switch. */
  readonly takes: string;
  readonly text: string;
}

export const options = {
  dir: { takes: 'DIR', text: 'directory of the authority (default ferrite-ca)' },
  out: { takes: 'DIR', text: 'where NAME.crt and NAME.key go (default devices/ in the directory of the authority)' },
  name: { takes: 'NAME', text: 'name of the authority (default "Ferrite CA")' },
  organization: { takes: 'TEXT', text: 'organization in the subject (default none)' },
  usage: { takes: 'server|client|both', text: 'what the certificate is for (default both)' },
  names: { takes: 'A,B', text: 'hosts and IP addresses, * in front allowed (default NAME, for a server)' },
  days: {
    takes: 'N',
    text: 'how long it is good (default 3650 for an authority, 397 for a certificate, 365 for a list)',
  },
  key: { takes: 'KIND', text: 'p256 (default), p384, ed25519 or rsa3072' },
  'public-key': { takes: 'FILE', text: 'PEM of a key that stays on the device; no key is made' },
  'new-key': { takes: '', text: 'a new private key, too' },
  reason: {
    takes: 'REASON',
    text: 'unspecified (default), key-compromise, affiliation-changed, superseded, cessation-of-operation',
  },
  'passphrase-file': { takes: 'FILE', text: "file with the passphrase of the authority's key" },
  all: { takes: '', text: 'also those that were renewed since' },
  json: { takes: '', text: 'JSON on standard output' },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

const DAYS_MAX = 36_500;

/** What was given, by the name of the option; a switch is `yes`. */
export class GivenOptions {
  readonly words: readonly string[];
  private readonly values: ReadonlyMap<string, string>;

  /** Throws FERRITE_INVALID_OPTION for what is not allowed. */
  constructor(args: readonly string[], allowed: readonly OptionName[]) {
    const known = Object.fromEntries(
      allowed.map((name) => [name, { type: options[name].takes === '' ? ('boolean' as const) : ('string' as const) }]),
    );
    try {
      const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true });
      this.words = positionals;
      this.values = new Map(
        Object.entries(values).map(([name, value]) => [name, value === true ? 'yes' : String(value)]),
      );
    } catch (cause) {
      throw new FerriteError('FERRITE_INVALID_OPTION', (cause as Error).message, cause);
    }
  }

  has(name: OptionName): boolean {
    return this.values.has(name);
  }

  text(name: OptionName, initial: string): string {
    return this.values.get(name) ?? initial;
  }

  days(initial: number): number {
    const text = this.values.get('days') ?? String(initial);
    const days = Number(text);
    if (/^\d+$/.test(text) && days >= 1 && days <= DAYS_MAX) return days;
    throw new FerriteError('FERRITE_INVALID_OPTION', `--days cannot be ${text}: 1 to ${DAYS_MAX}`);
  }

  oneOf<const T extends string>(name: OptionName, words: readonly T[], initial: T): T {
    const text = this.text(name, initial);
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new FerriteError('FERRITE_INVALID_OPTION', `--${name} cannot be ${text}: ${words.join(', ')}`);
  }

  /** The one word that is no option. */
  word(what: string): string {
    if (this.words.length === 1) return this.words[0];
    const why = this.words.length === 0 ? 'is missing' : `is one word, not ${this.words.length}`;
    throw new FerriteError('FERRITE_INVALID_OPTION', `${what} ${why}`);
  }
}
