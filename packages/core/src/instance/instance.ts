/** The instance: a store, the commands that run on it, and the clients they run for. */
import { Call } from '../commands/call.ts';
import type { CommandRow } from '../commands/command.ts';
import type { Host } from '../commands/host.ts';
import { allCommands } from '../commands/index.ts';
import type { Store } from '../engine/store.ts';
import { ReplyBuffers } from '../protocol/reply-buffers.ts';
import type { RequestLimits } from '../protocol/request-parser.ts';
import { Authentication } from './authentication.ts';
import { Channels } from './channels.ts';
import { Client, type Link } from './client.ts';
import { ClientList } from './client-list.ts';
import { ColdReads } from './cold-reads.ts';
import { CommandTable } from './command-table.ts';
import { CommitWaits } from './commit-waits.ts';
import type { Config } from './config.ts';
import { configOf, followConfig } from './config-effects.ts';
import { GATE_MONITORED } from './gates.ts';
import { KeyObserver } from './key-observer.ts';
import { Monitors } from './monitors.ts';
import { Notifications } from './notifications.ts';
import { Pause } from './pause.ts';
import { Pushes } from './pushes.ts';
import { Shutdown } from './shutdown.ts';
import { Tracking } from './tracking.ts';
import { Transactions } from './transactions.ts';
import type { Log } from './log.ts';
import { Traffic } from './traffic.ts';
import { TurnCommit } from './turn-commit.ts';
import { Watches } from './watches.ts';

export class Instance implements Host {
  readonly store: Store;
  readonly config: Config;
  readonly call: Call;
  readonly turn: TurnCommit;
  readonly clients = new Map<number, Client>();
  /** See `gates.ts`. */
  gates = 0;
  readonly buffers = new ReplyBuffers();
  readonly pushes = new Pushes(this.buffers);
  readonly sessions = new ClientList(this);
  readonly authentication = new Authentication();
  readonly channels = new Channels(this.pushes);
  readonly monitors = new Monitors(this.pushes);
  readonly pause = new Pause(this);
  readonly coldReads = new ColdReads(this);
  readonly commitWaits = new CommitWaits(this);
  readonly shutdown = new Shutdown(this);
  readonly transactions = new Transactions(this);
  readonly watches: Watches;
  readonly tracking: Tracking;
  readonly notifications: Notifications;
  readonly traffic = new Traffic();
  /** Where what an operator should know is said. */
  log: Log = () => {};
  attackLoggedMs = Number.NEGATIVE_INFINITY;
  private readonly table: CommandTable;
  private readonly limits: RequestLimits = { bulkLengthMax: 512 * 1024 * 1024 };
  private nextClientId = 1;

  constructor(store: Store, config = configOf(store)) {
    this.store = store;
    this.config = config;
    this.table = new CommandTable(allCommands, config.renamedCommands);
    this.call = new Call(this, store);
    this.turn = new TurnCommit(store);
    const observer = new KeyObserver(this);
    const onInterest = (): void => observer.refresh();
    this.watches = new Watches(store, onInterest);
    this.tracking = new Tracking(store, this.pushes, this.clients, onInterest);
    this.notifications = new Notifications(store, this.channels, onInterest);
    followConfig(this, this.limits);
    config.statistics.add(() => this.traffic.reset());
  }

  get configuration(): Config {
    return this.config;
  }

  get commands(): readonly CommandRow[] {
    return this.table.rows;
  }

  findCommand(bytes: Uint8Array, start: number, end: number): CommandRow | undefined {
    return this.table.find(bytes, start, end);
  }

  /** Name of a row's command, with that of the command it is a subcommand of. */
  fullNameOf(row: CommandRow): string {
    const container = this.commands.find(({ subcommands }) => subcommands?.includes(row) === true);
    return container === undefined ? row.name : `${container.name}|${row.name}`;
  }

  connect(link: Link): Client {
    const client = new Client(this.nextClientId++, link, this.limits, this.buffers, this.store.nowMs());
    this.authentication.lock(client);
    this.clients.set(client.id, client);
    return client;
  }

  disconnect(client: Client): void {
    if (!this.clients.delete(client.id)) return;
    this.forget(client);
    this.coldReads.drop(client);
  }

  /** Nobody is to meet the client any more: who publishes, who changes a key. */
  forget(client: Client): void {
    this.transactions.discard(client);
    this.channels.unsubscribeAll(client);
    this.tracking.disable(client);
    this.monitors.clients.delete(client);
    if (this.monitors.clients.size === 0) this.gates &= ~GATE_MONITORED;
  }

  /** Several times a second. */
  tick(): void {
    this.pause.endIfDue();
    this.commitWaits.endDue();
  }

  keyChanged(call: Call, kind: string, event: string): void {
    this.notifications.notify(kind, event, call.session.database);
  }

  keyEvent(call: Call, kind: string, event: string): void {
    this.notifications.notify(kind, event, call.session.database);
  }

  keyMissed(call: Call): void {
    this.notifications.notify('m', 'keymiss', call.session.database);
  }

  databaseFlushed(database: number): void {
    this.watches.flushed(database);
    this.tracking.invalidateAll();
  }

  databasesSwapped(one: number, other: number): void {
    this.watches.swapped(one, other);
    this.tracking.invalidateAll();
  }
}
