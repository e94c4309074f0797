/**
 * When replies of an instance and of redis 7.0 to one command count as the same: in what order, how exact as a number or a
 * time, is the command's matter. Used by `redis-comparison.ts`.
 */
import { ReplyError, type ReplyValue } from '../src/protocol/reply-parser.ts';
import type { Argument } from './draws/draw.ts';
import type { Reply } from './reference-redis.ts';

/** The two servers were asked a moment apart. */
const TIME_TOLERANCE = { s: 5, ms: 5000 };
const TIMES = ['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME'];
const UNORDERED = ['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF', 'HKEYS', 'HVALS', 'KEYS'];
const GEO_ORDERED = ['ASC', 'DESC', 'COUNT'];

/** Replies of both sides in one form: texts as latin1, errors as texts with `-` before them. */
export function plain(reply: Reply | ReplyValue | undefined): unknown {
  if (reply instanceof Buffer) return reply.toString('latin1');
  if (reply instanceof ReplyError || reply instanceof Error) return `-${reply.message}`;
  if (typeof reply === 'bigint') return Number.isSafeInteger(Number(reply)) ? Number(reply) : `:${reply}`;
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

export function nameOf(command: readonly Argument[]): string {
  return String(command[0]).toUpperCase();
}

export function isError(reply: unknown): boolean {
  return typeof reply === 'string' && /^-[A-Z]+ /.test(reply);
}

function isText(encoding: unknown): boolean {
  return encoding === 'raw' || encoding === 'embstr' || encoding === 'int';
}

export function isSameReply(command: readonly Argument[], ours: unknown, theirs: unknown): boolean {
  const name = nameOf(command);
  if (TIMES.includes(name) && typeof ours === 'number' && typeof theirs === 'number' && ours > 0) {
    return Math.abs(ours - theirs) <= (name.startsWith('P') ? TIME_TOLERANCE.ms : TIME_TOLERANCE.s);
  }
  // Redis 7.2 asks in another order what 7.0 asks, too.
  if (name === 'XSETID' && isError(ours) && isError(theirs)) return true;
  // What a string is tells how it came about in redis; here, what it is.
  if (name === 'OBJECT' && isText(ours) && isText(theirs)) return true;
  // Redis 7.0 prints more digits of a score than later ones.
  const areScores = name.startsWith('Z') || name.startsWith('GEO');
  return isSame(inOrder(name, command, ours), inOrder(name, command, theirs), areScores);
}

/** Whether both are the same to the last byte; if `asNumbers`, texts that are the same number are, too. */
export function isSame(ours: unknown, theirs: unknown, asNumbers = false): boolean {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    return ours.length === theirs.length && ours.every((each, i) => isSame(each, theirs[i], asNumbers));
  }
  if (ours === theirs) return true;
  const areTexts = typeof ours === 'string' && typeof theirs === 'string' && ours !== '' && theirs !== '';
  return asNumbers && areTexts && Number(ours) === Number(theirs);
}

/** A reply without an order that redis does not promise, and without what is a time. */
function inOrder(name: string, command: readonly Argument[], reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  if (UNORDERED.includes(name)) return [...reply].sort();
  if (name === 'HGETALL') return pairsOf(reply);
  if (/^[HSZ]?SCAN$/.test(name) && Array.isArray(reply[1])) {
    const hasPairs = name === 'HSCAN' || name === 'ZSCAN';
    return [reply[0], hasPairs ? pairsOf(reply[1]) : [...reply[1]].sort()];
  }
  if (name.startsWith('X')) return timeless(reply);
  const isOrdered = command.some((part) => GEO_ORDERED.includes(String(part)));
  if (/^GEO(SEARCH|RADIUS)/.test(name) && !isOrdered) return reply.map((each) => JSON.stringify(each)).sort();
  return reply;
}

function pairsOf(items: readonly unknown[]): string[] {
  return items.flatMap((item, i) => (i % 2 === 0 ? [JSON.stringify([item, items[i + 1]])] : [])).sort();
}

/** Without times, which XPENDING's entries have at place 2. */
function timeless(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  const isPending = reply.length === 4 && typeof reply[1] === 'string' && typeof reply[2] === 'number';
  return reply.map((each, i) => (isPending && i === 2 ? 0 : timeless(each)));
}
