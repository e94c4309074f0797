/** What handlers see of the instance that runs them, and of the session they run for. Implemented in `instance/`. */
import type { Call } from './call.ts';
import type { Authentication } from './authentication.ts';
import type { Blocking } from './blocking.ts';
import type { Channels } from './channels.ts';
import type { CommandRow } from './command.ts';
import type { CommitWaits } from './commit-waits.ts';
import type { Configuration } from './configuration.ts';
import type { Shutdown } from './shutdown.ts';
import type { Debugging } from './debug.ts';
import type { CommandDocs } from './command-docs.ts';
import type { Information } from './information.ts';
import type { LatencyMonitor } from './latency.ts';
import type { Sessions } from './session.ts';
import type { SlowLog } from './slow-log.ts';
import type { Statistics } from './statistics.ts';
import type { Tracking } from './tracking.ts';
import type { Transactions } from './transactions.ts';
import type { ValueLimits } from './value-limits.ts';

/** The instance. */
export interface Host {
  findCommand(bytes: Uint8Array, start: number, end: number): CommandRow | undefined;
  readonly commands: readonly CommandRow[];
  readonly configuration: Configuration;
  readonly sessions: Sessions;
  readonly authentication: Authentication;
  readonly shutdown: Shutdown;
  readonly transactions: Transactions;
  readonly channels: Channels;
  readonly tracking: Tracking;
  readonly commitWaits: CommitWaits;
  readonly blocking: Blocking;
  readonly statistics: Statistics;
  readonly information: Information;
  readonly slowLog: SlowLog;
  readonly latency: LatencyMonitor;
  readonly debugging: Debugging;
  readonly valueLimits: ValueLimits;
  /** null where no documentation was loaded. */
  readonly docs: CommandDocs | null;
  keyChanged(call: Call, kind: string, event: string): void;
  /** A keyspace event that comes with a change that `keyChanged` has told already. */
  keyEvent(call: Call, kind: string, event: string): void;
  /** A command that reads asked for a key that is not there. */
  keyMissed(call: Call): void;
  /** All keys of a database are gone; -1: of all databases. */
  databaseFlushed(database: number): void;
  /** Two databases have exchanged their keys. */
  databasesSwapped(one: number, other: number): void;
}
