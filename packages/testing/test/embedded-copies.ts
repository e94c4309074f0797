/**
 * Copies of the database that the fuzz keeps or takes: one that follows the change feed from token to token, through
 * kills, reopening and compaction, and backups that are opened after a power cut. Each must be what the model is.
 */
import { copyStore, openDriven, Prng } from '@ferrite/core/module';
import { SimDevice } from '@ferrite/testing';
import { type KeyText, type ModelEntry, sameEntry } from './embedded-model.ts';
import { show, type Value, type World } from './embedded-world.ts';

const BACKUP_STEPS_MAX = 2000;
const TICK_MS = 100;

export class Copies {
  /** Changes that were followed, over all copies. */
  followed = 0;
  private readonly world: World;
  private copy = new Map<KeyText, ModelEntry>();
  private token: string | undefined;

  constructor(world: World) {
    this.world = world;
  }

  /** Brings the copy up to date; begins a new one when the changes are no longer kept. */
  async follow(): Promise<string> {
    const { world } = this;
    if (world.setup.isInMemory) return 'no feed in memory';
    world.await(world.driven.db.commit());
    await world.drain(true);
    if (this.token !== undefined) {
      try {
        return await this.read(this.token);
      } catch (error) {
        if ((error as { code?: string }).code !== 'FERRITE_SNAPSHOT_REQUIRED') throw error;
      }
    }
    this.copy = new Map(world.model.entries);
    const feed = world.driven.db.changes({ from: 'now' });
    this.token = feed.token;
    await feed.return();
    return 'feed: from now on';
  }

  private async read(token: string): Promise<string> {
    const { world, copy } = this;
    const feed = world.driven.db.changes({ from: token });
    let count = 0;
    for await (const change of feed) {
      count++;
      if (change.type === 'clear') {
        copy.clear();
        continue;
      }
      const key = (change.keyBytes ?? Buffer.from(change.key)).toString('latin1');
      if (change.type === 'set') {
        copy.set(key, { value: Buffer.from(change.value as string), expiresAtMs: change.expiresAt ?? 0 });
      } else if (change.type === 'del') copy.delete(key);
    }
    this.token = feed.token;
    this.followed += count;
    this.compare('a copy by the feed', copy);
    return `feed: ${count} changes`;
  }

  /** Backs up, cuts the power of the copy's disk, and opens it. */
  async backup(): Promise<string> {
    const { world } = this;
    if (world.setup.isInMemory) return 'no backup in memory';
    await world.drain(true);
    const target = new SimDevice({ clock: world.clock, seed: world.below(2 ** 31) });
    let isDone = false;
    world.await(copyStore(world.driven.store, target), () => {
      isDone = true;
    });
    for (let left = BACKUP_STEPS_MAX; !isDone; left--) {
      world.check(left > 0, () => 'a backup never ends');
      if (world.driven.step()) continue;
      await world.drain(false);
      world.clock.advance(TICK_MS);
      world.driven.tick();
    }
    const { db } = openDriven<Value>(world.setup.options, {
      device: target.crash('nothing'),
      clock: world.clock,
      prng: new Prng(world.setup.seed),
    });
    this.compare('a backup', world.readAll(db));
    db.close();
    return 'backup';
  }

  private compare(what: string, copy: ReadonlyMap<KeyText, ModelEntry>): void {
    const { model, nowMs } = this.world;
    for (const key of new Set([...model.entries.keys(), ...copy.keys()])) {
      const entry = copy.get(key);
      const found = this.asGiven(model.isLive(entry, nowMs) ? entry : undefined);
      const expected = this.asGiven(model.get(key, nowMs));
      this.world.check(
        sameEntry(expected, found),
        () => `${what} has ${show(found)} instead of ${show(expected)} at ${JSON.stringify(key.slice(0, 40))}`,
      );
    }
  }

  /** A feed gives what the codec makes of a value: bytes that are not UTF-8 come as replacement characters. */
  private asGiven(entry: ModelEntry | undefined): ModelEntry | undefined {
    if (entry === undefined || this.world.setup.options.codec === 'buffer') return entry;
    return { ...entry, value: Buffer.from(entry.value.toString('utf8')) };
  }
}
