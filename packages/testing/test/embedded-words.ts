/** The keys and values that the fuzz of the embedded database draws from: few keys, so that they meet again, of every kind. */
import type { Prng } from '@ferrite/core/module';

/** Bytes of a value after which it is stored in chunks, with pages of 256 KB or more. */
const INLINE_BYTES = 64 * 1024;
const LARGEST_BYTES = 300_000;
const LONGEST_KEY_BYTES = 65_536;

export interface Word {
  /** As the program gives it. */
  given: string | Uint8Array;
  bytes: Buffer;
}

function wordOf(given: string | Uint8Array): Word {
  return { given, bytes: Buffer.from(given as string) };
}

export function randomBytes(prng: Prng, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = prng.nextUint32();
  return bytes;
}

/** `count` keys that differ even as the text an iterator gives for them, and two of 64 KB if `withLong`. */
export function makeKeys(prng: Prng, count: number, withLong: boolean): Word[] {
  const keys = new Map<string, Word>();
  const add = (given: string | Uint8Array) => {
    const word = wordOf(given);
    keys.set(word.bytes.toString('utf8'), word);
  };
  add('');
  add('ключ-Ω-🔥');
  add('\ud800 alone');
  add(Uint8Array.of(0));
  add(Uint8Array.of(0xff, 0xfe, 0xff));
  add(Uint8Array.of(0xff));
  if (withLong) {
    add('L'.repeat(LONGEST_KEY_BYTES));
    add(Buffer.concat([Buffer.alloc(65_534, 'L'), Uint8Array.of(0x80)]));
  }
  while (keys.size < count) {
    const number = prng.nextBelow(count * 4);
    const kind = prng.nextBelow(8);
    if (kind < 3) add(`user:${String(number).padStart(6, '0')}`);
    else if (kind === 3) add(`user:0${'0'.repeat(number % 40)}`);
    else if (kind === 4) add(`sensor/${number % 7}/температура/${number}`);
    else if (kind === 5) add(Uint8Array.from(randomBytes(prng, 1 + (number % 5))));
    else if (kind === 6) add(Buffer.concat([Buffer.from('user:'), randomBytes(prng, number % 4)]));
    else add('a long shared prefix of keys that goes on and on '.repeat(1 + (number % 30)) + number);
  }
  return [...keys.values()];
}

const SAMPLE = 'The quick brown fox jumps over the lazy dog; größer, 日本語, 🦊. ';
const ASCII = 'abcdefghijklmnopqrstuvwxyz 0123456789 '.repeat(20);

function repeated(text: string, bytes: number, mark: number): string {
  return `${mark} ${text.repeat(Math.ceil(bytes / text.length))}`.slice(0, Math.max(bytes, 1));
}

/** A value: mostly short, `largeOneIn` of them from 4 KB to 300 KB. */
export function makeValue(prng: Prng, largeOneIn: number): string | Uint8Array {
  const mark = prng.nextUint32();
  if (prng.nextBelow(largeOneIn) === 0) {
    const length = 4096 + prng.nextBelow(prng.nextBelow(3) === 0 ? LARGEST_BYTES : INLINE_BYTES + 4096);
    const kind = prng.nextBelow(3);
    if (kind === 0) return Buffer.alloc(length, `${mark},`);
    return repeated(kind === 1 ? ASCII : SAMPLE, length, mark);
  }
  switch (prng.nextBelow(8)) {
    case 0:
      return '';
    case 1:
      return String(prng.nextBelow(1000) - 500);
    case 2:
      return repeated(SAMPLE, prng.nextBelow(200), mark);
    case 3:
      return Uint8Array.from(randomBytes(prng, prng.nextBelow(100)));
    case 4:
      return repeated(ASCII, 100 + prng.nextBelow(900), mark);
    case 5:
      return `${mark} \udfff`;
    default:
      return repeated(ASCII, prng.nextBelow(120), mark);
  }
}
