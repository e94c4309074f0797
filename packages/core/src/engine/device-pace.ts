/**
 * Whether writes should leave the loop, because the device lets them wait.
 *
 * A write on the spot is the cheapest there is, and holds the loop for as long as the device likes. The first one that
 * takes long makes the device a slow one: writes go through the pool until none has taken long for a while. A device that
 * is slow again soon after is left in the pool for twice as long. So a device that always lets writes wait holds the loop
 * once, one that does so now and then seldom, and one that did so once costs a second of writes in the pool.
 */

const SLOW_MS = 4;
/** What a device takes for the bytes of a long write is not waiting. */
const SLOW_BYTES_PER_MS = 256 * 1024;
const CALM_MIN_MS = 1000;
const CALM_MAX_MS = 60_000;
/** Slow again within so many of the times it had to be quick: it has not become another device. */
const RELAPSE_TIMES = 10;

export class DevicePace {
  isSlow = false;
  private calmMs = CALM_MIN_MS;
  private slowAtMs = Number.NEGATIVE_INFINITY;
  private quickSinceMs = Number.NEGATIVE_INFINITY;

  /** A write of so many bytes took so long, and has ended at `nowMs`. */
  note(tookMs: number, bytes: number, nowMs: number): void {
    if (tookMs >= SLOW_MS + bytes / SLOW_BYTES_PER_MS) {
      if (!this.isSlow) {
        const isRelapse = nowMs - this.quickSinceMs < this.calmMs * RELAPSE_TIMES;
        this.calmMs = isRelapse ? Math.min(this.calmMs * 2, CALM_MAX_MS) : CALM_MIN_MS;
      }
      this.isSlow = true;
      this.slowAtMs = nowMs;
    } else if (this.isSlow && nowMs - this.slowAtMs >= this.calmMs) {
      this.isSlow = false;
      this.quickSinceMs = nowMs;
    }
  }
}
