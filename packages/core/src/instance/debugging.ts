/** What DEBUG may do, and for whom. */
import type { Debugging as DebuggingService } from '../commands/debug.ts';
import type { Instance } from './instance.ts';

export class Debugging implements DebuggingService {
  /** `enable-debug-command` */
  allowedFor: 'no' | 'local' | 'yes' = 'local';
  isCronPaused = false;
  private readonly instance: Instance;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  log(text: string): void {
    this.instance.log('warning', text);
  }
}
