/** KEYS and SCAN. */
import type { Store } from '../engine/store.ts';
import { typeNameOfFound } from '../keyspace/collections.ts';
import { type KeyFilter, scanOf, takeKeys } from '../keyspace/key-scan.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, READONLY } from './command.ts';

const SCAN_COUNT = 10;
const STAR = 0x2a;
const CURSOR_MAX = 2n ** 64n - 1n;
const POSITIONS = 2n ** 32n;

export const scanCommands: readonly CommandRow[] = [
  { name: 'keys', arity: 2, flags: READONLY, group: 'generic', categories: ['dangerous'], run: keys },
  { name: 'scan', arity: -2, flags: READONLY, group: 'generic', run: scan },
];

function keys(call: Call): void {
  const { store, reply, database } = call;
  const filter: KeyFilter = { pattern: patternOf(call.viewOf(1)), isType: null };
  // All at once: so the records on disk are read in their order, each stretch of the log once.
  scanOf(store).collect(database, 0, Number.POSITIVE_INFINITY);
  const place = reply.defer();
  const count = takeKeys(store, filter, (bytes, start, end) => reply.bulk(bytes, start, end));
  reply.resolveArray(place, count);
}

/** null for the pattern that all keys match. */
function patternOf(pattern: Uint8Array): Uint8Array | null {
  return pattern.length === 1 && pattern[0] === STAR ? null : pattern;
}

function scan(call: Call): void {
  const { store, reply } = call;
  const cursor = parseCursor(call.latin1(1));
  if (cursor === undefined) {
    reply.error('invalid cursor');
    return;
  }
  const options = parseScanOptions(call, 2, 'type');
  if (options === undefined) return;
  const { filter, count } = options;
  const next = scanOf(store).collect(call.database, cursor, count);
  reply.array(2);
  reply.bulkLatin1(String(next));
  const place = reply.defer();
  const given = takeKeys(store, filter, (bytes, start, end) => reply.bulk(bytes, start, end));
  reply.resolveArray(place, given);
}

/** So many digits are no exact number any more. */
const EXACT_DIGITS = 16;

/** A cursor that no SCAN gave is taken, too, as redis takes it. */
export function parseCursor(text: string): number | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  if (text.length < EXACT_DIGITS) return Number(text) % Number(POSITIONS);
  const cursor = BigInt(text);
  return cursor > CURSOR_MAX ? undefined : Number(cursor % POSITIONS);
}

/** What the options of SCAN and its kin say. */
interface ScanOptions {
  filter: KeyFilter;
  count: number;
  /** Whether the word that stands alone was there, such as NOVALUES. */
  hasWord: boolean;
}

/**
 * Reads the options from argument `first` on; undefined after replying with an error. `own`: the option that this command
 * has beside COUNT and MATCH: `type`, or a word that stands alone, or null for none.
 */
export function parseScanOptions(call: Call, first: number, own: string | null): ScanOptions | undefined {
  const filter: KeyFilter = { pattern: null, isType: null };
  let count = SCAN_COUNT;
  let hasWord = false;
  for (let i = first; i < call.argc; i += 2) {
    const hasValue = i + 1 < call.argc;
    if (hasValue && call.is(i, 'count')) {
      const parsed = call.integer(i + 1);
      if (parsed === undefined) return undefined;
      if (parsed < 1) {
        call.reply.error(SYNTAX_ERROR);
        return undefined;
      }
      count = Number(parsed);
    } else if (hasValue && call.is(i, 'match')) filter.pattern = patternOf(call.viewOf(i + 1));
    else if (own !== null && own !== 'type' && call.is(i, own)) {
      hasWord = true;
      i--;
    } else if (own === 'type' && hasValue && call.is(i, 'type')) {
      filter.isType = typeTest(call.latin1(i + 1).toLowerCase());
    } else {
      call.reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return { filter, count, hasWord };
}

function typeTest(name: string): (store: Store) => boolean {
  return (store) => typeNameOfFound(store) === name;
}
