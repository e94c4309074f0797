/**
 * Looks ahead in what a client sent, for the keys of the commands that follow (`ForeseenKeys` says what for), and, where they
 * name a large collection, for its members.
 *
 * It reads requests as far as they are of the usual form, and takes each one's first argument for a key. The collection of
 * the first command's key is that of all that name the same; their next argument is taken for a member, in sorted sets the
 * one behind the score; where a sorted set is in order, the places of its members and of such scores are looked for, too.
 * Commands are parsed, looked up and run as if nobody had looked.
 */
import { FORESEEN_KEYS_MAX, FORESEEN_SIZE_MAX_BYTES, ForeseenKeys } from '../engine/foreseen-keys.ts';
import { ForeseenScores } from '../engine/foreseen-scores.ts';
import type { HashTable } from '../engine/hash-table.ts';
import { TYPE_ZSET } from '../engine/large-values.ts';
import type { Store } from '../engine/store.ts';
import { CR, DOLLAR, STAR, ZERO } from '../protocol/ascii.ts';
import type { RequestParser } from '../protocol/request-parser.ts';

/** Less than that is one command or two. */
const WORTH_BYTES = 96;
/** After so many commands it looks again where it saw too little. */
const LOOK_AGAIN_AFTER = 8;
const ARGUMENT_SIZE_MAX_BYTES = 65_536;
/** Where `scan` found the ends of keys, and how many arguments there were with them. */
const keyEnds = new Int32Array(FORESEEN_KEYS_MAX);
const counts = new Uint8Array(FORESEEN_KEYS_MAX);
/** The scores that the commands give, and those that their members have. */
const scores = new ForeseenScores();
const SCORE_SIZE_MAX_BYTES = 15;

/** Returns after how many commands to look again. */
export function lookAhead(store: Store, database: number, parser: RequestParser): number {
  const keys = store.key.foreseen;
  const { bytes, position, limit } = parser;
  keys.forget();
  store.member.foreseen.forget();
  if (limit - position < WORTH_BYTES) return FORESEEN_KEYS_MAX;
  const isWorthIt = ForeseenKeys.isWorthIt(store.table(database));
  scan(keys, bytes, position, limit, isWorthIt ? FORESEEN_KEYS_MAX : 1);
  if (keys.count === 0) return LOOK_AGAIN_AFTER;
  if (isWorthIt && keys.count > 1) store.touchForeseen(database, bytes);
  else keys.hash(bytes, store.key);
  const collection = store.guessCollection(database, keys.hashes[0]);
  const members = collection?.members ?? null;
  if (members?.isLoaded && ForeseenKeys.isWorthIt(members)) {
    if (!isWorthIt) {
      keys.forget();
      scan(keys, bytes, position, limit, FORESEEN_KEYS_MAX);
      keys.hash(bytes, store.key);
    }
    foreseeMembers(store, members, collection?.type === TYPE_ZSET, bytes, limit);
    const order = collection?.order ?? null;
    if (order !== null && store.member.foreseen.count > 1) {
      scores.addRecords(store.member.foreseen, store.log);
      order.touchForeseen(scores);
    }
  } else if (!isWorthIt) return FORESEEN_KEYS_MAX;
  return keys.count < 2 ? LOOK_AGAIN_AFTER : keys.count;
}

/** Finds the first arguments of up to `countMax` requests of up to nine: `*n`, then `$length` and the bytes, n times. */
function scan(foreseen: ForeseenKeys, bytes: Uint8Array, from: number, end: number, countMax: number): void {
  let at = from;
  while (foreseen.count < countMax && at + 8 < end && bytes[at] === STAR && bytes[at + 2] === CR) {
    const argc = bytes[at + 1] - ZERO;
    at += 4;
    for (let i = 0; i < argc; i++) {
      if (at + 4 > end || bytes[at] !== DOLLAR) return;
      let length = bytes[at + 1] - ZERO;
      at += 2;
      for (let byte = bytes[at]; byte !== CR && at < end && length < ARGUMENT_SIZE_MAX_BYTES; byte = bytes[++at]) {
        length = length * 10 + byte - ZERO;
      }
      at += 2;
      if (i === 1) {
        if (length < 0 || length > FORESEEN_SIZE_MAX_BYTES || at + length > end) return;
        keyEnds[foreseen.count] = at + length;
        counts[foreseen.count] = argc;
        foreseen.add(at, length);
      }
      at += length + 2;
    }
  }
}

/** Of the requests that `scan` found, which are hashed, those that name the first one's key. */
function foreseeMembers(store: Store, table: HashTable, isSorted: boolean, bytes: Uint8Array, end: number): void {
  const keys = store.key.foreseen;
  const members = store.member.foreseen;
  scores.clear();
  for (let i = 0; i < keys.count; i++) {
    if (counts[i] < 3 || !keys.isFirst(i)) continue;
    let at = keyEnds[i] + 2;
    let length = lengthAt(bytes, at);
    at += length < 10 ? 4 : 5;
    if (isSorted && counts[i] > 3) {
      if (length > 0 && length <= SCORE_SIZE_MAX_BYTES && at + length <= end) addScore(bytes, at, at + length);
      at += length + 2;
      length = lengthAt(bytes, at);
      at += length < 10 ? 4 : 5;
    }
    if (length >= 0 && length <= FORESEEN_SIZE_MAX_BYTES && at + length <= end) members.add(at, length);
  }
  if (members.count > 1) store.touchForeseenMembers(table, bytes);
}

/** A score that is a plain number; others are not foreseen. */
function addScore(bytes: Uint8Array, start: number, end: number): void {
  let score = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return;
    score = score * 10 + digit;
  }
  scores.add(score);
}

/** The length of an argument that begins here, of one digit or two; -1 for a longer one. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at + 1] - ZERO;
  if (bytes[at] !== DOLLAR || first < 0 || first > 9) return -1;
  if (bytes[at + 2] === CR) return first;
  const second = bytes[at + 2] - ZERO;
  return second >= 0 && second <= 9 && bytes[at + 3] === CR ? first * 10 + second : -1;
}
