/**
 * `matchGlob`: patterns of keys and channels as redis has them, over bytes.
 *
 * | in a pattern | matches |
 * |---|---|
 * | `*` | any bytes, also none |
 * | `?` | one byte |
 * | `[abc]`, `[a-z]`, `[^a]` | one byte that is (not) in the class; a range may be written backwards; a class that is not closed ends with the pattern |
 * | `\x` | the byte `x`, also in a class; a lone backslash at the end is itself |
 *
 * All but `*` take exactly one byte. So when a match fails, only the last `*` has to take one byte more, never an
 * earlier one: the cost is at most the length of the pattern times that of the text, whatever the pattern. As in redis, a
 * pattern in which a text comes to more than a thousand stars matches nothing.
 *
 * Two departures from redis: stars match an empty text, and bytes are unsigned in the range of a class. Called by KEYS,
 * SCAN, PSUBSCRIBE and CONFIG GET.
 */

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const BACKSLASH = 0x5c;
const DASH = 0x2d;
const STARS_MAX = 1000;

/** Whether the whole of `text` from `start` to `end` matches. With `ignoreCase`, ASCII letters match in either case. */
export function matchGlob(
  pattern: Uint8Array,
  text: Uint8Array,
  start: number,
  end: number,
  ignoreCase = false,
): boolean {
  let at = 0;
  let textAt = start;
  let afterStar = -1;
  let starTextAt = 0;
  let stars = 0;
  while (textAt < end) {
    if (at < pattern.length) {
      if (pattern[at] === STAR) {
        do at++;
        while (pattern[at] === STAR);
        if (at === pattern.length) return true;
        if (++stars > STARS_MAX) return false;
        afterStar = at;
        starTextAt = textAt;
        continue;
      }
      const next = matchOne(pattern, at, text[textAt], ignoreCase);
      if (next >= 0) {
        at = next;
        textAt++;
        continue;
      }
    }
    if (afterStar < 0) return false;
    at = afterStar;
    textAt = ++starTextAt;
  }
  while (pattern[at] === STAR) at++;
  return at === pattern.length;
}

/** Where the pattern goes on if its element at `at` matches `byte`, else -1. */
function matchOne(pattern: Uint8Array, at: number, byte: number, ignoreCase: boolean): number {
  let expected = pattern[at];
  if (expected === QUESTION) return at + 1;
  if (expected === OPEN) return matchClass(pattern, at + 1, byte, ignoreCase);
  if (expected === BACKSLASH && at + 1 < pattern.length) expected = pattern[++at];
  if (expected === byte || (ignoreCase && lower(expected) === lower(byte))) return at + 1;
  return -1;
}

/** As `matchOne`, for a class whose first byte after the bracket is at `at`. */
function matchClass(pattern: Uint8Array, at: number, byte: number, ignoreCase: boolean): number {
  const isNegated = pattern[at] === CARET;
  if (isNegated) at++;
  let isMember = false;
  for (; at < pattern.length && pattern[at] !== CLOSE; at++) {
    const member = pattern[at];
    if (member === BACKSLASH && at + 1 < pattern.length) {
      // An escaped byte is compared as it is, also when case is ignored: so does redis.
      if (pattern[++at] === byte) isMember = true;
    } else if (pattern[at + 1] === DASH && at + 2 < pattern.length) {
      at += 2;
      if (isInRange(byte, member, pattern[at], ignoreCase)) isMember = true;
    } else if (member === byte || (ignoreCase && lower(member) === lower(byte))) {
      isMember = true;
    }
  }
  if (isMember === isNegated) return -1;
  return at < pattern.length ? at + 1 : at;
}

function isInRange(byte: number, first: number, last: number, ignoreCase: boolean): boolean {
  let low = first < last ? first : last;
  let high = first < last ? last : first;
  if (ignoreCase) {
    low = lower(low);
    high = lower(high);
    byte = lower(byte);
  }
  return byte >= low && byte <= high;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
