/** What handlers see of the instance that runs them, and of the session they run for. Implemented in `instance/`. */
import type { CommandRow } from './command.ts';
import type { Call } from './call.ts';

/** What a connection is to the instance: the commands' side of it. */
export interface Session {
  readonly id: number;
  database: number;
  /** In latin1. */
  name: string;
  isAuthenticated: boolean;
  /** Changes that its commands made since it was last written out. */
  dirty: number;
  /** The connection ends once its replies are sent. */
  closesAfterReply: boolean;
}

/** The instance. */
export interface Host {
  findCommand(bytes: Uint8Array, start: number, end: number): CommandRow | undefined;
  readonly commands: readonly CommandRow[];
  keyChanged(call: Call, kind: string, event: string): void;
  /** All keys of a database are gone; -1: of all databases. */
  databaseFlushed(database: number): void;
  /** Two databases have exchanged their keys. */
  databasesSwapped(one: number, other: number): void;
  /** A keyspace event that comes with a change that `keyChanged` has told already. */
  keyEvent(call: Call, kind: string, event: string): void;
}
