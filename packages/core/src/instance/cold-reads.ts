/**
 * Commands whose records are on disk: their client waits, and nobody else does.
 *
 * A handler that meets such a record is unwound (`ReadGate`), the client suspended, what it lacked read off the loop and
 * pinned in the read cache; then the command runs anew from its start, as if it had come then: what it may do, who
 * watches what, which keys are over is asked when it runs. Commands that could not be unwound, because they write key
 * after key or run a queue, have all of their keys brought before.
 *
 * While reads are fast they are not worth a trip to the pool: handlers make them on the spot, and beyond what a turn of
 * the loop allows their clients wait for the next one.
 *
 * A command may also wait for work that goes on by itself, such as putting a sorted set in order.
 *
 * What always holds: a client waits for one fetch at most; its pins are gone when its command has run, was put off, or
 * will never run.
 */
import type { Call } from '../commands/call.ts';
import { type CommandRow, RUNS_QUEUE, WRITE } from '../commands/command.ts';
import { forEveryKey } from '../commands/keys-of.ts';
import { KEY_SIZE_MAX_BYTES } from '../base/limits.ts';
import { Fetch } from '../engine/fetcher.ts';
import { LARGE_CHUNK_BYTES } from '../engine/large-values.ts';
import { locate } from '../engine/locate.ts';
import { ROUNDS_MAX } from '../engine/read-gate.ts';
import { objectIdOf } from '../engine/record.ts';
import { isLargeString } from '../engine/string-value.ts';
import type { Client } from './client.ts';
import type { CommandQueue } from './command-queue.ts';
import { loadCall } from './executor.ts';
import type { Instance } from './instance.ts';

/** Flags of keys whose values are looked at. */
const ACCESS = 'access';

/** What a client waits for, and what its command goes on with. */
export interface ColdRead {
  fetch: Fetch;
  rounds: number;
  seed: number;
}

export class ColdReads {
  private readonly instance: Instance;
  private nextTurn: Client[] = [];
  private isTurnScheduled = false;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  /** The client's command, for which records were read, is run anew. */
  resumed({ rounds, seed }: ColdRead): void {
    this.instance.store.gate.rounds = rounds;
    this.instance.call.seed = seed;
  }

  /** The handler of the client's command was unwound: it waits for what it lacked, and for the other keys of its row. */
  suspend(client: Client): void {
    const { gate } = this.instance.store;
    const { wanted, awaited } = gate;
    gate.wanted = [];
    gate.awaited = null;
    if (awaited !== null) {
      const coldRead = this.pause(client);
      awaited.then(() => {
        if (client.coldRead === coldRead) this.goOn(client);
      });
      return;
    }
    this.addKeys(wanted, false);
    this.wait(client, wanted);
  }

  private wait(client: Client, addresses: number[]): void {
    const { store } = this.instance;
    const { fetch } = this.pause(client);
    if (store.gate.isFast) this.waitForTurn(client);
    else store.fetcher.start(fetch, addresses);
  }

  /** The client's command will run anew. */
  private pause(client: Client): ColdRead {
    const { store, call } = this.instance;
    client.coldRead ??= { fetch: new Fetch(() => this.goOn(client)), rounds: 0, seed: 0 };
    const { coldRead } = client;
    coldRead.rounds++;
    coldRead.seed = call.seed;
    call.seed = 0;
    store.gate.rounds = 0;
    client.isSuspended = true;
    client.hasCommandAtHand = true;
    return coldRead;
  }

  /** Reads are fast: the client makes them itself, when other clients have had a turn. */
  private waitForTurn(client: Client): void {
    this.nextTurn.push(client);
    this.scheduleTurn();
  }

  private scheduleTurn(): void {
    if (this.isTurnScheduled) return;
    this.isTurnScheduled = true;
    this.instance.store.yieldTurn().then(() => {
      this.isTurnScheduled = false;
      this.beginTurn();
    });
  }

  /** Lets clients go on while there is time for reads; those that have to wait again come after all others. */
  private beginTurn(): void {
    const { gate } = this.instance.store;
    const clients = this.nextTurn;
    this.nextTurn = [];
    let i = 0;
    for (; i < clients.length && (gate.mayReadInline || !gate.isFast); i++) this.goOn(clients[i]);
    if (i === clients.length) return;
    this.nextTurn = [...clients.slice(i), ...this.nextTurn];
    this.scheduleTurn();
  }

  /** What the client waited for is there, or its turn has come. */
  private goOn(client: Client): void {
    const { coldRead } = client;
    if (coldRead === null) return;
    const { rounds } = coldRead;
    client.isSuspended = false;
    client.link.resume();
    // Its connection has to drain first, or CLIENT PAUSE came between: others may have the room.
    if (client.coldRead === coldRead && coldRead.rounds === rounds) this.drop(client);
  }

  /** The client's command has run. */
  finished(client: Client): void {
    this.instance.store.gate.rounds = 0;
    this.instance.call.seed = 0;
    this.drop(client);
  }

  /** What was brought for the client is not needed any more. */
  drop(client: Client): void {
    const { coldRead } = client;
    if (coldRead === null) return;
    client.coldRead = null;
    this.instance.store.fetcher.release(coldRead.fetch);
  }

  /**
   * Whether the command at hand must have its keys brought before it runs: it could not be unwound in its midst, or would
   * tell twice of the keys that it missed.
   */
  needsAll(row: CommandRow): boolean {
    if ((row.flags & (WRITE | RUNS_QUEUE)) === 0 && !this.instance.notifications.tellsMisses) return false;
    const { keys, moreKeys, flags } = row;
    const isMany = moreKeys !== undefined || (keys !== undefined && keys.first !== keys.last);
    return (isMany || (flags & RUNS_QUEUE) !== 0) && this.instance.store.hasRecordsOnDisk;
  }

  /** Whether that is so, or need not be; else the client waits for it. */
  hasAll(client: Client): boolean {
    const { instance } = this;
    const { gate } = instance.store;
    if (gate.rounds >= ROUNDS_MAX) return true;
    const wanted: number[] = [];
    if ((instance.call.row.flags & RUNS_QUEUE) === 0) this.addKeys(wanted, false);
    else if (client.queue !== null && !client.queue.isSpoiled) this.addQueue(client, client.queue, wanted);
    if ((gate.isFast && gate.mayReadInline) || !wanted.some((address) => gate.isMissing(address))) return true;
    this.wait(client, wanted);
    return false;
  }

  private addQueue(client: Client, queue: CommandQueue, wanted: number[]): void {
    const { call } = this.instance;
    const { row } = call;
    for (let i = 0; i < queue.size; i++) {
      queue.load(i, call);
      this.addKeys(wanted, true);
    }
    loadCall(call, client);
    call.row = row;
  }

  /** Adds the records on disk of the call's keys; with `isWhole` the parts of large values, too, if these are looked at. */
  private addKeys(wanted: number[], isWhole: boolean): void {
    const { call } = this.instance;
    const hasAccess = isWhole && call.row.keys?.flags.includes(ACCESS) !== false;
    forEveryKey(call, (i) => {
      if (call.lengthOf(i) > KEY_SIZE_MAX_BYTES) return;
      this.addKey(call, i, wanted, hasAccess);
    });
  }

  private addKey(call: Call, i: number, wanted: number[], hasAccess: boolean): void {
    const { store } = call;
    const { gate, key } = store;
    const table = store.table(call.database);
    key.setFrom(call.bytes, call.starts[i], call.lengthOf(i));
    for (let address = table.find(key.hash); address !== 0; address = table.next(key.hash)) {
      if (gate.isOnDisk(address)) wanted.push(address);
      if (!hasAccess || gate.isMissing(address)) continue;
      locate(store, address);
      if (isLargeString(store)) this.addChunks(wanted);
    }
  }

  /** Adds the parts of the located large value, as many as may be kept. */
  private addChunks(wanted: number[]): void {
    const { store } = this.instance;
    const { gate } = store;
    const chunks = store.large.get(objectIdOf(store.words, store.word))?.chunks ?? [];
    const countMax = Math.floor(gate.pinnedMaxBytes / LARGE_CHUNK_BYTES);
    for (let i = 0; i < chunks.length && wanted.length < countMax; i++) {
      if (chunks[i] !== 0 && gate.isOnDisk(chunks[i])) wanted.push(chunks[i]);
    }
  }
}
