/**
 * Commands on what the device holds. SAVE and BGSAVE write a checkpoint, BGREWRITEAOF compacts: the log itself is written
 * with every command. WAIT answers at once, as what it asks of replicas cannot come: there are none. WAITAOF waits for the
 * device alone.
 */
import { FerriteError } from '../base/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import {
  ADMIN,
  BLOCKING,
  type CommandRow,
  FAST,
  LOADING,
  NO_ASYNC_LOADING,
  NO_MULTI,
  NOSCRIPT,
  STALE,
} from './command.ts';

const BACKGROUND = NO_ASYNC_LOADING | ADMIN | NOSCRIPT;
const NO_DISK = 'this store is kept in memory only: open it with a path';

export const persistenceCommands: readonly CommandRow[] = [
  { name: 'save', arity: 1, flags: BACKGROUND | NO_MULTI, group: 'server', run: save },
  { name: 'bgsave', arity: -1, flags: BACKGROUND, group: 'server', run: bgSave },
  { name: 'bgrewriteaof', arity: 1, flags: BACKGROUND, group: 'server', run: bgRewriteAof },
  {
    name: 'lastsave',
    arity: 1,
    flags: LOADING | STALE | FAST,
    group: 'server',
    categories: ['admin', 'dangerous'],
    run: lastSave,
  },
  { name: 'wait', arity: 3, flags: BLOCKING, group: 'generic', categories: ['connection'], run: wait },
  { name: 'waitaof', arity: 4, flags: BLOCKING, group: 'generic', categories: ['connection'], run: waitAof },
];

function save(call: Call): void {
  const { checkpointer } = call.store;
  if (checkpointer === null) call.reply.error(NO_DISK);
  else if (!checkpointer.isIdle) call.reply.error('Background save already in progress');
  else if (attempt(call, () => checkpointer.writeSync())) call.reply.ok();
}

function bgSave(call: Call): void {
  const { checkpointer } = call.store;
  if (call.argc > 1 && !(call.argc === 2 && call.is(1, 'schedule'))) call.reply.error(SYNTAX_ERROR);
  else if (checkpointer === null) call.reply.error(NO_DISK);
  else if (!checkpointer.isIdle || checkpointer.isRequested) call.reply.error('Background save already in progress');
  else {
    checkpointer.request();
    call.reply.simple(`Background saving ${begun(call)}`);
  }
}

function bgRewriteAof(call: Call): void {
  const { compactor } = call.store;
  if (compactor === null) call.reply.error(NO_DISK);
  else if (compactor.isFull) call.reply.error('Background append only file rewriting already in progress');
  else {
    // What goes wrong is told to the listeners of the store.
    compactor.whenDone().catch(() => undefined);
    call.reply.simple(`Background append only file rewriting ${begun(call)}`);
  }
}

/** Within a transaction it begins afterwards. */
function begun({ session }: Call): string {
  return session.isInExec ? 'scheduled' : 'started';
}

function lastSave(call: Call): void {
  const { checkpointer, identity } = call.store;
  call.reply.integer(Math.floor((checkpointer?.savedAtMs ?? identity.createdMs) / 1000));
}

function wait(call: Call): void {
  if (call.integer(1) === undefined || !isTimeout(call, 2)) return;
  call.reply.integer(0);
}

function waitAof(call: Call): void {
  const { store, reply } = call;
  const local = call.integer(1);
  if (local === undefined) return;
  if (local < 0 || local > 1) {
    reply.error('value is out of range, value must between 0 and 1');
    return;
  }
  const replicas = call.integer(2);
  if (replicas === undefined) return;
  if (replicas < 0) {
    reply.error('value is out of range, must be positive');
    return;
  }
  if (!isTimeout(call, 3)) return;
  if (local === 1 && !store.hasDisk) {
    reply.error('WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
    return;
  }
  // What replicas are asked for does not come: there is nothing to wait for but the device.
  if (local === 1) call.host.commitWaits.wait(call, Number(call.integer(3)), replyWhatIsSafe);
  else replyWhatIsSafe(reply, store.hasDisk && store.isDurable);
}

function replyWhatIsSafe(reply: ReplyWriter, isDurable: boolean): void {
  reply.array(2);
  reply.integer(isDurable ? 1 : 0);
  reply.integer(0);
}

function isTimeout(call: Call, i: number): boolean {
  const timeout = call.integer(i, 'timeout is not an integer or out of range');
  if (timeout === undefined) return false;
  if (timeout >= 0) return true;
  call.reply.error('timeout is negative');
  return false;
}

/** Runs what needs the device; replies with an error and returns false if that fails. */
export function attempt(call: Call, run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof FerriteError)) throw error;
    call.reply.error(`-MISCONF ${error.message}`);
    return false;
  }
}
