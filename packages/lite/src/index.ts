/**
 * Ferrite embedded: the engine and its library door, and, for a program that wants Redis clients to reach its database,
 * the server.
 *
 * A distribution is a list of what it holds, and this one holds the core alone. Programs import only from here.
 */
import type { Database } from '@ferrite/core';
import type { ServeOptions, Served } from '@ferrite/core/server';

export * from '@ferrite/core';
export type { Log, LogLevel, Served, ServeOptions, Transport } from '@ferrite/core/server';

/**
 * Serves a database to Redis clients: see `serve` of `@ferrite/core/server`. The server's code is loaded with the first
 * call, so a program that never makes one does not carry it in memory.
 */
export async function serve<V, F>(db: Database<V, F>, options: ServeOptions): Promise<Served> {
  const server = await import('@ferrite/core/server');
  return server.serve(db, options);
}
