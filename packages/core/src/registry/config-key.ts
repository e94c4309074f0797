/**
 * Configuration keys of features: `cfg` makes the usual ones; any `{ default, parse, format }` is one, too.
 *
 * A key has a value of its type for the program, and a text for CONFIG GET and SET, files in the form of redis.conf and
 * `--name value`. What always holds: `parse(format(value))` is the value, and `parse` throws for what is none. Its message
 * is for whoever gave the text.
 */
import { parseSize } from '../base/size.ts';

export interface ConfigKey<T> {
  readonly default: T;
  /** The value that a text says; throws an `Error` that says why it cannot. */
  parse(text: string): T;
  /** As CONFIG GET shows it. */
  format(value: T): string;
  /** Redis's name for it, which works wherever the key's own does. It may be one that changes nothing without the feature. */
  readonly alias?: string;
  /** Only set when the store is opened: CONFIG SET takes no other value. */
  readonly fixed?: boolean;
  /** It names something that may change, such as a file: who sets the value that it has means that it is looked at anew. */
  readonly rereads?: boolean;
  /** No log shows its value. */
  readonly secret?: boolean;
  /** One line for who asks what it does. */
  readonly summary?: string;
}

/** The keys of a feature, by their names in the program: `certFile` of the feature `tls` is `tls.cert-file` in a file. */
export type ConfigSpec = Readonly<Record<string, ConfigKey<unknown>>>;

/** Their values. */
export type ConfigValues<S extends ConfigSpec> = {
  -readonly [K in keyof S]: S[K] extends ConfigKey<infer T> ? T : never;
};

type Details = Pick<ConfigKey<unknown>, 'alias' | 'fixed' | 'rereads' | 'secret' | 'summary'>;
type Options<T> = Details & { default: T };

const INTEGER = /^-?\d+$/;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/;
const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const cfg = {
  /** A whole number from `min` to `max`. */
  int(options: Options<number> & { min?: number; max?: number }): ConfigKey<number> {
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
    return {
      ...detailsOf(options),
      default: options.default,
      parse: (text) => {
        if (!INTEGER.test(text)) throw new Error("argument couldn't be parsed into an integer");
        return within(Number(text), min, max);
      },
      format: String,
    };
  },

  /** Milliseconds, given as such or with a unit: `1500`, `1.5s`, `2m`, `1h`, `30d`. */
  ms(options: Options<number> & { min?: number; max?: number }): ConfigKey<number> {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
    return {
      ...detailsOf(options),
      default: options.default,
      parse: (text) => {
        const match = DURATION.exec(text.toLowerCase());
        if (match === null) throw new Error('argument must be a time, such as 1500, 1.5s, 2m or 1h');
        return within(Math.round(Number(match[1]) * UNIT_MS[match[2] ?? 'ms']), min, max);
      },
      format: String,
    };
  },

  /** Bytes, with redis's units: `65536`, `64kb`, `1mb`. */
  bytes(options: Options<number> & { min?: number; max?: number }): ConfigKey<number> {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
    return {
      ...detailsOf(options),
      default: options.default,
      parse: (text) => {
        const bytes = parseSize(text);
        if (bytes === undefined) throw new Error('argument must be a memory value');
        return within(bytes, min, max);
      },
      format: String,
    };
  },

  /** `yes` or `no`. */
  bool(options: Options<boolean>): ConfigKey<boolean> {
    return {
      ...detailsOf(options),
      default: options.default,
      parse: (text) => {
        const lower = text.toLowerCase();
        if (lower !== 'yes' && lower !== 'no') throw new Error("argument must be 'yes' or 'no'");
        return lower === 'yes';
      },
      format: (value) => (value ? 'yes' : 'no'),
    };
  },

  /** One of some words, in either case. */
  enum<const W extends string>(words: readonly W[], options: Options<NoInfer<W>>): ConfigKey<W> {
    return {
      ...detailsOf(options),
      default: options.default,
      parse: (text) => {
        const found = words.find((word) => word === text.toLowerCase());
        if (found === undefined) throw new Error(`argument(s) must be one of the following: ${words.join(', ')}`);
        return found;
      },
      format: String,
    };
  },

  /** Any text; `check` throws an `Error` that says why one will not do. */
  text(options: Options<string> & { check?: (text: string) => void }): ConfigKey<string> {
    return {
      ...detailsOf(options),
      default: options.default,
      parse: (text) => {
        options.check?.(text);
        return text;
      },
      format: String,
    };
  },
};

/** What a key is called in files and by CONFIG. */
export function configName(feature: string, key: string): string {
  return `${feature}.${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function detailsOf({ alias, fixed, rereads, secret, summary }: Details): Details {
  return { alias, fixed, rereads, secret, summary };
}

function within(value: number, min: number, max: number): number {
  if (!(value >= min && value <= max)) throw new Error(`argument must be between ${min} and ${max} inclusive`);
  return value;
}
