/**
 * Ferrite with everything: the core, the documentation of its commands, and the features there are, by name.
 *
 * A distribution is a list of what it holds. Programs that need less import `@ferrite/lite`, and the features they use.
 */
import type { Database } from '@ferrite/core';
import type { ServeOptions, Served } from '@ferrite/core/server';

export * from '@ferrite/core';
export type { Feature } from '@ferrite/core/module';
export type { Log, LogLevel, Served, ServeOptions, Transport } from '@ferrite/core/server';
export { loadFeatures, loadFeaturesFor, loadFeaturesOf } from './load-features.ts';

/** Serves a database to Redis clients, with documentation: see `serve` of `@ferrite/core/server`. */
export async function serve<V, F>(db: Database<V, F>, options: ServeOptions): Promise<Served> {
  const [server, { commandDocs }] = await Promise.all([import('@ferrite/core/server'), import('@ferrite/core/docs')]);
  return server.serve(db, { docs: commandDocs, ...options });
}
