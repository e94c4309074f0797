/**
 * What the model-based fuzzes of collections have in common: a store in segments of one page on a simulated device, whose power
 * goes at any write, with checkpoints, compaction and opens between the operations. Who extends it changes the store and its
 * model, and compares them after a cut.
 */
import { type Driven, type OpenOptions, openDriven, Prng } from '@ferrite/core/module';
import { SimClock, SimDevice } from '@ferrite/testing';

const PAGE_BYTES = 128 * 1024;
const STEPS_MAX = 400;
const DICE = 40;

export class CutFuzz {
  protected readonly prng: Prng;
  protected readonly clock = new SimClock();
  protected device: SimDevice;
  protected driven!: Driven<string>;
  readonly tally = { cuts: 0, checkpoints: 0, compactedSegments: 0 };
  private readonly seed: number;
  private readonly hashBits: number;
  private readonly options: OpenOptions<string>;

  constructor(seed: number, hashBits: number, options: OpenOptions<string>) {
    this.seed = seed;
    this.hashBits = hashBits;
    this.options = options;
    this.prng = new Prng(seed);
    this.device = new SimDevice({ clock: this.clock, seed });
    this.open();
  }

  protected below(bound: number): number {
    return this.prng.nextBelow(bound);
  }

  protected open(): void {
    this.driven = openDriven<string>(
      { pageSize: '128kb', mutableRegionSize: '128kb', readOnlyRegionSize: 0, readCacheSize: 0, ...this.options },
      {
        device: this.device,
        clock: this.clock,
        prng: new Prng(this.seed + 1),
        hashBits: this.hashBits,
        segmentMinBytes: PAGE_BYTES,
        segmentMaxBytes: PAGE_BYTES,
      },
    );
  }

  /** Closes the store, with the power on from now on, and opens it again. */
  protected reopenAtEnd(): void {
    this.count();
    this.device.cutAfterStep(Number.POSITIVE_INFINITY);
    this.driven.db.close();
    this.open();
  }

  /** Before the store goes: what it counted. */
  protected count(): void {
    const { counters } = this.driven.store;
    this.tally.checkpoints += counters.checkpoints;
    this.tally.compactedSegments += counters.compactedSegments;
  }

  /** At one call in so many, the power goes within a few writes. */
  protected cutSoon(oneIn: number): void {
    if (this.below(oneIn) === 0) this.device.cutAfterStep(this.device.lastStep.step + 1 + this.below(12));
  }

  /** Opens what a power cut left; returns how much of what was not durable that is. */
  protected reopenAfterCut(): string {
    this.count();
    this.tally.cuts++;
    const crash = (['nothing', 'subset', 'everything'] as const)[this.below(3)];
    this.device = this.device.crash(crash, this.prng.nextUint32());
    this.open();
    return crash;
  }

  /** Work behind the operations; time by the clock is looked at for dice above `tickAbove` of 40. */
  protected work(tickAbove = DICE): void {
    const { driven } = this;
    const dice = this.below(DICE);
    if (dice < 4) driven.store.checkpointer?.request();
    if (dice === 4) driven.db.compact().catch(() => undefined);
    if (dice > tickAbove) driven.tick();
    if (dice === 5) {
      driven.db.close();
      this.count();
      this.open();
      this.onReopened();
    } else if (dice === 6) driven.store.backgroundSync(Number.POSITIVE_INFINITY, 'now');
    else for (let left = this.below(STEPS_MAX); left > 0 && this.stepOnce(); left--);
  }

  /** The store was closed in good order, and opened. */
  protected onReopened(): void {}

  /** What the device does in the pool settles. */
  protected async settle(): Promise<void> {
    for (let turn = this.below(3); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
  }

  private stepOnce(): boolean {
    const { store } = this.driven;
    const isMore = store.checkpointer?.step('now') === true;
    return store.compactor?.step('now') === true || isMore || store.backgroundStep();
  }
}
