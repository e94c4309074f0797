/** The server's entry: `serve` lets Redis clients reach a database that this program has open. */
import { type Database, featureSetOf, storeOf } from './embedded/database.ts';
import { type Served, serveStore } from './server/serve.ts';
import type { ServeOptions } from './server/serve-options.ts';

export { FERRITE_VERSION } from './base/version.ts';
export { Config, type ConfigFile, type ConfigName } from './instance/config.ts';
export {
  ConfigFileError,
  configFileOf,
  type ConfigSources,
  type FeatureWish,
  featuresOf,
  loadConfig,
} from './instance/config-load.ts';
export type { Log, LogLevel } from './base/log.ts';
export type { Served } from './server/serve.ts';
export type { ServeOptions } from './server/serve-options.ts';
export type { AcceptedStream, Receive, Transport } from './registry/transport.ts';

/**
 * Serves a database to Redis clients, beside the program that has it open: both see the same keys. Resolves when clients
 * can connect; rejects with FERRITE_LISTEN when they will not be able to, say because the port is taken.
 *
 * The server keeps the store open until its own `close()`, also when `db` is closed before.
 */
export async function serve<V, F>(db: Database<V, F>, options: ServeOptions): Promise<Served> {
  const held = db.clone();
  try {
    const served = await serveStore(storeOf(held), featureSetOf(held), options);
    const closed = served.closed.finally(() => held.close());
    closed.catch(() => undefined);
    const close = (): Promise<void> => {
      served.close();
      return closed;
    };
    return { ...served, close, closed };
  } catch (error) {
    held.close();
    throw error;
  }
}
