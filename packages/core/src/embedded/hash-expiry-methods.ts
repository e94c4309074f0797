/** The methods of a `Database` for the expiry of fields: what commands of the same names do. Times are in milliseconds. */
import { FerriteError } from '../base/errors.ts';
import type { Key } from '../engine/key-scratch.ts';
import { FIELD_EXPIRES_AT_MAX_MS, type ExpiryCondition } from '../keyspace/hash-expiry.ts';
import {
  expireFields,
  expiriesOfFields,
  type FieldResults,
  getFieldsExpiring,
  KEEP_EXPIRY,
  persistFields,
  setFieldsExpiring,
  takeFields,
} from '../keyspace/hash-expiry-operations.ts';
import { type FieldValue, getFields } from '../keyspace/hash-operations.ts';
import { HashMethods } from './hash-methods.ts';
import { checkKey, checkOptions, deadlineOf, type OptionTypes } from './values.ts';

/** On what condition fields get an expiry: one of these. */
export interface HexpireOptions {
  /** Only fields without one. */
  nx?: boolean;
  /** Only fields with one. */
  xx?: boolean;
  /** Only fields for which it is later; none is the latest. */
  gt?: boolean;
  /** Only fields for which it is earlier. */
  lt?: boolean;
}

export interface HgetexOptions {
  /** The fields have so many milliseconds left. */
  ttlMs?: number;
  /** They expire then, ms since the epoch. */
  expiresAt?: number;
  /** They lose the expiry that they have. */
  persist?: boolean;
}

export interface HsetexOptions {
  /** The fields have so many milliseconds left. */
  ttlMs?: number;
  /** They expire then, ms since the epoch. */
  expiresAt?: number;
  /** They keep the expiry that they have. */
  keepTtl?: boolean;
  /** Only if none of the fields is there. */
  ifAbsent?: boolean;
  /** Only if all of the fields are there. */
  ifPresent?: boolean;
}

const CONDITIONS: readonly ExpiryCondition[] = ['nx', 'xx', 'gt', 'lt'];
const HEXPIRE_OPTIONS: OptionTypes = { nx: 'boolean', xx: 'boolean', gt: 'boolean', lt: 'boolean' };
const HGETEX_OPTIONS: OptionTypes = { ttlMs: 'number', expiresAt: 'number', persist: 'boolean' };
const HSETEX_OPTIONS: OptionTypes = {
  ttlMs: 'number',
  expiresAt: 'number',
  keepTtl: 'boolean',
  ifAbsent: 'boolean',
  ifPresent: 'boolean',
};

export abstract class HashExpiryMethods<V> extends HashMethods<V> {
  /**
   * Gives fields of a hash `ttlMs` milliseconds to live; 0 or less removes them, and with the last field the key. For each
   * field whether it was there, and the condition met. HSET takes an expiry away, HINCRBY keeps it.
   */
  hexpire(key: Key, ttlMs: number, fields: readonly Key[], options: HexpireOptions = {}): boolean[] {
    return this.expireAll(key, { ttlMs }, fields, options);
  }

  /** The same with the time at which they expire, ms since the epoch. */
  hexpireat(key: Key, expiresAt: number, fields: readonly Key[], options: HexpireOptions = {}): boolean[] {
    return this.expireAll(key, { expiresAt }, fields, options);
  }

  private expireAll(
    key: Key,
    time: { ttlMs?: number; expiresAt?: number },
    fields: readonly Key[],
    options: HexpireOptions,
  ): boolean[] {
    this.checkOpen();
    fields.forEach(checkKey);
    const condition = conditionOf(options);
    const expiresAtMs = fieldDeadline(deadlineOf(this.store, time));
    return this.ended(expireFields(this.store, this.namespace, key, fields, expiresAtMs, condition));
  }

  /** Milliseconds that fields of a hash have left: Infinity without an expiry, `undefined` for one that is not there. */
  httl(key: Key, ...fields: Key[]): (number | undefined)[] {
    const nowMs = this.store.nowMs();
    return this.hexpiretime(key, ...fields).map((expiresAt) => expiresAt && Math.max(0, expiresAt - nowMs));
  }

  /** When fields of a hash expire, ms since the epoch: Infinity for never, `undefined` for one that is not there. */
  hexpiretime(key: Key, ...fields: Key[]): (number | undefined)[] {
    this.checkOpen();
    fields.forEach(checkKey);
    return expiriesOfFields(this.store, this.namespace, key, fields);
  }

  /** Takes the expiry of fields of a hash away; for each whether it had one. */
  hpersist(key: Key, ...fields: Key[]): boolean[] {
    this.checkOpen();
    fields.forEach(checkKey);
    return this.ended(persistFields(this.store, this.namespace, key, fields));
  }

  /** The values of fields of a hash, as `hmget` gives them; the fields get an expiry, or lose it. */
  hgetex(key: Key, fields: readonly Key[], options: HgetexOptions = {}): (V | undefined)[] {
    this.checkOpen();
    checkOptions(options, HGETEX_OPTIONS);
    fields.forEach(checkKey);
    const expiresAtMs = fieldDeadline(deadlineOf(this.store, options));
    if (options.persist === true && expiresAtMs !== 0) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'persist goes with neither ttlMs nor expiresAt');
    }
    const { store, namespace } = this;
    const isPlain = expiresAtMs === 0 && options.persist !== true;
    const values = isPlain
      ? getFields(store, namespace, key, fields)
      : this.ended(getFieldsExpiring(store, namespace, key, fields, expiresAtMs));
    return values.map((value) => (value === undefined ? undefined : this.decode(value)));
  }

  /**
   * Sets fields of a hash together with their expiry, all of them or, where a condition is not met, none; returns whether
   * they were set. Without `ttlMs`, `expiresAt` and `keepTtl` they have no expiry afterwards.
   */
  hsetex(
    key: Key,
    fields: Readonly<Record<string, V | Uint8Array>> | Iterable<readonly [Key, V | Uint8Array]>,
    options: HsetexOptions = {},
  ): boolean {
    this.checkOpen();
    checkOptions(options, HSETEX_OPTIONS);
    const deadline = fieldDeadline(deadlineOf(this.store, options));
    if (options.keepTtl === true && deadline !== 0) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'keepTtl goes with neither ttlMs nor expiresAt');
    }
    if (options.ifAbsent === true && options.ifPresent === true) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'ifAbsent does not go with ifPresent');
    }
    const given = Symbol.iterator in fields ? fields : Object.entries(fields);
    const encoded: FieldValue[] = [];
    for (const [field, value] of given as Iterable<readonly [Key, V | Uint8Array]>) {
      checkKey(field);
      encoded.push([field, this.encode(value)]);
    }
    const expiresAtMs = options.keepTtl === true ? KEEP_EXPIRY : deadline;
    const condition = options.ifAbsent === true ? 'none' : options.ifPresent === true ? 'all' : undefined;
    const isSet = setFieldsExpiring(this.store, this.namespace, key, encoded, expiresAtMs, condition);
    if (isSet) this.store.committer.afterWrite();
    return isSet;
  }

  /** The values of fields of a hash, which are removed; with the last field the key goes. */
  hgetdel(key: Key, ...fields: Key[]): (V | undefined)[] {
    this.checkOpen();
    fields.forEach(checkKey);
    const values = this.ended(takeFields(this.store, this.namespace, key, fields));
    return values.map((value) => (value === undefined ? undefined : this.decode(value)));
  }

  private ended<T>({ results, isChanged }: FieldResults<T>): T[] {
    if (isChanged) this.store.committer.afterWrite();
    return results;
  }
}

function conditionOf(options: HexpireOptions): ExpiryCondition | undefined {
  checkOptions(options, HEXPIRE_OPTIONS);
  const given = CONDITIONS.filter((name) => options[name] === true);
  if (given.length > 1) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `${given.join(' and ')} do not go together`);
  }
  return given[0];
}

/** A field's time is limited more than a key's. */
function fieldDeadline(expiresAtMs: number): number {
  if (expiresAtMs <= FIELD_EXPIRES_AT_MAX_MS) return expiresAtMs;
  throw new FerriteError('FERRITE_INVALID_ARGUMENT', 'the time is too far away');
}
