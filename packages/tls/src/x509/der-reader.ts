/**
 * Reads DER as far as certificates and revocation lists need it: elements and what they contain. What comes from a file
 * may be anything, so each length is checked before it is used.
 */
import { FerriteError } from '@ferrite/core/module';

interface DerElement {
  readonly tag: number;
  /** Tag and length included. */
  readonly bytes: Buffer;
  readonly content: Buffer;
}

const TAG_UTC_TIME = 0x17;
const TAG_GENERALIZED_TIME = 0x18;
const LENGTH_BYTES_MAX = 4;

/** The element at the start of the bytes. */
export function readElement(bytes: Buffer): DerElement {
  const tag = bytes[0];
  // A tag of more than one byte does not occur in a certificate.
  if (bytes.length < 2 || (tag & 0x1f) === 0x1f) throw malformed();
  let length = bytes[1];
  let start = 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > LENGTH_BYTES_MAX || bytes.length < 2 + count) throw malformed();
    length = bytes.readUIntBE(2, count);
    start += count;
  }
  if (bytes.length < start + length) throw malformed();
  return { tag, bytes: bytes.subarray(0, start + length), content: bytes.subarray(start, start + length) };
}

/** What an element contains, one after the other. */
export function readElements(content: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < content.length; ) {
    const element = readElement(content.subarray(at));
    elements.push(element);
    at += element.bytes.length;
  }
  return elements;
}

export function readTimeMs({ tag, content }: DerElement): number {
  const text = content.toString('latin1');
  const isShort = tag === TAG_UTC_TIME;
  const century = isShort ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') : '';
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(century + text);
  if ((!isShort && tag !== TAG_GENERALIZED_TIME) || digits === null) throw malformed();
  const [, year, month, day, hour, minute, second] = digits.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export function malformed(): FerriteError {
  return new FerriteError(
    'FERRITE_INVALID_ARGUMENT',
    'this is no certificate or revocation list: its DER makes no sense',
  );
}
