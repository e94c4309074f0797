/**
 * The context: what a feature's `setup` is given to add to a store and to what serves it. All of it is added while `setup`
 * runs; afterwards it is fixed. Implemented by `FeatureSet`.
 */
import type { Clock } from '../base/clock.ts';
import type { Log, LogLevel } from '../base/log.ts';
import type { Call } from '../commands/call.ts';
import type { CommandRow, FLAG_NAMES, KeyRange } from '../commands/command.ts';
import type { CommandDoc } from '../commands/command-docs.ts';
import type { CommandFigures } from '../commands/statistics.ts';
import type { RecoveryReport } from '../engine/recovery.ts';
import type { Stats } from '../engine/stats.ts';
import type { ConfigSpec } from './config-key.ts';
import type { FeatureApis } from './extension-points.ts';
import type { FeatureConfig } from './feature-settings.ts';
import type { FeatureStore } from './feature-store.ts';
import type { Middleware } from './middleware.ts';
import type { Transport } from './transport.ts';

/** Flags of a command, as COMMAND INFO names them. */
export type CommandFlag = (typeof FLAG_NAMES)[number];

/** A command that a feature adds: a row of the command table, with its documentation. */
export interface FeatureCommand {
  /** At most 32 characters of lower case; with a dot after the feature's name, such as `rate.take`, it meets no other. */
  readonly name: string;
  /** Arguments with the name: so many, or, if negative, at least so many. */
  readonly arity: number;
  /** `write` if it changes keys, `readonly` if it reads them; `denyoom` if it adds to what is stored. */
  readonly flags: readonly CommandFlag[];
  /** Where its keys stand; absent: it has none. */
  readonly keys?: KeyRange;
  /** What COMMAND DOCS says of it; `since` is a version of the feature. */
  readonly doc: CommandDoc;
  /** Runs the command: reads the call, writes its reply. Never waits. */
  run(call: Call): void;
}

/** The fields of a section of INFO, in their order. */
export type InfoFields = Readonly<Record<string, string | number>>;

export interface InfoSection {
  /** What INFO takes for it: the title in lower case. */
  readonly name: string;
  readonly title: string;
  readonly fields: () => InfoFields;
}

/** A key that was written or removed, whoever did it. */
export interface WriteEffect {
  /** As clients number it. */
  readonly database: number;
  /** There was no such key before. */
  readonly isNew: boolean;
  /** The key, copied. */
  key(): Buffer;
}

/** A server, as features see it. */
export interface ServerView {
  readonly address: string;
  readonly port: number;
  /** The value of a parameter, as CONFIG GET shows it; undefined if there is none of this name. */
  parameter(name: string): string | undefined;
  readonly connections: number;
  readonly connectionsAccepted: number;
  readonly connectionsRejected: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly keyHits: number;
  readonly keyMisses: number;
  /** The full name of a row's command, such as `client|list`. */
  nameOf(row: CommandRow): string;
  /** Commands that were called, by full name, with their figures. */
  commands(): Iterable<readonly [name: string, figures: CommandFigures]>;
}

/** What a transport may ask of the server that it lets clients into. */
export interface TransportHost {
  /** The value of a parameter, such as `bind`, as CONFIG GET shows it. */
  parameter(name: string): string | undefined;
  log(level: LogLevel, text: string): void;
  /** Lets clients in by one more transport, while the server runs; rejects if it cannot listen. */
  open(transport: Transport): Promise<void>;
  /** Lets nobody in any more by this one. Connections stay. */
  shut(transport: Transport): void;
}

export interface FeatureEvents {
  /** All features are set up. */
  open: () => void;
  /** The store is about to be closed: features that were set up last are told first. */
  close: () => void;
  /** What was recovered when the store was opened; before `open`. */
  recover: (report: RecoveryReport) => void;
  /** A checkpoint is durable: its bytes. */
  checkpoint: (bytes: number) => void;
  /** A key has changed. Called in the middle of the write: it must not use the store. */
  write: (effect: WriteEffect) => void;
  /** A line of the log. */
  log: (level: LogLevel, text: string) => void;
  /** Clients can connect. */
  serve: (server: ServerView) => void;
  /** The server is closed, and its connections; the store is still open. The server's `close` waits for it. */
  unserve: () => void | Promise<void>;
}

export interface FeatureContext<Spec extends ConfigSpec = ConfigSpec> {
  readonly config: FeatureConfig<Spec>;
  readonly clock: Clock;
  /** Directory of the store, null for one in memory. */
  readonly path: string | null;
  /** No write and no repair. */
  readonly isReadOnly: boolean;
  /** Says something to the operator. */
  readonly log: Log;
  /** What a feature that this one requires offers. */
  feature<N extends keyof FeatureApis & string>(name: N): FeatureApis[N];
  /** Adds a command to what clients can call. */
  command(command: FeatureCommand): void;
  /** Adds a section to INFO. */
  info(title: string, fields: () => InfoFields): void;
  /** Adds ways for clients to come in: called when a server starts. */
  transports(make: (host: TransportHost) => readonly Transport[]): void;
  use(middleware: Middleware): void;
  on<E extends keyof FeatureEvents>(event: E, listener: FeatureEvents[E]): void;
  /** Data of its own, apart from users' keys; a feature may have several such stores, each with its prefix. */
  store(prefix: string): FeatureStore;
  /** What the store holds and did, in numbers. The first call finishes loading the index. */
  statistics(): Stats;
}
