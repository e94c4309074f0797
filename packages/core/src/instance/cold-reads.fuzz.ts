/**
 * Clients that wait for records on disk, while reads end in any order and keys are changed, flushed, swapped, moved by
 * compaction, evicted from the read cache, and clients killed: by seed.
 *
 * A command takes effect when its handler runs to its end, and its reply is there at that moment. So the replies, in the
 * order in which they come from all clients, must be those of a model to which the commands are applied in that order,
 * and each client's must be in the order of its pipeline: each key is linearizable.
 */
import { expect } from 'vitest';
import { type ColdStore, keyOf, learnSlowness, openCold, SMALL, turn, valueOf } from '../../test/cold-store.ts';
import { TestClient } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';
import type { ReplyValue } from '../protocol/reply-parser.ts';

const KEYS = 3000;
const CLIENTS = 6;
const PIPELINE_MAX = 6;

export interface Fuzz {
  seed: number;
  steps: number;
  /** Spoils something, to see whether it is noticed. */
  plant?: (world: ColdStore) => void;
}

interface Entry {
  value: string;
  expiresAtMs: number;
}

/** What the databases should hold. */
class Model {
  private databases: Map<string, Entry>[] = [new Map(), new Map()];
  private readonly world: ColdStore;

  constructor(world: ColdStore) {
    this.world = world;
    for (let i = 0; i < KEYS; i++) this.databases[0].set(keyOf(i), { value: valueOf(i), expiresAtMs: 0 });
  }

  private find(key: string): Entry | undefined {
    const entry = this.databases[0].get(key);
    if (entry === undefined || entry.expiresAtMs === 0 || entry.expiresAtMs > this.world.clock.nowMs()) return entry;
    this.databases[0].delete(key);
    return undefined;
  }

  private set(key: string, value: string): void {
    this.databases[0].set(key, { value, expiresAtMs: 0 });
  }

  /** The reply to the command. */
  apply([name, ...args]: readonly string[]): ReplyValue {
    switch (name) {
      case 'GET':
        return this.find(args[0])?.value ?? null;
      case 'MGET':
        return args.map((key) => this.find(key)?.value ?? null);
      case 'SET':
        this.set(args[0], args[1]);
        return 'OK';
      case 'MSET':
        for (let i = 0; i < args.length; i += 2) this.set(args[i], args[i + 1]);
        return 'OK';
      case 'APPEND':
        return this.append(args[0], args[1]);
      case 'DEL':
        return args.filter((key) => this.find(key) !== undefined && this.databases[0].delete(key)).length;
      case 'PEXPIREAT':
        return this.expire(args[0], Number(args[1]));
      case 'FLUSHDB':
        this.databases[0].clear();
        return 'OK';
      case 'SWAPDB':
        this.databases.reverse();
        return 'OK';
      default:
        throw new Error(`no model of ${name}`);
    }
  }

  private append(key: string, text: string): number {
    const entry = this.find(key);
    if (entry === undefined) this.set(key, text);
    else entry.value += text;
    return (entry?.value ?? text).length;
  }

  private expire(key: string, atMs: number): number {
    const entry = this.find(key);
    if (entry === undefined) return 0;
    entry.expiresAtMs = atMs;
    return 1;
  }
}

/** Applies to the model what it has been answered, as soon as it is, and notes what is wrong. */
class CheckedClient extends TestClient {
  readonly sent: string[][] = [];
  /** Replies that are not the model's: each with its command. */
  readonly wrong: ReplyValue[][] = [];
  private readonly model: Model;

  constructor(world: ColdStore, model: Model) {
    super(world.instance);
    this.model = model;
  }

  pipeline(commands: string[][]): void {
    this.sent.push(...commands);
    const parts = commands.map((command) => {
      const bulks = command.map((part) => `$${part.length}\r\n${part}\r\n`).join('');
      return `*${command.length}\r\n${bulks}`;
    });
    this.sendBytes(Buffer.from(parts.join('')));
  }

  override flush(): void {
    super.flush();
    for (const reply of this.received()) {
      const command = this.sent.shift() ?? [];
      const expected = this.model.apply(command);
      if (JSON.stringify(reply) !== JSON.stringify(expected)) this.wrong.push([command, reply, expected]);
    }
  }
}

export async function fuzzColdReads({ seed, steps, plant }: Fuzz): Promise<ColdStore> {
  const prng = new Prng(seed);
  const world = openCold(KEYS, { ...SMALL, readCacheSize: seed % 2 === 0 ? '256kb' : '64kb' });
  const model = new Model(world);
  learnSlowness(world, world.connect());
  plant?.(world);
  const clients = Array.from({ length: CLIENTS }, () => new CheckedClient(world, model));
  for (let step = 0; step < steps; step++) {
    const at = prng.nextBelow(CLIENTS);
    const client = clients[at];
    const dice = prng.nextBelow(20);
    if (dice < 10) client.pipeline(drawPipeline(prng, world));
    else if (dice < 14) world.device.pump(1 + prng.nextBelow(3), prng);
    else if (dice < 16) await turn();
    else if (dice === 16) passTime(world);
    else if (dice < 19) driveBackground(world, prng);
    else {
      world.instance.sessions.kill(client.client);
      clients[at] = new CheckedClient(world, model);
    }
  }
  do await turn();
  while (world.device.pump(1, prng) > 0);
  for (const { wrong, sent } of clients) expect({ wrong, sent }).toEqual({ wrong: [], sent: [] });
  expect(world.driven.store.fetcher.isIdle).toBe(true);
  return world;
}

/** To the next whole second: deadlines lie in the middle of one, so that it does not matter what reads take. */
function passTime({ clock }: ColdStore): void {
  clock.advance(1000 - (clock.nowMs() % 1000));
}

function driveBackground({ driven, device }: ColdStore, prng: Prng): void {
  driven.tick();
  if (prng.nextBelow(4) === 0) driven.store.compactor?.whenDone().catch(() => undefined);
  for (let i = prng.nextBelow(50); i > 0 && driven.step(); i--);
  if (prng.nextBelow(8) === 0) device.pump(1, prng);
}

function drawPipeline(prng: Prng, world: ColdStore): string[][] {
  return Array.from({ length: 1 + prng.nextBelow(PIPELINE_MAX) }, () => drawCommand(prng, world));
}

function drawCommand(prng: Prng, { clock }: ColdStore): string[] {
  const key = (): string => keyOf(prng.nextBelow(KEYS));
  const value = (): string => `${prng.nextUint32()}`.repeat(1 + prng.nextBelow(20));
  const dice = prng.nextBelow(100);
  if (dice < 40) return ['GET', key()];
  if (dice < 55) return ['MGET', key(), key(), key()];
  if (dice < 70) return ['SET', key(), value()];
  if (dice < 78) return ['MSET', key(), value(), key(), value()];
  if (dice < 85) return ['APPEND', key(), 'x'];
  if (dice < 91) return ['DEL', key(), key()];
  if (dice < 99) return ['PEXPIREAT', key(), `${clock.nowMs() - (clock.nowMs() % 1000) + 1500}`];
  return prng.nextBelow(20) === 0 ? ['FLUSHDB'] : ['SWAPDB', '0', '1'];
}
