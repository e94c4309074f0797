/**
 * Versions and ranges of them, as npm has them: what a feature requires of the core and of other features.
 *
 * A range is comparators that all hold (`>=1.2.0 <2.0.0`), or some such with `||` between them; `^1.2.3`, `~1.2.3`, `1.x`,
 * `1.2` and `*` are short for a pair. A version with a pre-release (`1.2.0-rc.1`) is in a range if it is between its ends.
 */

interface Version {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  readonly pre: readonly string[];
}

type Test = (version: Version) => boolean;

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9a-z.-]+))?(?:\+[0-9a-z.-]+)?$/i;
const COMPARATOR = /^(\^|~|>=|<=|>|<|=)?v?(\d+|x|\*)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(?:-([0-9a-z.-]+))?$/i;
/** Below every release of the same numbers. */
const LOWEST_PRE = ['0'];

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

export function isRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** Whether a version is in a range; both must be such. */
export function satisfies(version: string, range: string): boolean {
  const parsed = parseVersion(version);
  return parsed !== undefined && parseRange(range)?.(parsed) === true;
}

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  return { numbers: [Number(match[1]), Number(match[2]), Number(match[3])], pre: preOf(match[4]) };
}

function preOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split('.');
}

function parseRange(text: string): Test | undefined {
  const sets: Test[][] = [];
  for (const part of text.split('||')) {
    const words = part
      .trim()
      .replace(/(\^|~|[<>]=?|=)\s+/g, '$1')
      .split(/\s+/);
    const tests = words.map((word) => parseComparator(word === '' ? '*' : word));
    if (!tests.every((test) => test !== undefined)) return undefined;
    sets.push(tests);
  }
  return (version) => sets.some((tests) => tests.every((test) => test(version)));
}

function parseComparator(word: string): Test | undefined {
  const match = COMPARATOR.exec(word);
  if (match === null) return undefined;
  const [, sign = '', ...parts] = match;
  const known = parts.slice(0, 3).filter((part) => /^\d+$/.test(part ?? ''));
  const [major = 0, minor = 0, patch = 0] = known.map(Number);
  const low: Version = { numbers: [major, minor, patch], pre: preOf(match[5]) };
  const span = spanOf(sign, known.length, low.numbers);
  const high: Version = { numbers: span, pre: LOWEST_PRE };
  if (sign === '>') return known.length === 3 ? (each) => compare(each, low) > 0 : (each) => compare(each, high) >= 0;
  if (sign === '>=') return (each) => compare(each, low) >= 0;
  if (sign === '<') return (each) => compare(each, low.pre.length > 0 ? low : { ...low, pre: LOWEST_PRE }) < 0;
  if (sign === '<=') return known.length === 3 ? (each) => compare(each, low) <= 0 : (each) => compare(each, high) < 0;
  if (known.length === 0) return () => true;
  const isExact = known.length === 3 && sign !== '^' && sign !== '~';
  if (isExact) return (each) => compare(each, low) === 0;
  return (each) => compare(each, low) >= 0 && compare(each, high) < 0;
}

/** The first version that is not of the kind any more. */
function spanOf(sign: string, known: number, [major, minor, patch]: Version['numbers']): Version['numbers'] {
  if (sign === '^') {
    if (major > 0 || known === 1) return [major + 1, 0, 0];
    if (minor > 0 || known === 2) return [0, minor + 1, 0];
    return [0, 0, patch + 1];
  }
  return known === 1 ? [major + 1, 0, 0] : [major, minor + 1, 0];
}

function compare(one: Version, other: Version): number {
  for (let i = 0; i < 3; i++) {
    if (one.numbers[i] !== other.numbers[i]) return one.numbers[i] - other.numbers[i];
  }
  if (one.pre.length === 0 || other.pre.length === 0) return other.pre.length - one.pre.length;
  for (let i = 0; i < Math.max(one.pre.length, other.pre.length); i++) {
    const difference = comparePre(one.pre[i], other.pre[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePre(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? -1 : 1;
  const areNumbers = /^\d+$/.test(one) && /^\d+$/.test(other);
  if (areNumbers) return Number(one) - Number(other);
  if (/^\d+$/.test(one) !== /^\d+$/.test(other)) return /^\d+$/.test(one) ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}
