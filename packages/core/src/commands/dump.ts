/** DUMP and RESTORE. */
import { setIdleSeconds, setUseCount } from '../engine/lru-clock.ts';
import { publishCollection } from '../engine/members.ts';
import { putBytes } from '../engine/put.ts';
import { EXPIRES_AT_MAX_MS } from '../engine/record.ts';
import { remove } from '../engine/remove.ts';
import { readBytes } from '../keyspace/strings.ts';
import { isCollection } from '../keyspace/collections.ts';
import { BAD_FORMAT, type DumpedValue, dumpString, restoreValue } from '../types/dump.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, DENYOOM, firstKey, READONLY, WRITE } from './command.ts';
import { dumpCollection, restoreCollection } from './dump-collections.ts';

const FREQ_MAX = 255;
const UNSET = -1;

export const dumpCommands: readonly CommandRow[] = [
  { name: 'dump', arity: 2, flags: READONLY, group: 'generic', keys: firstKey('RO access'), run: dump },
  {
    name: 'restore',
    arity: -4,
    flags: WRITE | DENYOOM,
    group: 'generic',
    categories: ['dangerous'],
    keys: firstKey('OW update'),
    run: restore,
  },
];

const NO_PAYLOAD = 'DUMP does not take values of this type in this version';

function dump(call: Call): void {
  if (call.findKey(1) === 0) {
    call.reply.null();
    return;
  }
  const { store } = call;
  const payload = isCollection(store) ? dumpCollection(store, call.host.valueLimits) : dumpString(readBytes(store));
  if (payload === undefined) {
    call.reply.error(NO_PAYLOAD);
    return;
  }
  if (payload === null) {
    call.reply.null();
    return;
  }
  call.reply.bulk(Buffer.from(payload.buffer, payload.byteOffset, payload.length), 0, payload.length);
}

interface RestoreOptions {
  replaces: boolean;
  isAbsolute: boolean;
  idleSeconds: number;
  useCount: number;
}

function restore(call: Call): void {
  const options = parseOptions(call);
  if (options === undefined) return;
  const { store, reply } = call;
  call.findKey(1);
  if (call.found !== 0 && !options.replaces) {
    reply.error('-BUSYKEY Target key name already exists.');
    return;
  }
  const expiresAtMs = parseTtl(call, options.isAbsolute);
  if (expiresAtMs === undefined) return;
  const value = restoreValue(call.viewOf(3));
  if (typeof value === 'string') {
    reply.error(value === 'footer' ? 'DUMP payload version or checksum are wrong' : BAD_FORMAT);
    return;
  }
  if (expiresAtMs !== 0 && expiresAtMs <= store.nowMs()) {
    if (call.found !== 0) {
      remove(store, call.database, call.found);
      call.changed('g', 'del');
    }
    reply.ok();
    return;
  }
  if (!storeRestored(call, value, expiresAtMs)) return;
  if (options.idleSeconds !== UNSET) setIdleSeconds(store, options.idleSeconds);
  if (options.useCount !== UNSET) setUseCount(store, options.useCount);
  call.changed('g', 'restore');
  reply.ok();
}

/** Gives the key the value; false after replying that it cannot have it. */
function storeRestored(call: Call, value: DumpedValue, expiresAtMs: number): boolean {
  const { store, database, found } = call;
  if (value.type === 'string') {
    putBytes(store, database, found, value.value, 0, value.value.length, expiresAtMs);
    return true;
  }
  const object = restoreCollection(store, value, call.host.valueLimits);
  if (typeof object === 'string') {
    call.reply.error(object);
    return false;
  }
  publishCollection(store, database, found, object, expiresAtMs);
  return true;
}

/** The options from argument 4 on; undefined after replying with an error. */
function parseOptions(call: Call): RestoreOptions | undefined {
  const options = { replaces: false, isAbsolute: false, idleSeconds: UNSET, useCount: UNSET };
  for (let i = 4; i < call.argc; i++) {
    const hasValue = i + 1 < call.argc;
    if (call.is(i, 'replace')) options.replaces = true;
    else if (call.is(i, 'absttl')) options.isAbsolute = true;
    else if (hasValue && options.useCount === UNSET && call.is(i, 'idletime')) {
      const idle = parseUpTo(call, ++i, Number.MAX_SAFE_INTEGER, 'Invalid IDLETIME value, must be >= 0');
      if (idle === undefined) return undefined;
      options.idleSeconds = idle;
    } else if (hasValue && options.idleSeconds === UNSET && call.is(i, 'freq')) {
      const count = parseUpTo(call, ++i, FREQ_MAX, 'Invalid FREQ value, must be >= 0 and <= 255');
      if (count === undefined) return undefined;
      options.useCount = count;
    } else {
      call.reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return options;
}

/** Argument `i` as an integer from 0 to `max`; undefined after replying with `error`, or that it is no integer. */
function parseUpTo(call: Call, i: number, max: number, error: string): number | undefined {
  const value = call.integer(i);
  if (value === undefined) return undefined;
  if (value >= 0 && value <= max) return Number(value);
  call.reply.error(error);
  return undefined;
}

/** Argument 2 as ms since the epoch, 0 for never; undefined after replying with an error. */
function parseTtl(call: Call, isAbsolute: boolean): number | undefined {
  const ttl = call.integer(2);
  if (ttl === undefined) return undefined;
  if (ttl < 0) {
    call.reply.error('Invalid TTL value, must be >= 0');
    return undefined;
  }
  if (ttl === 0) return 0;
  return Math.min(Number(ttl) + (isAbsolute ? 0 : call.store.nowMs()), EXPIRES_AT_MAX_MS);
}
