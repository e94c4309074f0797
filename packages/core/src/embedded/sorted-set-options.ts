/** Options of the methods for sorted sets: what they are, and what of them is checked and understood how. */

import { FerriteError } from '../base/errors.ts';
import type { Key } from '../engine/key-scratch.ts';
import type { Combining, MemberRange } from '../keyspace/sorted-set-operations.ts';
import { ADD_GT, ADD_LT, ADD_NX, ADD_XX, type MemberInterval, type ScoreInterval } from '../keyspace/sorted-sets.ts';
import { checkOptions } from './values.ts';

export interface ZaddOptions {
  /** Only members that are new. */
  nx?: boolean;
  /** Only members that are there. */
  xx?: boolean;
  /** Those that are there only get a greater score. */
  gt?: boolean;
  /** Those that are there only get a lower score. */
  lt?: boolean;
  /** Members with another score count, too. */
  ch?: boolean;
}

export interface RankRangeOptions {
  by?: 'rank';
  /** Rank of the first member, 0 if left out; negative: counted from the end. */
  start?: number;
  /** Rank of the last member, -1 if left out. */
  stop?: number;
  /** From the highest score down; ranks are counted from there, too. */
  reverse?: boolean;
}

export interface ScoreRangeOptions extends RangePart {
  by: 'score';
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}

export interface MemberRangeOptions<V> extends RangePart {
  by: 'member';
  gt?: V | Uint8Array;
  gte?: V | Uint8Array;
  lt?: V | Uint8Array;
  lte?: V | Uint8Array;
}

/** Which members of a sorted set. */
export type SortedRangeOptions<V> = RankRangeOptions | ScoreRangeOptions | MemberRangeOptions<V>;

interface RangePart {
  /** From the greatest down. */
  reverse?: boolean;
  /** So many are passed over first. */
  offset?: number;
  /** Most members given. */
  limit?: number;
}

export interface CombineOptions {
  /** What the scores of each key are multiplied by: 1 where there is none. */
  weights?: readonly number[];
  /** What becomes of the scores of a member that several keys have: their sum, if left out. */
  aggregate?: 'sum' | 'min' | 'max';
}

const NO_BYTES = new Uint8Array(0);
const FLAGS = { nx: 'boolean', xx: 'boolean', gt: 'boolean', lt: 'boolean', ch: 'boolean' } as const;
const RANKS = { by: 'string', start: 'number', stop: 'number', reverse: 'boolean' } as const;
const PART = { by: 'string', reverse: 'boolean', offset: 'number', limit: 'number' } as const;
const SCORES = { ...PART, gt: 'number', gte: 'number', lt: 'number', lte: 'number' } as const;

/** As conditions (`ADD_...`). Throws where they contradict each other. */
export function conditionsOf(options: ZaddOptions): number {
  checkOptions(options, FLAGS);
  const { nx, xx, gt, lt } = options;
  if (nx === true && (xx === true || gt === true || lt === true)) throw wrong('nx goes with none of xx, gt and lt');
  if (gt === true && lt === true) throw wrong('gt and lt do not go together');
  return (nx ? ADD_NX : 0) | (xx ? ADD_XX : 0) | (gt ? ADD_GT : 0) | (lt ? ADD_LT : 0);
}

/** `encode`: a member as texts or bytes. */
export function memberRangeOf<V>(
  options: SortedRangeOptions<V>,
  encode: (member: V | Uint8Array) => string | Uint8Array,
): MemberRange {
  if (typeof options === 'object' && options !== null && options.by === 'member') {
    return { ...partOf(options), by: { members: membersOf(options, encode) } };
  }
  if (typeof options === 'object' && options !== null && options.by === 'score') {
    checkOptions(options, SCORES);
    return { ...partOf(options), by: { scores: scoresOf(options) } };
  }
  checkOptions(options, RANKS);
  const { by = 'rank', start = 0, stop = -1, reverse = false } = options;
  if (by !== 'rank') throw wrong(`a range is by 'rank', 'score' or 'member', not by '${String(by)}'`);
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(stop)) throw wrong('ranks are integers');
  return { by: { start, stop }, isDownward: reverse, offset: 0, limit: -1 };
}

function partOf({ reverse = false, offset = 0, limit }: RangePart): Omit<MemberRange, 'by'> {
  for (const count of [offset, limit ?? 0]) {
    if (!Number.isSafeInteger(count) || count < 0) throw wrong(`${count} is no number of members`);
  }
  return { isDownward: reverse, offset, limit: limit ?? -1 };
}

function scoresOf({ gt, gte, lt, lte }: ScoreRangeOptions): ScoreInterval {
  for (const bound of [gt, gte, lt, lte]) if (Number.isNaN(bound)) throw scoreFault(bound);
  return {
    min: gt ?? gte ?? Number.NEGATIVE_INFINITY,
    max: lt ?? lte ?? Number.POSITIVE_INFINITY,
    isMinOpen: gt !== undefined,
    isMaxOpen: lt !== undefined,
  };
}

function membersOf<V>(
  options: MemberRangeOptions<V>,
  encode: (member: V | Uint8Array) => string | Uint8Array,
): MemberInterval {
  const { gt, gte, lt, lte, ...part } = options;
  checkOptions(part, PART);
  const boundOf = (open: V | Uint8Array | undefined, closed: V | Uint8Array | undefined, side: -1 | 1) => {
    const member = open ?? closed;
    if (member === undefined) return { side, bytes: NO_BYTES, isOpen: true };
    const encoded = encode(member);
    const bytes = typeof encoded === 'string' ? Buffer.from(encoded) : encoded;
    return { side: 0 as const, bytes, isOpen: open !== undefined };
  };
  return { min: boundOf(gt, gte, -1), max: boundOf(lt, lte, 1) };
}

export function combiningOf(how: Combining['how'], keys: readonly Key[], options: CombineOptions): Combining {
  const { weights = [], aggregate = 'sum', ...others } = options;
  checkOptions(others, {});
  if (!Array.isArray(keys) || keys.length === 0) throw wrong('give the keys of one or more sorted sets');
  if (weights.length > keys.length || weights.some((weight) => typeof weight !== 'number' || Number.isNaN(weight))) {
    throw wrong('weights are numbers, no more than there are keys');
  }
  if (!['sum', 'min', 'max'].includes(aggregate)) throw wrong(`aggregate is sum, min or max, not ${String(aggregate)}`);
  return { how, keys, weights, aggregate };
}

export function scoreFault(score: unknown): FerriteError {
  return wrong(`a score is a number, not ${String(score)}`);
}

function wrong(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_ARGUMENT', message);
}
