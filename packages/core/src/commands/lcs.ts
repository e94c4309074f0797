/** LCS: the longest common subsequence of two strings. */
import { parseInteger } from '../base/decimal.ts';
import { VALUE_SIZE_MAX_BYTES } from '../base/limits.ts';
import { lengthOfString, viewOfString } from '../engine/string-value.ts';
import { isLcsTooLarge, lcsBytes, lcsLength, lcsMatches } from '../types/lcs.ts';
import { type Call, NOT_AN_INTEGER, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, READONLY } from './command.ts';

export const lcsCommands: readonly CommandRow[] = [
  {
    name: 'lcs',
    arity: -3,
    flags: READONLY,
    group: 'string',
    keys: { first: 1, last: 2, step: 1, flags: 'RO access' },
    run: lcs,
  },
];

interface LcsOptions {
  wantsLength: boolean;
  wantsIndexes: boolean;
  wantsMatchLengths: boolean;
  lengthMin: number;
}

function lcs(call: Call): void {
  const aLength = findLength(call, 1);
  const bLength = findLength(call, 2);
  if (aLength === undefined || bLength === undefined) {
    call.reply.error('The specified keys must contain string values');
    return;
  }
  const options = parseOptions(call);
  if (typeof options === 'string') {
    call.reply.error(options);
    return;
  }
  if (isLcsTooLarge(aLength, bLength, VALUE_SIZE_MAX_BYTES)) {
    call.reply.error('Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
    return;
  }
  const a = copyOf(call, 1);
  const b = copyOf(call, 2);
  if (options.wantsIndexes) replyMatches(call, a, b, options);
  else if (options.wantsLength) call.reply.integer(lcsLength(a, b));
  else {
    const common = Buffer.from(lcsBytes(a, b));
    call.reply.bulk(common, 0, common.length);
  }
}

/** Length of the string under argument `i`, 0 for none; undefined if it is of another type. */
function findLength(call: Call, i: number): number | undefined {
  if (call.findKey(i) === 0) return 0;
  return call.holdsString() ? lengthOfString(call.store) : undefined;
}

function copyOf(call: Call, i: number): Buffer {
  return call.findKey(i) === 0 ? Buffer.alloc(0) : Buffer.from(viewOfString(call.store, 0, lengthOfString(call.store)));
}

/** The options, or the error. */
function parseOptions(call: Call): LcsOptions | string {
  const options: LcsOptions = { wantsLength: false, wantsIndexes: false, wantsMatchLengths: false, lengthMin: 0 };
  for (let i = 3; i < call.argc; i++) {
    if (call.is(i, 'idx')) options.wantsIndexes = true;
    else if (call.is(i, 'len')) options.wantsLength = true;
    else if (call.is(i, 'withmatchlen')) options.wantsMatchLengths = true;
    else if (call.is(i, 'minmatchlen') && i + 1 < call.argc) {
      i++;
      const lengthMin = parseInteger(call.bytes, call.starts[i], call.ends[i]);
      if (lengthMin === undefined) return NOT_AN_INTEGER;
      options.lengthMin = Math.max(0, Number(lengthMin));
    } else return SYNTAX_ERROR;
  }
  return options.wantsIndexes && options.wantsLength
    ? 'If you want both the length and indexes, please just use IDX.'
    : options;
}

function replyMatches(call: Call, a: Buffer, b: Buffer, options: LcsOptions): void {
  const { reply } = call;
  const { length, matches } = lcsMatches(a, b, options.lengthMin);
  reply.map(2);
  reply.bulkLatin1('matches');
  reply.array(matches.length);
  for (const { aFirst, aLast, bFirst, bLast } of matches) {
    reply.array(options.wantsMatchLengths ? 3 : 2);
    reply.array(2);
    reply.integer(aFirst);
    reply.integer(aLast);
    reply.array(2);
    reply.integer(bFirst);
    reply.integer(bLast);
    if (options.wantsMatchLengths) reply.integer(aLast - aFirst + 1);
  }
  reply.bulkLatin1('len');
  reply.integer(length);
}
