/** The instance: a store, the commands that run on it, and the clients they run for. */
import { Call } from '../commands/call.ts';
import type { CommandRow } from '../commands/command.ts';
import type { CommandDocs } from '../commands/command-docs.ts';
import type { Host } from '../commands/host.ts';
import type { ValueLimits } from '../commands/value-limits.ts';
import type { Store } from '../engine/store.ts';
import { Debugging } from './debugging.ts';
import { ErrorTally } from '../protocol/error-tally.ts';
import { ReplyBuffers } from '../protocol/reply-buffers.ts';
import type { RequestLimits } from '../protocol/request-parser.ts';
import { SPARSE_MAX_BYTES } from '../keyspace/hyperloglogs.ts';
import { FeatureSet } from '../registry/feature-set.ts';
import type { Stages } from '../registry/middleware.ts';
import { Authentication } from './authentication.ts';
import { Backlog } from './backlog.ts';
import { Blocking } from './blocking.ts';
import { Channels } from './channels.ts';
import { Client, type Link } from './client.ts';
import { ClientList } from './client-list.ts';
import { ColdReads } from './cold-reads.ts';
import { CommandStatistics } from './command-statistics.ts';
import type { CommandTable } from './command-table.ts';
import { CommitWaits } from './commit-waits.ts';
import type { Config } from './config.ts';
import { configOf, followConfig } from './config-effects.ts';
import { GATE_FEATURES, GATE_MONITORED } from './gates.ts';
import { KeyObserver } from './key-observer.ts';
import { Information } from './information.ts';
import { LatencyMonitor } from './latency-monitor.ts';
import { Monitors } from './monitors.ts';
import { Notifications } from './notifications.ts';
import { Pause } from './pause.ts';
import { Pushes } from './pushes.ts';
import { Shutdown } from './shutdown.ts';
import { Tracking } from './tracking.ts';
import { Transactions } from './transactions.ts';
import { Rates } from './rates.ts';
import { ServerFacts } from './server-facts.ts';
import { SlowLog } from './slow-log.ts';
import type { Log } from '../base/log.ts';
import { Traffic } from './traffic.ts';
import { allDocs, tableOf } from './contributions.ts';
import { TurnCommit } from './turn-commit.ts';
import { Watches } from './watches.ts';

export class Instance implements Host {
  readonly store: Store;
  readonly config: Config;
  readonly features: FeatureSet;
  /** What features have run beside commands. */
  readonly stages: Stages;
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
  readonly backlog = new Backlog(this);
  readonly coldReads = new ColdReads(this);
  readonly commitWaits = new CommitWaits(this);
  readonly blocking = new Blocking(this);
  readonly shutdown = new Shutdown(this);
  readonly transactions = new Transactions(this);
  readonly observer: KeyObserver;
  readonly watches: Watches;
  readonly tracking: Tracking;
  readonly notifications: Notifications;
  readonly traffic = new Traffic();
  readonly rates = new Rates();
  readonly errors = new ErrorTally();
  readonly statistics = new CommandStatistics(this);
  readonly slowLog = new SlowLog();
  readonly latency: LatencyMonitor;
  readonly facts: ServerFacts;
  readonly information = new Information(this);
  /** Where what an operator should know is said. */
  log: Log = () => {};
  readonly debugging = new Debugging(this);
  readonly valueLimits: ValueLimits = {
    sparseHyperLogLogMaxBytes: SPARSE_MAX_BYTES,
    hashes: { listpackEntriesMax: 512, listpackLengthMax: 64 },
    sets: { intsetEntriesMax: 512, listpackEntriesMax: 128, listpackLengthMax: 64 },
    sortedSets: { listpackEntriesMax: 128, listpackLengthMax: 64 },
    streams: { nodeEntriesMax: 100 },
  };
  /** What COMMAND DOCS says; features add theirs. */
  docs: CommandDocs | null;
  attackLoggedMs = Number.NEGATIVE_INFINITY;
  private readonly table: CommandTable;
  private readonly limits: RequestLimits = { bulkLengthMax: 512 * 1024 * 1024 };
  private nextClientId = 1;

  constructor(
    store: Store,
    config = configOf(store),
    features = new FeatureSet(store),
    docs: CommandDocs | null = null,
  ) {
    this.store = store;
    this.config = config;
    this.features = features;
    this.stages = features.stages;
    if (this.stages.admit !== null) this.gates |= GATE_FEATURES;
    config.adopt(features);
    this.table = tableOf(features, config.renamedCommands);
    this.call = new Call(this, store);
    this.latency = new LatencyMonitor(store);
    this.turn = new TurnCommit(store, this.latency, this.backlog);
    this.facts = new ServerFacts(store);
    this.observer = new KeyObserver(this);
    const onInterest = (): void => this.observer.refresh();
    this.watches = new Watches(store, onInterest);
    this.tracking = new Tracking(store, this.pushes, this.clients, onInterest);
    this.notifications = new Notifications(store, this.channels, onInterest);
    followConfig(this, this.limits);
    this.docs = allDocs(docs, features);
    config.statistics.add(() => this.resetStatistics());
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
    const nowMs = this.store.nowMs();
    const client = new Client(this.nextClientId++, link, this.limits, this.buffers, this.errors, nowMs);
    this.authentication.lock(client);
    this.clients.set(client.id, client);
    return client;
  }

  disconnect(client: Client): void {
    if (!this.clients.delete(client.id)) return;
    this.forget(client);
    this.coldReads.drop(client);
    this.blocking.forget(client);
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
    this.blocking.endDue();
    if (this.debugging.isCronPaused) return;
    this.tracking.trim();
    this.buffers.trim();
    this.rates.look(this.store.clock.monotonicMs(), this.traffic);
    this.facts.look();
  }

  /** Sets back what CONFIG RESETSTAT does. */
  resetStatistics(): void {
    const { store, traffic, call } = this;
    this.statistics.reset();
    this.errors.reset();
    traffic.reset();
    call.keyHits = call.keyMisses = 0;
    store.counters.expired = store.counters.expiredMembers = store.counters.evicted = store.counters.lazilyFreed = 0;
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
    this.blocking.flushed(database);
    this.tracking.invalidateAll();
  }

  databasesSwapped(one: number, other: number): void {
    this.watches.swapped(one, other);
    this.blocking.swapped(one, other);
    this.tracking.invalidateAll();
  }
}
