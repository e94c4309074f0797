/**
 * An entry as a line of JSON, and back:
 *
 *     {"db":0,"key":"city","type":"string","value":"Seattle","expiresAt":1893456000000}
 *     {"db":0,"key":{"base64":"/wA="},"type":"hash","value":[["name","Ada"]]}
 *
 * What is UTF-8 is a text, anything else `{"base64": ...}`. A zset's scores are texts; what has no members is of `type`
 * "dump", with what it is a dump `of`. Never trusts what it reads: a line that makes no sense throws, and says why.
 */
import { textOrBase64 } from '../client/reply-text.ts';
import type { Entry, EntryValue } from './entry.ts';

type Bytes = string | { base64: string };

const SCORE = /^[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|inf)$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export function toJsonLine(entry: Entry): string {
  const { database, key, expiresAtMs } = entry;
  const head = { db: database, key: textOrBase64(key), type: entry.type };
  const expiry = expiresAtMs === undefined ? {} : { expiresAt: expiresAtMs };
  const kind = entry.type === 'dump' ? { of: entry.of } : {};
  return `${JSON.stringify({ ...head, ...kind, value: valueToJson(entry), ...expiry })}\n`;
}

function valueToJson(entry: EntryValue): unknown {
  if (entry.type === 'list' || entry.type === 'set') return entry.value.map(textOrBase64);
  if (entry.type === 'hash') return entry.value.map((pair) => pair.map(textOrBase64));
  if (entry.type === 'zset') return entry.value.map(([member, score]) => [textOrBase64(member), score]);
  return textOrBase64(entry.value);
}

/** Throws an Error that says what is wrong. */
export function fromJsonLine(line: string): Entry {
  const fields = objectOf(line);
  const { db = 0, key, type, value, expiresAt } = fields;
  if (!Number.isSafeInteger(db) || (db as number) < 0) throw new Error(`"db" is no number of a database`);
  if (expiresAt !== undefined && !(Number.isSafeInteger(expiresAt) && (expiresAt as number) > 0)) {
    throw new Error('"expiresAt" is no time in milliseconds');
  }
  const common = { database: db as number, key: bytesOf(key, 'key'), expiresAtMs: expiresAt as number | undefined };
  if (type === 'string') return { ...common, type, value: bytesOf(value, 'value') };
  if (type === 'dump') return { ...common, type, of: String(fields['of'] ?? ''), value: bytesOf(value, 'value') };
  if (type === 'list' || type === 'set')
    return { ...common, type, value: listOf(value).map((each) => bytesOf(each, 'value')) };
  if (type === 'hash') return { ...common, type, value: listOf(value).map((each) => pairOf(each)) };
  if (type === 'zset') return { ...common, type, value: listOf(value).map((each) => scoredOf(each)) };
  throw new Error(`"type" is none of string, list, set, hash, zset, dump`);
}

function objectOf(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Error(`it is no JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is no JSON object');
  return value as Record<string, unknown>;
}

function bytesOf(value: unknown, name: string): Buffer {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  const { base64 } = (value ?? {}) as Partial<Exclude<Bytes, string>>;
  if (typeof base64 === 'string' && base64.length % 4 === 0 && BASE64.test(base64))
    return Buffer.from(base64, 'base64');
  throw new Error(`"${name}" is neither a text nor {"base64": ...}`);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new Error('"value" is no array with members');
  return value;
}

function pairOf(value: unknown): readonly [Buffer, Buffer] {
  if (!Array.isArray(value) || value.length !== 2) throw new Error('a member of "value" is no pair');
  return [bytesOf(value[0], 'value'), bytesOf(value[1], 'value')];
}

function scoredOf(value: unknown): readonly [Buffer, string] {
  if (!Array.isArray(value) || value.length !== 2) throw new Error('a member of "value" is no pair');
  const score = String(value[1]);
  if (!SCORE.test(score)) throw new Error(`'${score}' is no score`);
  return [bytesOf(value[0], 'value'), score];
}
