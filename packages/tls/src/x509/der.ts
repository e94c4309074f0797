/**
 * Writes DER, the encoding of certificates (ITU-T X.690): tag, length, content, and lengths always in their shortest form.
 *
 * Only what certificates and revocation lists are made of. Everything is bytes, so that parts of a certificate that was
 * read (`der-reader.ts`) can be put into a new one as they are.
 */
const TAG_BOOLEAN = 0x01;
const TAG_INTEGER = 0x02;
const TAG_BIT_STRING = 0x03;
const TAG_OCTET_STRING = 0x04;
const TAG_NULL = 0x05;
const TAG_OID = 0x06;
const TAG_ENUMERATED = 0x0a;
const TAG_UTF8_STRING = 0x0c;
const TAG_UTC_TIME = 0x17;
const TAG_GENERALIZED_TIME = 0x18;
const TAG_SEQUENCE = 0x30;
const TAG_SET = 0x31;
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;
/** UTCTime has two digits for the year, which mean 1950 to 2049 (RFC 5280, 4.1.2.5). */
const UTC_TIME_YEAR_END = 2050;

function encode(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return encode(TAG_SEQUENCE, Buffer.concat(parts));
}

export function setOf(...parts: readonly Uint8Array[]): Buffer {
  return encode(TAG_SET, Buffer.concat(parts));
}

/** `[number]` around whole elements. */
export function explicit(number: number, ...parts: readonly Uint8Array[]): Buffer {
  return encode(CONTEXT | CONSTRUCTED | number, Buffer.concat(parts));
}

/** `[number]` in the place of a primitive type's own tag. */
export function implicit(number: number, content: Uint8Array): Buffer {
  return encode(CONTEXT | number, content);
}

/** A number of any length that is not negative, its highest byte first. */
export function integer(value: Uint8Array | number): Buffer {
  const bytes = typeof value === 'number' ? bytesOf(value) : value;
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  // With its highest bit set it would be negative.
  return encode(TAG_INTEGER, digits[0] >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function enumerated(value: number): Buffer {
  return encode(TAG_ENUMERATED, Buffer.of(value));
}

export function truth(): Buffer {
  return encode(TAG_BOOLEAN, Buffer.of(0xff));
}

export function nothing(): Buffer {
  return encode(TAG_NULL, Buffer.alloc(0));
}

/** `1.2.840.10045.2.1` and the like. */
export function objectId(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const group = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) group.unshift((left % 128) | 0x80);
    bytes.push(...group);
  }
  return encode(TAG_OID, Buffer.from(bytes));
}

export function utf8Text(text: string): Buffer {
  return encode(TAG_UTF8_STRING, Buffer.from(text, 'utf8'));
}

export function octets(content: Uint8Array): Buffer {
  return encode(TAG_OCTET_STRING, content);
}

export function bits(content: Uint8Array, unusedBits = 0): Buffer {
  return encode(TAG_BIT_STRING, Buffer.concat([Buffer.of(unusedBits), content]));
}

/** Bits by their numbers, as in a KeyUsage: bit 0 is the highest one of the first byte, and zeros at the end are left out. */
export function namedBits(numbers: readonly number[]): Buffer {
  const last = Math.max(...numbers);
  const bytes = Buffer.alloc(Math.floor(last / 8) + 1);
  for (const number of numbers) bytes[Math.floor(number / 8)] |= 0x80 >> (number % 8);
  return bits(bytes, 7 - (last % 8));
}

/** A point in time, to the second, in the form that RFC 5280 asks for in its year. */
export function time(atMs: number): Buffer {
  const date = new Date(atMs);
  const digits = `${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`;
  const isShort = date.getUTCFullYear() < UTC_TIME_YEAR_END;
  return isShort
    ? encode(TAG_UTC_TIME, Buffer.from(digits.slice(2), 'latin1'))
    : encode(TAG_GENERALIZED_TIME, Buffer.from(digits, 'latin1'));
}
