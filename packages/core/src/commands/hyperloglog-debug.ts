/** PFDEBUG and PFSELFTEST: for those who test HyperLogLogs. */
import {
  describeSparse,
  HYPERLOGLOG_SIZE_MAX_BYTES,
  isDense,
  makeDense,
  mergeRegisters,
  REGISTER_COUNT,
} from '../types/hyperloglog.ts';
import { testHyperLogLog } from '../types/hyperloglog-self-test.ts';
import { value } from '../keyspace/hyperloglogs.ts';
import type { Call } from './call.ts';
import { ADMIN, type CommandRow, DENYOOM, WRITE } from './command.ts';
import { loadValue, replyCorrupt, saveValue } from './hyperloglog-value.ts';

export const hyperLogLogDebugCommands: readonly CommandRow[] = [
  {
    name: 'pfdebug',
    arity: 3,
    flags: WRITE | DENYOOM | ADMIN,
    group: 'hyperloglog',
    keys: { first: 2, last: 2, step: 1, flags: 'RW access' },
    run: pfDebug,
  },
  { name: 'pfselftest', arity: 1, flags: ADMIN, group: 'hyperloglog', run: pfSelfTest },
];

function pfDebug(call: Call): void {
  const { reply } = call;
  if (call.findKey(2) === 0) {
    reply.error('The specified key does not exist');
    return;
  }
  if (!loadValue(call, 2)) return;
  if (call.is(1, 'getreg')) getRegisters(call);
  else if (call.is(1, 'decode')) decode(call);
  else if (call.is(1, 'encoding')) reply.simple(isDense(value.bytes) ? 'dense' : 'sparse');
  else if (call.is(1, 'todense')) toDense(call);
  else reply.error(`Unknown PFDEBUG subcommand '${call.latin1(1)}'`);
}

/** As in redis, the value is dense afterwards. */
function getRegisters(call: Call): void {
  const { reply } = call;
  if (!isDense(value.bytes) && !storeDense(call)) return;
  const registers = new Uint8Array(REGISTER_COUNT);
  mergeRegisters(registers, value.bytes, value.length);
  reply.array(REGISTER_COUNT);
  for (const register of registers) reply.integer(register);
}

function decode({ reply }: Call): void {
  if (isDense(value.bytes)) reply.error('HLL encoding is not sparse');
  else reply.bulkLatin1(describeSparse(value.bytes, value.length));
}

function toDense(call: Call): void {
  const converts = !isDense(value.bytes);
  if (!converts || storeDense(call)) call.reply.integer(converts ? 1 : 0);
}

/** Replies with an error and returns false if the value is corrupt. */
function storeDense(call: Call): boolean {
  if (!makeDense(value.bytes, value.length)) {
    replyCorrupt(call);
    return false;
  }
  value.length = HYPERLOGLOG_SIZE_MAX_BYTES;
  saveValue(call);
  call.changed('', '');
  return true;
}

function pfSelfTest({ reply, store }: Call): void {
  const wrong = testHyperLogLog(store.prng);
  if (wrong === undefined) reply.ok();
  else reply.error(`TESTFAILED ${wrong}`);
}
