/**
 * Kinds of configuration parameters: each reads the words that were given for a value into one text, as CONFIG GET shows
 * it, or says why it cannot. Texts have a character for each byte. The messages are redis's.
 */

/** A value that a parameter cannot have; its message is for whoever gave it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface Kind {
  /** The text of a value; throws `ConfigError`. `before` is the text so far, which some values only change in part. */
  read(words: readonly string[], before: string): string;
  /** Its value is many words; a single one is split where there are spaces. */
  takesMany?: true;
  /** What stands after its name in a file, a line each; one line with the text itself if this is absent. */
  lines?(text: string, initial: string): string[];
}

const INTEGER = /^(0|-?[1-9]\d*)$/;
const SIZE = /^(\d+)(b|k|kb|m|mb|g|gb)?$/;
const UNITS: Record<string, bigint> = {
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const ADDRESSES_MAX = 16;
const OUTPUT_CLASSES = ['normal', 'slave', 'pubsub'];
const PORT_MAX = 65_535;

export const yesNo: Kind = {
  read: ([word]) => {
    const text = word.toLowerCase();
    if (text === 'yes' || text === 'no') return text;
    throw new ConfigError("argument must be 'yes' or 'no'");
  },
};

export function integer(min: number | bigint, max: number | bigint): Kind {
  return {
    read: ([word]) => {
      const value = INTEGER.test(word) ? BigInt(word) : undefined;
      if (value === undefined || value > INT64_MAX || value < -INT64_MAX - 1n) {
        throw new ConfigError("argument couldn't be parsed into an integer");
      }
      return String(within(value, BigInt(min), BigInt(max)));
    },
  };
}

/** Bytes, with redis's units: `k`, `m` and `g` are powers of 1000, `kb`, `mb` and `gb` of 1024. */
export function memory(min: number, max: bigint = UINT64_MAX): Kind {
  return {
    read: ([word]) => {
      const value = parseMemory(word);
      if (value === undefined) throw new ConfigError('argument must be a memory value');
      return String(within(value, BigInt(min), max));
    },
  };
}

/** Bytes, or a percentage such as `5%`. */
export const memoryOrPercent: Kind = {
  read: ([word]) => {
    const bytes = parseMemory(word);
    if (bytes !== undefined) return String(within(bytes, 0n, INT64_MAX));
    if (!/^\d+%$/.test(word)) throw new ConfigError('argument must be a memory or percent value');
    const percent = Number(word.slice(0, -1));
    if (percent > 100) throw new ConfigError('percentage argument must be less or equal to 100');
    return percent === 0 ? '0' : `${percent}%`;
  },
};

/** Permissions of a file. */
export const octal: Kind = {
  read: ([word]) => {
    if (!/^-?[0-7]+$/.test(word)) throw new ConfigError("argument couldn't be parsed as an octal number");
    const value = Number.parseInt(word, 8);
    if (value < 0 || value > 0o777) throw new ConfigError('argument must be between 0 and 777 inclusive');
    return value.toString(8);
  },
};

/** One of some words, in either case. */
export function choice(words: readonly string[]): Kind {
  return {
    read: ([word]) => {
      const found = words.find((each) => each === word.toLowerCase());
      if (found === undefined) throw noSuchChoice(words);
      return found;
    },
  };
}

/** Some of some words, shown in the order in which those are named; the first stands for none. */
export function choices(words: readonly string[], check: (found: readonly string[]) => void): Kind {
  return {
    takesMany: true,
    read: (given) => {
      const lower = given.map((word) => word.toLowerCase());
      if (given.length === 0 || !lower.every((word) => words.includes(word))) throw noSuchChoice(words);
      const found = words.slice(1).filter((word) => lower.includes(word));
      check(found);
      return found.length === 0 ? words[0] : found.join(' ');
    },
  };
}

/** Any text; `check` throws `ConfigError`. */
export function text(check: (text: string) => void = () => {}): Kind {
  return {
    read: ([word]) => {
      check(word);
      return word;
    },
  };
}

/** A kind of which only some values work here: `check` throws `ConfigError` for the others. */
export function restricted(kind: Kind, check: (text: string) => void): Kind {
  return {
    ...kind,
    read: (words, before) => {
      const found = kind.read(words, before);
      check(found);
      return found;
    },
  };
}

/** `save`: pairs of seconds and changes. */
export const savePoints: Kind = {
  takesMany: true,
  read: (words) => {
    if (words.length === 1 && words[0] === '') return '';
    if (words.length % 2 !== 0 || !words.every((word, i) => isWhole(word, i % 2 === 0 ? 1 : 0))) {
      throw new ConfigError('Invalid save parameters');
    }
    return words.map(Number).join(' ');
  },
  lines: (value) => (value === '' ? ['""'] : groupsOf(value, 2)),
};

/** `client-output-buffer-limit`: for each class named, bytes at once, bytes for a while, and seconds. */
export const outputLimits: Kind = {
  takesMany: true,
  read: (words, before) => {
    if (words.length % 4 !== 0) throw new ConfigError('Wrong number of arguments in buffer limit configuration.');
    const limits = new Map(groupsOf(before, 4).map((group) => [group.split(' ')[0], group]));
    for (let i = 0; i < words.length; i += 4) {
      const name = words[i].toLowerCase() === 'replica' ? 'slave' : words[i].toLowerCase();
      if (!OUTPUT_CLASSES.includes(name)) {
        throw new ConfigError('Invalid client class specified in buffer limit configuration.');
      }
      const hard = parseMemory(words[i + 1]);
      const soft = parseMemory(words[i + 2]);
      if (hard === undefined || soft === undefined || !isWhole(words[i + 3], 0)) {
        throw new ConfigError('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
      }
      limits.set(name, `${name} ${hard} ${soft} ${Number(words[i + 3])}`);
    }
    return OUTPUT_CLASSES.map((name) => limits.get(name)).join(' ');
  },
  lines: (value, initial) => groupsOf(value, 4).filter((group) => !groupsOf(initial, 4).includes(group)),
};

export const addresses: Kind = {
  takesMany: true,
  read: (words) => {
    if (words.length > ADDRESSES_MAX) throw new ConfigError('Too many bind addresses specified.');
    return words.join(' ');
  },
};

/** `oom-score-adj-values` */
export const oomScores: Kind = {
  takesMany: true,
  read: (words) => {
    if (words.length !== 3) throw new ConfigError('wrong number of arguments');
    if (!words.every((word) => /^-?\d+$/.test(word) && Math.abs(Number(word)) <= 2000)) {
      throw new ConfigError('Invalid oom-score-adj-values, elements must be between -2000 and 2000.');
    }
    return words.map(Number).join(' ');
  },
};

/** `latency-tracking-info-percentiles` */
export const percentiles: Kind = {
  takesMany: true,
  read: (words) => {
    if (words.length === 1 && words[0] === '') return '';
    const values = words.map((word) => (/^\S+$/.test(word) ? Number(word) : Number.NaN));
    if (values.some(Number.isNaN)) throw new ConfigError('Invalid latency-tracking-info-percentiles parameters');
    if (values.some((value) => value < 0 || value > 100)) {
      throw new ConfigError('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
    }
    return values.join(' ');
  },
};

/** `replicaof` */
export const replicaOf: Kind = {
  takesMany: true,
  read: (words) => {
    if (words.length !== 2) throw new ConfigError('wrong number of arguments');
    if (words.join(' ').toLowerCase() === 'no one') return '';
    if (!isWhole(words[1], 0) || Number(words[1]) > PORT_MAX) throw new ConfigError('Invalid master port');
    throw new ConfigError('replication is not supported');
  },
  lines: () => [],
};

/** `notify-keyspace-events`, in the order in which CONFIG GET shows the letters. */
export const eventClasses: Kind = {
  read: ([word]) => {
    const letters = new Set(word.includes('A') ? `${ALL_EVENTS}${word}` : word);
    for (const letter of letters) {
      if (!`A${EVENTS}KEm`.includes(letter)) {
        throw new ConfigError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
      }
    }
    const hasAll = [...ALL_EVENTS].every((letter) => letters.has(letter));
    return [...(hasAll ? 'AKEmn' : `${EVENTS}KEm`)].filter((letter) => letter === 'A' || letters.has(letter)).join('');
  },
};
const EVENTS = 'g$lshzxetdn';
const ALL_EVENTS = 'g$lshzxetd';

/** Splits what must be given as one word where there are spaces, as CONFIG SET does for kinds that take many. */
export function splitValue(kind: Kind, value: string): string[] {
  return kind.takesMany === true ? value.split(' ') : [value];
}

function parseMemory(word: string): bigint | undefined {
  const match = SIZE.exec(word.toLowerCase());
  if (match === null) return undefined;
  const bytes = BigInt(match[1]) * UNITS[match[2] ?? 'b'];
  return bytes > UINT64_MAX ? undefined : bytes;
}

function within(value: bigint, min: bigint, max: bigint): bigint {
  if (value < min || value > max) throw new ConfigError(`argument must be between ${min} and ${max} inclusive`);
  return value;
}

function isWhole(word: string, min: number): boolean {
  return /^\d+$/.test(word) && Number(word) >= min && Number.isSafeInteger(Number(word));
}

function noSuchChoice(words: readonly string[]): ConfigError {
  return new ConfigError(`argument(s) must be one of the following: ${words.join(', ')}`);
}

/** The words of a text, so many to a group. */
function groupsOf(value: string, size: number): string[] {
  const words = value === '' ? [] : value.split(' ');
  return words.flatMap((_, i) => (i % size === 0 ? [words.slice(i, i + size).join(' ')] : []));
}
