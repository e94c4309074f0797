/**
 * Cuts the power at every changing call of a run, and checks what each surviving disk holds.
 *
 * At every step of the device the crash models give surviving disks. Each is opened and must hold exactly a prefix of
 * the operations, with everything in it that the durability mode promised. Some are gone on from: the power is also cut
 * at every step of their recovery, and of the recovery after that; and a few more actions follow, cut in the same way.
 * A run is repeated by its scenario and seed.
 */
import { FerriteError, Prng } from '@ferrite/core/module';
import { type CrashModel, SimDevice, type SimStep } from '../../src/index.ts';
import { damagedCheckpoint, withoutCheckpoints } from './checkpoint-damage.ts';
import { databaseOf } from './database-door.ts';
import { History } from './history.ts';
import type { Scenario } from './scenario.ts';
import { Session, type World } from './session.ts';

const SUBSETS = 8;
/** Cuts of one run, cuts of a recovery or of what follows it, cuts of a recovery of those. */
const DEPTH = 2;
const FOLLOWING_ACTIONS = 4;
const ORDER_ONE_IN = 6;

/** A disk after a power cut, and what it must hold. */
interface Cut {
  image: SimDevice;
  where: string;
  history: History;
  low: number;
  high: number;
  /** Of the operations that it holds, those that another power cut must not take either. */
  durable: number;
  nowMs: number;
}

/** What a run did. */
export interface Tally {
  /** Surviving disks opened and checked. */
  cuts: number;
  /** Of them, from a cut during a recovery. */
  duringRecovery: number;
  /** Changing calls at which the power was cut. */
  steps: number;
  compactedSegments: number;
  checkpoints: number;
}

export class Violation extends Error {
  override readonly name = 'Violation';
}

export class PowerCuts {
  readonly tally: Tally = { cuts: 0, duringRecovery: 0, steps: 0, compactedSegments: 0, checkpoints: 0 };
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #prng: Prng;
  readonly #world: World;

  constructor(scenario: Scenario, seed: number) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#prng = new Prng(seed);
    this.#world = { scenario, prng: this.#prng, valuesMade: 0 };
  }

  /** Runs all of it; throws a `Violation` that says how to repeat it. */
  async run(): Promise<Tally> {
    const device = new SimDevice({ seed: this.#seed });
    const session = this.#session(device, device.clock.nowMs(), new History(), 0);
    await this.#play(session, this.#scenario.actions, DEPTH, 'start');
    return this.tally;
  }

  #session(device: SimDevice, nowMs: number, history: History, durable: number): Session {
    return new Session(this.#world, device, nowMs, history, durable);
  }

  /** Opens the store, performs actions, and checks every cut of both. */
  async #play(session: Session, actions: number, depth: number, where: string): Promise<void> {
    const { device } = session;
    const cuts: Cut[] = [];
    let at = `${where}, open`;
    device.onStep = (step) => this.#capture(device, session, step, at, cuts);
    try {
      session.open();
      await this.#checkAll(cuts, depth - 1);
      for (let i = 0; i < actions; i++) {
        at = `${where}, action ${i + 1}`;
        await session.act();
        if (session.complaint !== undefined) throw session.complaint;
        await this.#checkAll(cuts, depth - 1);
      }
    } catch (error) {
      throw this.#violation(at, error);
    }
    device.onStep = undefined;
    session.addCounters();
    this.tally.compactedSegments += session.compactedSegments;
    this.tally.checkpoints += session.checkpoints;
  }

  #violation(where: string, error: unknown): Violation {
    if (error instanceof Violation) return error;
    const { name } = this.#scenario;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return new Violation(`scenario '${name}', seed ${this.#seed}, ${where}: ${text}`, { cause: error });
  }

  #capture(device: SimDevice, session: Session, step: SimStep, where: string, cuts: Cut[]): void {
    this.tally.steps++;
    const { history } = session;
    const high = history.count;
    const nowMs = session.clock.nowMs();
    const killed = session.mustSurvive('kill');
    const cut = session.mustSurvive('power cut');
    for (const [model, seed] of this.#models(device)) {
      cuts.push({
        image: device.crash(model, seed, this.#scenario.sectors),
        where: `${where}, step ${step.step} (${step.operation} ${step.name}), ${model} ${seed}`,
        history,
        low: model === 'everything' ? killed : cut,
        durable: cut,
        high,
        nowMs,
      });
    }
  }

  #models(device: SimDevice): [CrashModel, number][] {
    const { prefixes, subsets } = this.#scenario;
    const units = device.unsyncedUnits;
    const models: [CrashModel, number][] = [
      ['nothing', 1],
      ['everything', 1],
    ];
    if (units === 0) return models.slice(0, 1);
    if (units - 1 <= prefixes) for (let k = 1; k < units; k++) models.push([`prefix:${k}`, k]);
    else for (let i = 0; i < prefixes; i++) models.push([`prefix:${1 + this.#prng.nextBelow(units - 1)}`, i]);
    const first = this.#prng.nextBelow(SUBSETS);
    for (let i = 0; i < subsets; i++) models.push(['subset', this.#seed * SUBSETS + ((first + i) % SUBSETS)]);
    return models;
  }

  #oneIn(count: number): boolean {
    return this.#prng.nextDouble() * count < 1;
  }

  async #checkAll(cuts: Cut[], depth: number): Promise<void> {
    for (const cut of cuts.splice(0)) await this.#check(cut, depth);
  }

  async #check(cut: Cut, depth: number): Promise<void> {
    this.tally.cuts++;
    const goOn = depth > 0 && this.#oneIn(this.#scenario.goOnOneIn);
    const spare = goOn ? cut.image.crash('everything') : undefined;
    const found = this.#open(cut);
    if (this.#oneIn(this.#scenario.damageOneIn)) this.#checkDamaged(cut, found);
    if (spare === undefined) return;
    await this.#cutRecovery(spare, cut, found, depth);
  }

  /** Opens a surviving disk; returns how many operations it holds. */
  #open(cut: Cut): number {
    try {
      const session = this.#session(cut.image, cut.nowMs, cut.history, cut.durable);
      session.open('steal');
      const found = session.findPrefix(cut.low, cut.high);
      if (this.#oneIn(ORDER_ONE_IN)) checkOrder(session);
      if (session.complaint !== undefined) throw session.complaint;
      return found;
    } catch (error) {
      throw this.#violation(cut.where, error);
    }
  }

  /** Damage to a checkpoint changes nothing but the time that opening takes. */
  #checkDamaged(cut: Cut, found: number): void {
    const exactly = { ...cut, low: found, high: found };
    const older = damagedCheckpoint(cut.image, this.#prng);
    if (older !== undefined) {
      letItBeFound(this.#session(older, cut.nowMs, cut.history, 0));
      this.#open({ ...exactly, image: older, where: `${cut.where}, newest checkpoint damaged` });
    }
    const rebuilt = withoutCheckpoints(cut.image);
    if (rebuilt !== undefined) this.#open({ ...exactly, image: rebuilt, where: `${cut.where}, no checkpoints` });
  }

  /** Cuts the power at every step of a recovery, and of what is done after it. */
  async #cutRecovery(image: SimDevice, cut: Cut, found: number, depth: number): Promise<void> {
    const inner: Cut[] = [];
    // Garbage in a sector that is written again may take with it what nobody had been promised.
    const kept = this.#scenario.sectors === 'garbage' ? cut.durable : found;
    const session = this.#session(image, cut.nowMs, cut.history, cut.durable);
    image.onStep = (step) => {
      this.tally.steps++;
      for (const [model, seed] of this.#models(image)) {
        const where = `${cut.where}; its recovery, step ${step.step} (${step.operation} ${step.name}), ${model} ${seed}`;
        const again = image.crash(model, seed, this.#scenario.sectors);
        inner.push({ ...cut, image: again, where, low: kept, high: found });
      }
    };
    session.open();
    image.onStep = undefined;
    this.tally.duringRecovery += inner.length;
    for (const again of inner) {
      this.tally.cuts++;
      const spare = again.image.crash('everything');
      const foundAgain = this.#open(again);
      if (depth > 1) await this.#cutRecovery(spare, again, foundAgain, depth - 1);
    }
    if (inner.length > 0 && depth === 1) return;
    // The store that recovered is abandoned as it is: another process opens the same disk and goes on.
    const disk = image.crash('everything');
    const next = this.#session(disk, cut.nowMs, cut.history.prefix(found), kept);
    await this.#play(next, FOLLOWING_ACTIONS, depth, `${cut.where}; then`);
  }
}

/** Damage in a slice shows when the slice is first needed: that open ends with an error, and the next is sound. */
function letItBeFound(session: Session): void {
  try {
    session.open();
    session.contents();
  } catch (error) {
    if (!(error instanceof FerriteError && error.code === 'FERRITE_CORRUPT' && error.message.includes('set aside')))
      throw error;
  }
}

function checkOrder(session: Session): void {
  const nowMs = session.clock.nowMs();
  const content = session.contents();
  const asked = [...content.keys()].filter((key) => databaseOf(key) === 0).sort();
  const keys = session.orderedKeys();
  if (keys.length !== asked.length || keys.some((key, i) => key !== asked[i])) {
    throw new Error(`keys in order at ${nowMs}: ${keys.join(' ')}, not ${asked.join(' ')}`);
  }
}
