/** Transactions: commands that run in one piece, if no key that was watched has changed. */
import type { Call } from './call.ts';
import {
  ALLOW_BUSY,
  type CommandRow,
  FAST,
  LOADING,
  NEVER_QUEUED,
  NOSCRIPT,
  RUNS_QUEUE,
  SKIP_SLOWLOG,
  STALE,
} from './command.ts';
import type { Session } from './session.ts';

/** Implemented in `instance/`. */
export interface Transactions {
  /** From now on commands of the session are queued. */
  begin(session: Session): void;
  /** Forgets what was queued, and the watched keys. */
  discard(session: Session): void;
  /** Runs what was queued, and replies. */
  exec(call: Call): void;
  /** Argument `i` is a key whose change lets the session's next EXEC fail. */
  watch(call: Call, i: number): void;
  unwatch(session: Session): void;
}

const group = 'transactions';
const flags = NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY;

export const transactionCommands: readonly CommandRow[] = [
  { name: 'multi', arity: 1, flags: flags | NEVER_QUEUED, group, run: multi },
  {
    name: 'exec',
    arity: 1,
    flags: NOSCRIPT | LOADING | STALE | SKIP_SLOWLOG | NEVER_QUEUED | RUNS_QUEUE,
    group,
    run: exec,
  },
  { name: 'discard', arity: 1, flags: flags | NEVER_QUEUED, group, run: discard },
  {
    name: 'watch',
    arity: -2,
    flags: flags | NEVER_QUEUED,
    group,
    keys: { first: 1, last: -1, step: 1, flags: 'RO' },
    run: watch,
  },
  { name: 'unwatch', arity: 1, flags, group, run: unwatch },
];

function multi(call: Call): void {
  if (call.session.isInMulti) {
    call.reply.error('MULTI calls can not be nested');
    return;
  }
  call.host.transactions.begin(call.session);
  call.reply.ok();
}

function exec(call: Call): void {
  if (call.session.isInMulti) call.host.transactions.exec(call);
  else call.reply.error('EXEC without MULTI');
}

function discard(call: Call): void {
  if (!call.session.isInMulti) {
    call.reply.error('DISCARD without MULTI');
    return;
  }
  call.host.transactions.discard(call.session);
  call.reply.ok();
}

function watch(call: Call): void {
  if (call.session.isInMulti) {
    call.reply.error('WATCH inside MULTI is not allowed');
    return;
  }
  for (let i = 1; i < call.argc; i++) call.host.transactions.watch(call, i);
  call.reply.ok();
}

function unwatch(call: Call): void {
  call.host.transactions.unwatch(call.session);
  call.reply.ok();
}
