/** DEBUG: what helps those who test the server, or clients. What would harm it is left out. */
import { matchGlob } from '../base/glob.ts';
import { find } from '../engine/find.ts';
import { put } from '../engine/put.ts';
import { idleSeconds } from '../engine/lru-clock.ts';
import { valueLengthOfFound } from '../keyspace/strings.ts';
import type { Call } from './call.ts';
import { ADMIN, type CommandRow, LOADING, NOSCRIPT, STALE } from './command.ts';
import { digestOfAll, digestOfValue, NO_VALUE_DIGEST } from './digest.ts';
import { encodingOfFound } from './object.ts';
import { attempt } from './persistence.ts';
import { replyHelp } from './subcommand.ts';

/** Implemented in `instance/`. */
export interface Debugging {
  /** `enable-debug-command`: for nobody, for connections from this machine, or for all. */
  readonly allowedFor: 'no' | 'local' | 'yes';
  /** Whether what is done now and then is not done for the time being. */
  isCronPaused: boolean;
  log(text: string): void;
}

const HELP = [
  'CHANGE-REPL-ID',
  '    Change the replication IDs of the instance.',
  'CONFIG-REWRITE-FORCE-ALL',
  '    Like CONFIG REWRITE but writes all configuration options, including',
  '    keywords not listed in original configuration file or default values.',
  'DIGEST',
  '    Output a hex signature representing the current DB content.',
  'DIGEST-VALUE <key> [<key> ...]',
  '    Output a hex signature of the values of all the specified keys.',
  'ERROR <string>',
  '    Return a Redis protocol error with <string> as message. Useful for clients',
  '    unit tests to simulate Redis errors.',
  'LOG <message>',
  '    Write <message> to the server log.',
  'LOADAOF',
  '    Make everything durable: the log is never read again while the server runs.',
  'OBJECT <key>',
  '    Show low level info about `key` and associated value.',
  'PAUSE-CRON <0|1>',
  '    Stop periodic cron job processing.',
  'POPULATE <count> [<prefix>] [<size>]',
  '    Create <count> string keys named key:<num>. If <prefix> is specified then',
  "    it is used instead of the 'key' prefix.",
  'PROTOCOL <type>',
  '    Reply with a test value of the specified type. <type> can be: string,',
  '    integer, double, bignum, null, array, set, map, attrib, push, verbatim,',
  '    true, false.',
  'QUICKLIST-PACKED-THRESHOLD <size>',
  '    Does nothing.',
  'RELOAD [option ...]',
  '    Write a checkpoint. Options are taken, and do nothing.',
  'SET-ACTIVE-EXPIRE <0|1>',
  '    Setting it to 0 disables expiring keys in background when they are not',
  '    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the',
  '    default.',
  'SLEEP <seconds>',
  '    Stop the server for <seconds>. Decimals allowed.',
  'STRINGMATCH-LEN <pattern> <string>',
  '    Tell whether <pattern> matches <string>.',
];

const REFUSED =
  'DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local ' +
  'connection, otherwise you need to set this option in the configuration file, and then restart the server.';
const TYPES =
  'Wrong protocol type name. Please use one of the following: ' +
  'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false';
const MS_PER_SECOND = 1000;
const SLEEP_MAX_SECONDS = 3600;
const POPULATED_MAX = 100_000_000;
const POPULATED_SIZE_MAX_BYTES = 64 * 1024;
const HEX = 16;

type Subcommand = readonly [name: string, argcMin: number, argcMax: number, run: (call: Call) => void];

const SUBCOMMANDS: readonly Subcommand[] = [
  ['change-repl-id', 2, 2, (call) => call.reply.ok()],
  ['config-rewrite-force-all', 2, 2, rewriteConfiguration],
  ['digest', 2, 2, (call) => call.reply.simple(digestOfAll(call.store))],
  ['digest-value', 2, Number.POSITIVE_INFINITY, digestValues],
  ['error', 3, 3, (call) => call.reply.error(`-${call.latin1(2)}`)],
  ['help', 2, 2, (call) => replyHelp(call, 'DEBUG', HELP)],
  ['loadaof', 2, 2, loadAof],
  ['log', 3, 3, log],
  ['object', 3, 4, object],
  ['pause-cron', 3, 3, pauseCron],
  ['populate', 3, 5, populate],
  ['protocol', 3, 3, protocol],
  ['quicklist-packed-threshold', 3, 3, (call) => call.reply.ok()],
  ['reload', 2, Number.POSITIVE_INFINITY, reload],
  ['set-active-expire', 3, 3, setActiveExpire],
  ['sleep', 3, 3, sleep],
  ['stringmatch-len', 4, 4, stringMatch],
];

export const debugCommands: readonly CommandRow[] = [
  { name: 'debug', arity: -2, flags: ADMIN | NOSCRIPT | LOADING | STALE, group: 'server', run: debug },
];

function debug(call: Call): void {
  if (!isAllowed(call)) {
    call.reply.error(REFUSED);
    return;
  }
  for (const [name, argcMin, argcMax, run] of SUBCOMMANDS) {
    if (!call.is(1, name) || call.argc < argcMin || call.argc > argcMax) continue;
    run(call);
    return;
  }
  call.reply.error(
    `unknown subcommand or wrong number of arguments for '${call.latin1(1).slice(0, 128)}'. Try DEBUG HELP.`,
  );
}

function isAllowed({ host, session }: Call): boolean {
  const { allowedFor } = host.debugging;
  if (allowedFor !== 'local') return allowedFor === 'yes';
  const { address } = session;
  return /^(127\.|\[?::1\]?:|\[?::ffff:127\.|\/)/.test(address);
}

/** CONFIG REWRITE, with the parameters, too, that are as they are without a file. */
function rewriteConfiguration(call: Call): void {
  const error = call.host.configuration.rewrite(true);
  if (error === '') call.reply.ok();
  else call.reply.error(`CONFIG-REWRITE-FORCE-ALL failed: ${error}`);
}

/** Holds the whole server, as it says. */
function sleep(call: Call): void {
  const seconds = Number(call.latin1(2));
  const ms = Math.min(Number.isFinite(seconds) ? Math.max(0, seconds) : 0, SLEEP_MAX_SECONDS) * MS_PER_SECOND;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  call.reply.ok();
}

function object(call: Call): void {
  const { store, reply } = call;
  if (call.peekKey(2) === 0) {
    reply.error('no such key');
    return;
  }
  const idle = store.pages === null ? 0 : idleSeconds(store);
  reply.simple(
    `Value at:0x${call.found.toString(HEX)} refcount:1 encoding:${encodingOfFound(store, call.host.valueLimits)} ` +
      `serializedlength:${valueLengthOfFound(store)} lru:0 lru_seconds_idle:${idle}`,
  );
}

function digestValues(call: Call): void {
  call.reply.array(call.argc - 2);
  for (let i = 2; i < call.argc; i++) {
    call.reply.simple(call.peekKey(i) === 0 ? NO_VALUE_DIGEST : digestOfValue(call.store));
  }
}

function reload(call: Call): void {
  const { checkpointer } = call.store;
  for (let i = 2; i < call.argc; i++) {
    if (call.is(i, 'merge') || call.is(i, 'noflush') || call.is(i, 'nosave')) continue;
    call.reply.error('DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
    return;
  }
  if (checkpointer === null || attempt(call, () => checkpointer.writeSync())) call.reply.ok();
}

function loadAof(call: Call): void {
  if (attempt(call, () => call.store.committer.commitSync())) call.reply.ok();
}

function setActiveExpire(call: Call): void {
  call.store.expiresActively = !call.is(2, '0');
  call.reply.ok();
}

function pauseCron(call: Call): void {
  call.host.debugging.isCronPaused = !call.is(2, '0');
  call.reply.ok();
}

function log(call: Call): void {
  call.host.debugging.log(`DEBUG LOG: ${call.text(2)}`);
  call.reply.ok();
}

function stringMatch(call: Call): void {
  call.reply.integer(matchGlob(call.viewOf(2), call.bytes, call.starts[3], call.ends[3]) ? 1 : 0);
}

/** Keys `prefix:0` and on, each with the value `value:0` and on, filled up with zeros to a size. Those that are there stay. */
function populate(call: Call): void {
  const { reply } = call;
  const count = call.integer(2);
  if (count === undefined) return;
  const prefix = call.argc > 3 ? call.latin1(3) : 'key';
  const size = call.argc > 4 ? call.integer(4) : -1;
  if (size === undefined) return;
  if (count < 0 || count > POPULATED_MAX || size > POPULATED_SIZE_MAX_BYTES) {
    reply.error('value is out of range');
    return;
  }
  const isDone = attempt(call, () => {
    for (let i = 0; i < count; i++) makeKey(call, `${prefix}:${i}`, `value:${i}`, Number(size));
  });
  if (isDone) reply.ok();
}

function makeKey(call: Call, name: string, text: string, sizeBytes: number): void {
  const { store, database } = call;
  const value = sizeBytes < 0 ? Buffer.from(text) : Buffer.alloc(sizeBytes);
  if (sizeBytes >= 0) value.write(text, 'latin1');
  const key = Buffer.from(name, 'latin1');
  store.checkWritable(key.length + value.length);
  store.key.setFrom(key, 0, key.length);
  if (find(store, database) !== 0) return;
  try {
    put(store, database, 0, value, 0);
  } catch (error) {
    throw store.failWrite(error);
  }
  call.session.dirty++;
}

const PROTOCOL_VALUES: Record<string, (call: Call) => void> = {
  string: ({ reply }) => reply.bulkLatin1('Hello World'),
  integer: ({ reply }) => reply.integer(12_345),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: what redis answers.
  double: ({ reply }) => reply.double(3.141),
  bignum: ({ reply }) => reply.bigNumber(1234567999999999999999999999999999999n),
  null: ({ reply }) => reply.null(),
  array: ({ reply }) => {
    reply.array(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  set: ({ reply }) => {
    reply.set(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  map: ({ reply }) => {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  attrib: replyAttribute,
  push: replyPush,
  verbatim: ({ reply }) => reply.verbatim('txt', 'This is a verbatim\nstring'),
  true: ({ reply }) => reply.boolean(true),
  false: ({ reply }) => reply.boolean(false),
};

function protocol(call: Call): void {
  const name = call.latin1(2).toLowerCase();
  if (Object.hasOwn(PROTOCOL_VALUES, name)) PROTOCOL_VALUES[name](call);
  else call.reply.error(TYPES);
}

function replyAttribute({ reply }: Call): void {
  if (reply.attribute(1)) {
    reply.bulkLatin1('key-popularity');
    reply.array(2);
    reply.bulkLatin1('key:123');
    reply.integer(90);
  }
  reply.bulkLatin1('Some real reply following the attribute');
}

function replyPush({ reply }: Call): void {
  if (reply.proto === 2) {
    reply.error('RESP2 is not supported by this command');
    return;
  }
  reply.push(2);
  reply.bulkLatin1('server-cpu-usage');
  reply.integer(42);
  reply.bulkLatin1('Some real reply following the push reply');
}
