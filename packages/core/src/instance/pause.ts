/**
 * CLIENT PAUSE: commands wait, those that write or all of them, until a time or CLIENT UNPAUSE. So that the data stay as
 * they are, keys whose time is over are only passed over meanwhile, and none are evicted.
 */
import { MAY_REPLICATE, WRITE } from '../commands/command.ts';
import type { Client } from './client.ts';
import { GATE_PAUSED } from './gates.ts';
import type { Instance } from './instance.ts';
import { Postponed } from './postponed.ts';

export class Pause {
  private readonly instance: Instance;
  private untilMs = 0;
  private isAll = false;
  private readonly waiting: Postponed;

  constructor(instance: Instance) {
    this.instance = instance;
    this.waiting = new Postponed(instance);
  }

  private get isOn(): boolean {
    return (this.instance.gates & GATE_PAUSED) !== 0;
  }

  /** Of two pauses, the longer one and the stricter one hold. */
  begin(untilMs: number, isAll: boolean): void {
    this.isAll = isAll || (this.isOn && this.isAll);
    this.untilMs = Math.max(untilMs, this.isOn ? this.untilMs : 0);
    this.instance.gates |= GATE_PAUSED;
    this.instance.store.holdsExpired = true;
  }

  /** Whether the client's command, which has these flags, has to wait; then it runs again at the end. */
  postpones(client: Client, flags: number): boolean {
    this.endIfDue();
    if (!this.isOn || (!this.isAll && (flags & (WRITE | MAY_REPLICATE)) === 0)) return false;
    this.waiting.add(client);
    return true;
  }

  endIfDue(): void {
    if (this.isOn && this.instance.store.nowMs() >= this.untilMs) this.end();
  }

  end(): void {
    const { instance, waiting } = this;
    instance.gates &= ~GATE_PAUSED;
    instance.store.holdsExpired = false;
    waiting.release();
  }
}
