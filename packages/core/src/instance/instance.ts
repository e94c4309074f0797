/** The instance: a store, the commands that run on it, and the clients they run for. */
import { Call } from '../commands/call.ts';
import type { CommandRow } from '../commands/command.ts';
import { allCommands } from '../commands/index.ts';
import type { Host } from '../commands/host.ts';
import { setEvictionPolicy } from '../engine/live-limits.ts';
import type { Store } from '../engine/store.ts';
import { ReplyBuffers } from '../protocol/reply-buffers.ts';
import type { RequestLimits } from '../protocol/request-parser.ts';
import { Client, type Link } from './client.ts';
import { CommandTable } from './command-table.ts';
import { TurnCommit } from './turn-commit.ts';

export class Instance implements Host {
  readonly store: Store;
  readonly call: Call;
  readonly turn: TurnCommit;
  readonly clients = new Map<number, Client>();
  private readonly table = new CommandTable(allCommands);
  private readonly limits: RequestLimits = { bulkLengthMax: 512 * 1024 * 1024 };
  readonly buffers = new ReplyBuffers();
  private nextClientId = 1;

  constructor(store: Store) {
    this.store = store;
    this.call = new Call(this, store);
    this.turn = new TurnCommit(store);
    setEvictionPolicy(store, store.evictionPolicy);
  }

  get commands(): readonly CommandRow[] {
    return this.table.rows;
  }

  findCommand(bytes: Uint8Array, start: number, end: number): CommandRow | undefined {
    return this.table.find(bytes, start, end);
  }

  keyChanged(): void {}

  databaseFlushed(): void {}

  databasesSwapped(): void {}

  keyEvent(): void {}

  connect(link: Link): Client {
    const client = new Client(this.nextClientId++, link, this.limits, this.buffers);
    this.clients.set(client.id, client);
    return client;
  }

  disconnect(client: Client): void {
    this.clients.delete(client.id);
  }
}
