/**
 * Commands that write wait while much of the memory for what the device has not taken yet is in use. The loop would else be
 * held until the device has some of it; so those who read go on meanwhile.
 *
 * Looked at once per turn in which somebody wrote; ends by itself when the device has caught up.
 */
import { MAY_REPLICATE, WRITE } from '../commands/command.ts';
import type { Client } from './client.ts';
import { GATE_BACKLOG } from './gates.ts';
import type { Instance } from './instance.ts';
import { Postponed } from './postponed.ts';

export class Backlog {
  private readonly instance: Instance;
  private readonly waiting: Postponed;

  constructor(instance: Instance) {
    this.instance = instance;
    this.waiting = new Postponed(instance);
  }

  /** After a turn with writes. */
  look(): void {
    const { instance } = this;
    if ((instance.gates & GATE_BACKLOG) !== 0 || !instance.store.committer.isCrowded) return;
    instance.gates |= GATE_BACKLOG;
    this.lookLater();
  }

  private lookLater(): void {
    const { committer } = this.instance.store;
    committer.whenWritten().then(() => {
      // The next commit may have been begun by those who waited for that one, and be as long.
      if (committer.isCrowded) this.lookLater();
      else this.end();
    });
  }

  /** Whether the client's command, which has these flags, has to wait; then it runs again at the end. */
  postpones(client: Client, flags: number): boolean {
    if ((flags & (WRITE | MAY_REPLICATE)) === 0) return false;
    this.waiting.add(client);
    return true;
  }

  private end(): void {
    this.instance.gates &= ~GATE_BACKLOG;
    this.waiting.release();
  }
}
