/** What passes per second, as the mean of the last sixteen looks at the counters. */
import type { Traffic } from './traffic.ts';

const LOOKS = 16;
const MS_PER_SECOND = 1000;

export class Rates {
  private readonly commands = new Rate();
  private readonly input = new Rate();
  private readonly output = new Rate();

  /** About ten times a second. */
  look(nowMs: number, traffic: Traffic): void {
    this.commands.look(nowMs, traffic.commands);
    this.input.look(nowMs, traffic.inputBytes);
    this.output.look(nowMs, traffic.outputBytes);
  }

  get commandsPerSecond(): number {
    return Math.floor(this.commands.mean);
  }

  get inputBytesPerSecond(): number {
    return this.input.mean;
  }

  get outputBytesPerSecond(): number {
    return this.output.mean;
  }
}

class Rate {
  private readonly perSecond = new Float64Array(LOOKS);
  private next = 0;
  private atMs = -1;
  private total = 0;

  look(nowMs: number, total: number): void {
    const passedMs = nowMs - this.atMs;
    if (this.atMs >= 0 && passedMs > 0) {
      this.perSecond[this.next] = (Math.max(0, total - this.total) * MS_PER_SECOND) / passedMs;
      this.next = (this.next + 1) % LOOKS;
    }
    this.atMs = nowMs;
    this.total = total;
  }

  get mean(): number {
    let sum = 0;
    for (const each of this.perSecond) sum += each;
    return sum / LOOKS;
  }
}
