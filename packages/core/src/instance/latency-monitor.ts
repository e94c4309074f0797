/** LATENCY: what held the loop for long, by kind of event, with the last 160 times of each. */
import type { LatencyEvent, LatencyMonitor as LatencyService, LatencySample } from '../commands/latency.ts';
import type { Store } from '../engine/store.ts';

const SAMPLES_MAX = 160;
const MS_PER_SECOND = 1000;

export class LatencyMonitor implements LatencyService {
  /** `latency-monitor-threshold`: what takes less is not noted; 0 for nothing at all. */
  thresholdMs = 0;
  readonly events = new Map<string, LatencyEvent>();
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
    store.listeners.add({ held: (work, ms) => this.note(work, ms) });
  }

  isNotable(ms: number): boolean {
    return this.thresholdMs > 0 && ms >= this.thresholdMs;
  }

  /** Something took so long. */
  note(event: string, ms: number): void {
    if (this.isNotable(ms)) this.keep(event, Math.floor(ms));
  }

  /** Of one second the longest is kept. */
  private keep(name: string, ms: number): void {
    const atSeconds = Math.floor(this.store.nowMs() / MS_PER_SECOND);
    let event = this.events.get(name);
    if (event === undefined) {
      event = { longestMs: 0, samples: [] };
      this.events.set(name, event);
    }
    event.longestMs = Math.max(event.longestMs, ms);
    const last: LatencySample | undefined = event.samples.at(-1);
    if (last !== undefined && last.atSeconds === atSeconds) last.ms = Math.max(last.ms, ms);
    else if (event.samples.push({ atSeconds, ms }) > SAMPLES_MAX) event.samples.shift();
  }

  reset(name: string): boolean {
    return this.events.delete(name);
  }
}
