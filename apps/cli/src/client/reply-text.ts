/**
 * Replies as text. For people, in the form that redis-cli made familiar; raw, for other programs: values as they are, a
 * line each; and as JSON.
 *
 * Values are those of a `ReplyParser` with `strings: 'buffer'` and `keepsStatus`: data is a Buffer, a status is a string.
 */
import { ReplyError, type ReplyValue } from '@ferrite/core/tools';

const NAMED_ESCAPES: Record<number, string> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/** For people; several lines for what has members. */
export function replyText(value: ReplyValue): string {
  return linesOf(value).join('\n');
}

function linesOf(value: ReplyValue): string[] {
  if (Array.isArray(value)) return numbered(value, ')', '(empty array)');
  if (value instanceof Set) return numbered([...value], '~', '(empty set)');
  if (value instanceof Map) return pairs(value);
  return [scalarText(value)];
}

/** Members of a member stand below its first one. */
function numbered(members: readonly ReplyValue[], mark: string, empty: string): string[] {
  if (members.length === 0) return [empty];
  const width = String(members.length).length;
  return members.flatMap((member, at) => {
    const label = `${String(at + 1).padStart(width)}${mark} `;
    return linesOf(member).map((line, i) => (i === 0 ? label : ' '.repeat(label.length)) + line);
  });
}

function pairs(map: ReadonlyMap<ReplyValue, ReplyValue>): string[] {
  if (map.size === 0) return ['(empty hash)'];
  const width = String(map.size).length;
  return [...map].flatMap(([key, value], at) => {
    const label = `${String(at + 1).padStart(width)}# ${linesOf(key).join(' ')} =>`;
    const lines = linesOf(value);
    if (lines.length === 1) return [`${label} ${lines[0]}`];
    return [label, ...lines.map((line) => ' '.repeat(width + 2) + line)];
  });
}

function scalarText(value: ReplyValue): string {
  if (value === null) return '(nil)';
  if (value instanceof ReplyError) return `(error) ${value.message}`;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return `(${value})`;
  if (typeof value === 'number')
    return Number.isInteger(value) ? `(integer) ${value}` : `(double) ${doubleText(value)}`;
  if (typeof value === 'bigint') return `(integer) ${value}`;
  return quoted(value as Buffer);
}

/** Bytes between double quotes, readable, and as a command line takes them. */
export function quoted(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    const named = NAMED_ESCAPES[byte];
    if (named !== undefined) text += named;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `${text}"`;
}

/** For other programs: bytes as they are, a line for each value. */
export function rawReply(value: ReplyValue): Buffer {
  const parts: Buffer[] = [];
  const put = (each: ReplyValue): void => {
    if (Array.isArray(each) || each instanceof Set) for (const member of each) put(member);
    else if (each instanceof Map) for (const pair of each) pair.forEach(put);
    else parts.push(rawScalar(each), Buffer.from('\n'));
  };
  put(value);
  return Buffer.concat(parts);
}

function rawScalar(value: ReplyValue): Buffer {
  if (value === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof ReplyError) return Buffer.from(value.message);
  if (typeof value === 'number') return Buffer.from(doubleText(value));
  return Buffer.from(String(value));
}

/** As JSON can say it: what is no UTF-8 is `{"base64"}`, an error `{"error"}`, a map with keys that are no texts an array of pairs. */
export function replyJson(value: ReplyValue): unknown {
  if (Buffer.isBuffer(value)) return textOrBase64(value);
  if (value instanceof ReplyError) return { error: value.message };
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : doubleText(value);
  if (Array.isArray(value)) return value.map(replyJson);
  if (value instanceof Set) return [...value].map(replyJson);
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => [replyJson(key), replyJson(each)] as const);
    return entries.every(([key]) => typeof key === 'string') ? Object.fromEntries(entries) : entries;
  }
  return value;
}

export function textOrBase64(bytes: Uint8Array): string | { base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = buffer.toString('utf8');
  return Buffer.compare(Buffer.from(text, 'utf8'), buffer) === 0 ? text : { base64: buffer.toString('base64') };
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  return value === Number.NEGATIVE_INFINITY ? '-inf' : String(value);
}
