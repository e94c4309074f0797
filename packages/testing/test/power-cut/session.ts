/**
 * One opening of a store on a simulated device: random actions on it, what they ask for, and what is promised of them.
 *
 * Nothing happens by itself: after an action everything that the store started has settled, unless the device holds it.
 */
import { type Driven, openDriven, type Prng } from '@ferrite/core/module';
import { SimClock, type SimDevice } from '../../src/index.ts';
import { DatabaseDoor, databaseOf, keyIn } from './database-door.ts';
import type { Change, Contents, Expected, History } from './history.ts';
import { Promises } from './promises.ts';
import type { Action, Scenario } from './scenario.ts';

const INTERVAL_MS = 300;
const LARGE_MIN_BYTES = 33_000;
const LARGE_MAX_BYTES = 90_000;
const STEPS_MAX = 5000;
const WIDE_BATCH = { writes: 14, valueBytes: 14_000 };
const HUGE_BATCH = { writes: 45, valueBytes: 16_000 };

/** What the sessions of a run share. */
export interface World {
  scenario: Scenario;
  prng: Prng;
  /** Distinguishes values. */
  valuesMade: number;
}

/** Lets everything that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets the store take its device for one that lets writes wait. */
function keepSlow({ store }: Driven<string>): void {
  Object.defineProperty(store.committer.pace, 'isSlow', { get: () => true, set: () => undefined });
}

export class Session {
  readonly device: SimDevice;
  readonly clock: SimClock;
  history: History;
  promises: Promises;
  driven: Driven<string> | undefined;
  /** Something went wrong in the background, or an answer was not the model's. */
  complaint: Error | undefined;
  checkpoints = 0;
  compactedSegments = 0;
  readonly #world: World;
  readonly #scenario: Scenario;
  readonly #prng: Prng;
  readonly #weightsTotal: number;
  #holding = 0;

  /** Of the operations in `history`, `durable` survive a power cut. */
  constructor(world: World, device: SimDevice, nowMs: number, history: History, durable: number) {
    const { scenario } = world;
    this.#world = world;
    this.#scenario = scenario;
    this.device = device;
    this.clock = new SimClock();
    this.clock.setNow(nowMs);
    this.#prng = world.prng;
    this.history = history;
    this.promises = this.#newPromises(history.count, durable);
    this.#weightsTotal = Object.values(scenario.weights).reduce((sum, weight) => sum + weight, 0);
  }

  #newPromises(killed: number, cut: number): Promises {
    return new Promises(this.#scenario.options.durability ?? 'everysec', INTERVAL_MS, killed, cut);
  }

  /** How many operations must survive now. */
  mustSurvive(what: 'kill' | 'power cut'): number {
    const nowMs = this.clock.nowMs();
    if (what === 'kill') return this.promises.afterKill(nowMs);
    return this.promises.afterPowerCut(nowMs, this.driven?.store.log.durableUntil ?? 0);
  }

  open(lock?: 'steal'): Driven<string> {
    const { options, hashBits } = this.#scenario;
    const interval = options.durability === 'interval' ? { commitIntervalMs: INTERVAL_MS } : {};
    this.driven = openDriven<string>(
      { ...options, ...interval, ...(lock === undefined ? {} : { lock }) },
      { device: this.device, clock: this.clock, prng: this.#prng, hashBits, segmentMaxBytes: 128 * 1024 },
    );
    this.driven.db.on('error', (error) => this.#complain(error));
    if (this.#scenario.isDeviceSlow) {
      this.device.lateWrites(2);
      keepSlow(this.driven);
    }
    return this.driven;
  }

  #complain(error: unknown): void {
    this.complaint ??= error instanceof Error ? error : new Error(String(error));
  }

  #expect(holds: boolean, text: string): void {
    if (!holds) this.#complain(new Error(text));
  }

  /** Adds up what the store that is about to go has done. */
  addCounters(): void {
    const counters = this.driven?.store.counters;
    this.checkpoints += counters?.checkpoints ?? 0;
    this.compactedSegments += counters?.compactedSegments ?? 0;
  }

  /** What the store holds, by every key that ever was. */
  contents(): Contents {
    const door = this.#door;
    const content: Contents = new Map();
    for (const key of this.history.keys) {
      const value = door.get(key);
      if (value !== undefined) content.set(key, { value, expiresAtMs: door.expiresAtMs(key) });
    }
    return content;
  }

  get #door(): DatabaseDoor {
    return new DatabaseDoor(this.driven as Driven<string>);
  }

  /** Keys of database 0 in order, as the ordered index has them. */
  orderedKeys(): string[] {
    return [...(this.driven as Driven<string>).db.keys()];
  }

  async act(action: Action = this.#draw()): Promise<void> {
    await this.#perform(action);
    const driven = this.driven as Driven<string>;
    const { checkpointer } = driven.store;
    for (let i = 0; i < this.#scenario.stepsBetween; i++) {
      if (this.#scenario.alwaysCheckpoint && checkpointer?.isIdle) checkpointer.request();
      driven.step();
      await settle();
    }
    if (this.#holding > 0 && --this.#holding === 0) this.device.release();
    await settle();
  }

  #draw(): Action {
    let left = this.#prng.nextBelow(this.#weightsTotal);
    for (const [action, weight] of Object.entries(this.#scenario.weights)) {
      left -= weight;
      if (left < 0) return action as Action;
    }
    return 'set';
  }

  async #perform(action: Action): Promise<void> {
    const { db, store, tick, step, stepSync } = this.driven as Driven<string>;
    const prng = this.#prng;
    switch (action) {
      case 'set':
      case 'grow':
      case 'large':
        return this.#set(this.#anyKey(), this.#length(action), prng.nextBelow(6) === 0 ? 50 + prng.nextBelow(900) : 0);
      case 'del':
        return this.#del(this.#anyKey());
      case 'expire':
        return this.#expire(this.#anyKey(), 1 + prng.nextBelow(900));
      case 'persist':
        return this.#persist(this.#key());
      case 'batch':
        return this.#batch(1 + prng.nextBelow(6), 300);
      case 'wideBatch':
        return this.#batch(WIDE_BATCH.writes, WIDE_BATCH.valueBytes);
      case 'hugeBatch':
        return this.#batch(HUGE_BATCH.writes, HUGE_BATCH.valueBytes);
      case 'async':
        return this.#async(1 + prng.nextBelow(4));
      case 'commit':
        return this.#commit();
      case 'commitSync': {
        const count = this.history.count;
        db.commitSync();
        this.promises.commit(count);
        return;
      }
      case 'time':
        for (let ticks = 1 + prng.nextBelow(8); ticks > 0; ticks--) {
          this.clock.advance(100);
          tick();
          await settle();
        }
        return;
      case 'step':
        if (this.#scenario.alwaysCheckpoint && store.checkpointer?.isIdle) store.checkpointer.request();
        for (let steps = 1 + prng.nextBelow(4); steps > 0; steps--) {
          step();
          await settle();
        }
        return;
      case 'stepSync':
        stepSync();
        return;
      case 'checkpoint':
        store.checkpointer?.request();
        return;
      case 'compact':
        return this.#compact();
      case 'hold':
        this.device.hold();
        this.#holding = 1 + prng.nextBelow(4);
        return;
      case 'flush':
        return this.#flush([prng.nextBelow(this.#scenario.databases)]);
      case 'flushAll':
        return this.#flush(Array.from({ length: this.#scenario.databases }, (_, database) => database));
      case 'swap':
        return this.#swap(prng.nextBelow(this.#scenario.databases), prng.nextBelow(this.#scenario.databases));
      case 'move':
        return this.#move(this.#anyKey(), this.#anyKey());
      case 'kill':
        return this.#kill();
      case 'close':
        return this.#close();
    }
  }

  #key(): string {
    return `key-${this.#prng.nextBelow(this.#scenario.keys)}`;
  }

  #anyKey(): string {
    const { databases } = this.#scenario;
    return databases === 1 ? this.#key() : keyIn(this.#prng.nextBelow(databases), this.#key());
  }

  #value(length: number): string {
    const unit = `v${++this.#world.valuesMade}.`;
    return unit.repeat(Math.ceil(length / unit.length)).slice(0, Math.max(length, unit.length));
  }

  #length(action: 'set' | 'grow' | 'large'): number {
    const prng = this.#prng;
    if (action === 'large') return LARGE_MIN_BYTES + prng.nextBelow(LARGE_MAX_BYTES - LARGE_MIN_BYTES);
    return action === 'grow' ? prng.nextBelow(this.#scenario.valueMaxBytes) : prng.nextBelow(200);
  }

  /** Runs a write: it counts as asked for from before it begins, and as acknowledged when it has returned. */
  #write(changes: Change[], run: () => void): void {
    const count = this.history.add(changes);
    run();
    this.#acknowledge(count);
  }

  #acknowledge(count: number): void {
    const { store } = this.driven as Driven<string>;
    this.promises.acknowledge(count, this.clock.nowMs(), store.log.tail);
  }

  #set(key: string, length: number, ttlMs: number): void {
    const door = this.#door;
    const value = this.#value(length);
    const to = { value, expiresAtMs: ttlMs === 0 ? 0 : this.clock.nowMs() + ttlMs };
    this.#write([{ key, to }], () => door.set(key, value, ttlMs));
    this.#expect(door.get(key) === value, `${key} is not what was set`);
  }

  #live(key: string): Expected | undefined {
    return this.history.live(key, this.clock.nowMs());
  }

  #del(key: string): void {
    const door = this.#door;
    const was = this.#live(key);
    this.#write(was === undefined ? [] : [{ key, to: undefined }], () => {
      this.#expect(door.del(key) === (was !== undefined), `del of ${key} did not find what was there`);
    });
    this.#expect(door.get(key) === undefined, `${key} is there after del`);
  }

  #expire(key: string, ttlMs: number): void {
    const door = this.#door;
    const was = this.#live(key);
    const to = { value: was?.value ?? '', expiresAtMs: this.clock.nowMs() + ttlMs };
    this.#write(was === undefined ? [] : [{ key, to }], () => {
      this.#expect(door.expire(key, ttlMs) === (was !== undefined), `expire of ${key} did not find what was there`);
    });
  }

  #persist(key: string): void {
    const { db } = this.driven as Driven<string>;
    const was = this.#live(key);
    const has = was !== undefined && was.expiresAtMs !== 0;
    this.#write(has ? [{ key, to: { value: was.value, expiresAtMs: 0 } }] : [], () => {
      this.#expect(db.persist(key) === has, `persist of ${key} did not find what was there`);
    });
  }

  #flush(databases: readonly number[]): void {
    const changes: Change[] = [];
    for (const key of this.history.now.keys()) {
      if (databases.includes(databaseOf(key))) changes.push({ key, to: undefined });
    }
    this.#write(changes, () => this.#door.flush(databases));
  }

  #swap(one: number, other: number): void {
    if (one === other) return;
    const keys = new Set<string>();
    for (const key of this.history.keys) {
      const database = databaseOf(key);
      if (database === one || database === other) keys.add(keyIn(one, key)).add(keyIn(other, key));
    }
    const changes = [...keys].map((key) => ({
      key,
      to: this.#live(keyIn(databaseOf(key) === one ? other : one, key)),
    }));
    this.#write(changes, () => this.#door.swap(one, other));
  }

  #move(from: string, to: string): void {
    const was = this.#live(from);
    if (was === undefined || from === to) return;
    const changes = [
      { key: to, to: was },
      { key: from, to: undefined },
    ];
    this.#write(changes, () => this.#door.move(from, to));
    this.#expect(this.#door.get(to) === was.value, `${to} is not what ${from} was`);
  }

  #batch(writes: number, valueBytes: number): void {
    const prng = this.#prng;
    const batch = (this.driven as Driven<string>).db.batch();
    const staged = new Map<string, Expected | undefined>();
    const state = (key: string): Expected | undefined => (staged.has(key) ? staged.get(key) : this.#live(key));
    for (let i = 0; i < writes; i++) {
      const key = this.#key();
      const kind = prng.nextBelow(8);
      if (kind === 0) {
        batch.del(key);
        staged.set(key, undefined);
      } else if (kind === 1) {
        const ttlMs = 1 + prng.nextBelow(900);
        const was = state(key);
        batch.expire(key, ttlMs);
        if (was !== undefined) staged.set(key, { value: was.value, expiresAtMs: this.clock.nowMs() + ttlMs });
      } else {
        const value = this.#value(valueBytes === 300 ? prng.nextBelow(valueBytes) : valueBytes);
        batch.set(key, value);
        staged.set(key, { value, expiresAtMs: 0 });
      }
    }
    const changes = [...staged].map(([key, to]) => ({ key, to }));
    if (prng.nextBelow(3) !== 0) {
      this.#write(changes, () => batch.commit());
      return;
    }
    const count = this.history.add(changes);
    this.#track(batch.commitAsync(), () => this.#acknowledge(count));
  }

  /** Writers that share a turn. */
  #async(writers: number): void {
    const { db } = this.driven as Driven<string>;
    for (let i = 0; i < writers; i++) {
      const key = this.#key();
      const value = this.#value(this.#prng.nextBelow(300));
      const count = this.history.add([{ key, to: { value, expiresAtMs: 0 } }]);
      this.#track(db.setAsync(key, value), () => this.#acknowledge(count));
    }
  }

  #commit(): void {
    const count = this.history.count;
    const { promises } = this;
    this.#track((this.driven as Driven<string>).db.commit(), () => promises.commit(count));
  }

  #track(promise: Promise<unknown>, done: () => void): void {
    const { driven } = this;
    promise.then(
      () => {
        if (this.driven === driven) done();
      },
      (error) => this.#complain(error),
    );
  }

  async #compact(): Promise<void> {
    const { db, step, tick } = this.driven as Driven<string>;
    if (this.#holding > 0) return;
    let done = false;
    const compacted = db.compact().then(() => {
      done = true;
    });
    for (let steps = 0; !done; steps++) {
      if (steps > STEPS_MAX) throw new Error('compact does not end');
      step();
      await settle();
      this.clock.advance(10);
      if (steps % 10 === 9) tick();
    }
    await compacted;
  }

  /** The process is gone, the machine is not: another one opens the store, on a disk that has not synced. */
  async #kill(): Promise<void> {
    this.device.release();
    this.#holding = 0;
    await settle();
    this.addCounters();
    const low = this.mustSurvive('kill');
    const cut = this.mustSurvive('power cut');
    this.open('steal');
    const count = this.findPrefix(low, this.history.count);
    this.history = this.history.prefix(count);
    this.promises = this.#newPromises(count, Math.min(cut, count));
  }

  /** Which prefix, of `low` to `high` operations, the store holds; throws when it is none. */
  findPrefix(low: number, high: number): number {
    const content = this.contents();
    const nowMs = this.clock.nowMs();
    const count = this.history.find(content, low, high, nowMs);
    if (count !== -1) return count;
    const texts = [low, high].map(
      (end) => `${end}: ${this.history.differences(content, end, nowMs).slice(0, 4).join('; ')}`,
    );
    throw new Error(`the store holds no prefix from ${low} to ${high} operations. Against ${texts.join(' | ')}`);
  }

  async #close(): Promise<void> {
    this.device.release();
    this.#holding = 0;
    await settle();
    (this.driven as Driven<string>).db.close();
    this.addCounters();
    const { count } = this.history;
    this.promises = this.#newPromises(count, count);
    this.open();
  }
}
