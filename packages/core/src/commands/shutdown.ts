/** SHUTDOWN: ends the server when everything is durable. */
import { type Call, SYNTAX_ERROR } from './call.ts';
import { ADMIN, ALLOW_BUSY, type CommandRow, LOADING, NO_MULTI, NOSCRIPT, STALE } from './command.ts';

export interface ShutdownOptions {
  /** A checkpoint is written first, however little there is to replay. */
  isSaving: boolean;
  /** Goes on though the device refuses. */
  isForced: boolean;
}

/** Implemented in `instance/`. */
export interface Shutdown {
  /** Ends the server once this turn of the loop is over; or says why not. */
  begin(options: ShutdownOptions): string;
}

export const shutdownCommands: readonly CommandRow[] = [
  {
    name: 'shutdown',
    arity: -1,
    flags: ADMIN | NOSCRIPT | LOADING | STALE | NO_MULTI | ALLOW_BUSY,
    group: 'server',
    run: shutdown,
  },
];

/** There are no replicas to wait for, so that `now` changes nothing and there is never anything to `abort`. */
function shutdown(call: Call): void {
  const given = new Set<string>();
  for (let i = 1; i < call.argc; i++) given.add(call.latin1(i).toLowerCase());
  const isKnown = [...given].every((word) => ['nosave', 'save', 'now', 'force', 'abort'].includes(word));
  if (!isKnown || (given.has('save') && given.has('nosave')) || (given.has('abort') && call.argc > 2)) {
    call.reply.error(SYNTAX_ERROR);
    return;
  }
  if (given.has('abort')) {
    call.reply.error('No shutdown in progress.');
    return;
  }
  const error = call.host.shutdown.begin({ isSaving: given.has('save'), isForced: given.has('force') });
  if (error === '') call.session.closesAfterReply = true;
  else call.reply.error(error);
}
