/** What the embedded methods share: encoding values, deadlines from options. */

import { FerriteError } from '../base/errors.ts';
import { KEY_SIZE_MAX_BYTES, VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import { nameOfKind } from '../base/name-of-kind.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { Store } from '../engine/store.ts';
import type { Codec } from './codec.ts';

const DEADLINE_MAX_MS = 2 ** 48 - 1;

/** Names of a call's options, each with the type of its value. A key is a string or bytes. */
export type OptionTypes = Readonly<Record<string, 'number' | 'boolean' | 'string' | 'key'>>;

/** Throws unless `options` holds nothing but these. One that is `undefined` counts as not given. */
export function checkOptions(options: object, types: OptionTypes): void {
  if (typeof options !== 'object' || options === null) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `options are an object, not ${String(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `unknown option '${name}'; there are ${Object.keys(types).join(', ')}`,
      );
    }
    if (value === undefined || typeof value === type) continue;
    if (type === 'key' && (typeof value === 'string' || value instanceof Uint8Array)) continue;
    const wanted = type === 'key' ? 'a string or bytes' : `a ${type}`;
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `option '${name}' is ${wanted}, not ${String(value)}`);
  }
}

export function encodeValue<V>(codec: Codec<V>, value: V | Uint8Array): string | Uint8Array {
  if (typeof value === 'string' && codec.isText === true) return value;
  if (value instanceof Uint8Array) return value;
  const encoded = codec.encode(value);
  if (typeof encoded === 'string' || encoded instanceof Uint8Array) return encoded;
  throw new FerriteError(
    'FERRITE_INVALID_ARGUMENT',
    `a value is ${codec.isText === true ? 'a string or bytes' : 'what its codec turns into a string or bytes'}, not ${nameOfKind(value)}`,
  );
}

/** Throws unless this can be a key. */
export function checkKey(key: Key): void {
  const isBytes = key instanceof Uint8Array;
  if (!isBytes && typeof key !== 'string') {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `a key is a string or bytes, not ${nameOfKind(key)}`);
  }
  if (key.length <= KEY_SIZE_MAX_BYTES / 3) return;
  if ((isBytes ? key.length : Buffer.byteLength(key as string)) > KEY_SIZE_MAX_BYTES) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `a key has at most ${KEY_SIZE_MAX_BYTES} bytes`);
  }
}

/** Throws unless these are keys, one or more. */
export function checkKeys(keys: readonly Key[]): void {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'give an array of one key or more');
  }
  for (const key of keys) checkKey(key);
}

/** Names with what belongs to each: of an object, or pairs. Throws unless it is either. */
export function pairsOf<K, T>(
  given: Readonly<Record<string, T>> | Iterable<readonly [K, T]>,
): Iterable<readonly [K, T]> {
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject || (Array.isArray(given) && given.length > 0 && !Array.isArray(given[0]))) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `give an object, or pairs of a name and what belongs to it, not ${nameOfKind(given)}${isObject ? ' of other things' : ''}`,
    );
  }
  return Symbol.iterator in given ? given : (Object.entries(given) as unknown as Iterable<readonly [K, T]>);
}

/** A key as the text by which a result names it. */
export function keyText(key: Key): string {
  return typeof key === 'string' ? key : Buffer.from(key).toString('utf8');
}

/** Throws unless this is short enough for a value. */
export function checkLength(value: string | Uint8Array): string | Uint8Array {
  if (value.length <= VALUE_SIZE_MAX_BYTES / 3) return value;
  if ((typeof value === 'string' ? Buffer.byteLength(value) : value.length) > VALUE_SIZE_MAX_BYTES) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `a value has at most ${VALUE_SIZE_MAX_BYTES} bytes`);
  }
  return value;
}

/** When a key ends, ms since the epoch, 0 for never. */
export function deadlineOf(store: Store, options: { ttlMs?: number; expiresAt?: number }): number {
  const { ttlMs, expiresAt } = options;
  if (ttlMs === undefined && expiresAt === undefined) return 0;
  if (ttlMs !== undefined && expiresAt !== undefined) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'give ttlMs or expiresAt, not both');
  }
  const given = (ttlMs ?? expiresAt) as number;
  if (typeof given !== 'number' || Number.isNaN(given)) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `a time is a number of milliseconds, not ${String(given)}`);
  }
  const deadline = Math.ceil(ttlMs === undefined ? given : store.nowMs() + ttlMs);
  if (deadline > DEADLINE_MAX_MS) throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'the time is too far away');
  return Math.max(1, deadline);
}
