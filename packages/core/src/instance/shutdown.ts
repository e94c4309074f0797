/** The end of the server, asked for by a client: everything is made durable, then whoever serves the instance ends that. */
import { FerriteError } from '../base/errors.ts';
import type { Shutdown as ShutdownService, ShutdownOptions } from '../commands/shutdown.ts';
import type { Instance } from './instance.ts';

const CANNOT_END = 'This server cannot be ended by its clients.';
const FAILED = 'Errors trying to SHUTDOWN. Check logs.';

export class Shutdown implements ShutdownService {
  /** Ends the server once this turn of the loop is over; null where nothing can. */
  end: (() => void) | null = null;
  private readonly instance: Instance;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  begin({ isSaving, isForced }: ShutdownOptions): string {
    const { end } = this;
    const { log } = this.instance;
    if (end === null) return CANNOT_END;
    log('notice', 'User requested shutdown...');
    try {
      this.makeDurable(isSaving);
    } catch (error) {
      if (!(error instanceof FerriteError)) throw error;
      log('warning', `Not everything could be made durable: ${error.message}`);
      if (!isForced) return FAILED;
    }
    end();
    return '';
  }

  private makeDurable(isSaving: boolean): void {
    const { committer, checkpointer, identity } = this.instance.store;
    if (identity.readOnly) return;
    committer.commitSync();
    if (isSaving && checkpointer?.isIdle === true) checkpointer.writeSync();
  }
}
