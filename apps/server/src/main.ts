/**
 * The server as a program: starts like redis-server, says when clients can connect, and ends on SIGTERM or SIGINT when
 * the replies are out and everything is durable. `ferrite-server` and `ferrite serve` are this.
 *
 * Exit codes: 0 after a shutdown that lost nothing, 1 if the server could not start or could not end like that.
 */
import { unlinkSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { type Database, type Durability, open, type OpenOptions } from '@ferrite/core';
import {
  type Config,
  ConfigFileError,
  type FeatureWish,
  FERRITE_VERSION,
  type Log,
  serve,
  type Served,
  type ServeOptions,
} from '@ferrite/core/server';
import type { Feature } from '@ferrite/core/module';
import { isLogged, type LogFormat, makeLog } from './logger.ts';
import { pathOf, readSettings, type Settings } from './options.ts';
import { storeDirectory } from './store-directory.ts';

export { heldFeatures } from './held-features.ts';

/** A store with less memory than this cannot be opened; CONFIG SET goes below it. */
const MEMORY_MIN_BYTES = 1024 * 1024;

/** What the program decides, and not its command line. */
export interface ProgramOptions {
  /** What the usage calls it. */
  readonly program: string;
  /** The texts of COMMAND DOCS. Default: none. */
  readonly docs?: ServeOptions['docs'];
  /** Loads what the configuration asks for; a distribution may have some of its own. Default: none. */
  readonly loadFeatures?: (wish: FeatureWish) => Promise<readonly Feature[]>;
}

/**
 * Runs the server with the arguments of a command line. Resolves when clients can connect, or with the exit code set when
 * they never will; the process ends by itself after a shutdown.
 */
export async function runServer(argv: readonly string[], options: ProgramOptions): Promise<void> {
  keepYoungGenerationSmall();
  try {
    await main(argv, options);
  } catch (error) {
    if (error instanceof ConfigFileError) {
      process.stderr.write(`\n*** FATAL CONFIG FILE ERROR (Ferrite ${FERRITE_VERSION}) ***\n${error.message}\n`);
    } else process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  }
}

/**
 * V8 lets the generation of new objects grow from 1 to 16 MB as clients come, twice. Commands make next to no objects, so it
 * buys no speed (the same CPU time for GET and SET 64 deep), and cost 4 KB for each of 4,000 idle connections.
 */
function keepYoungGenerationSmall(): void {
  const { bun, deno } = process.versions;
  if (bun === undefined && deno === undefined) setFlagsFromString('--semi-space-growth-factor=1');
}

function usageOf(program: string): string {
  return `Usage: ${program} [/path/to/redis.conf] [--name value ...] [-]
       ${program} --version
       ${program} --help

Examples:
       ${program}
       ${program} /etc/ferrite.conf
       ${program} --port 7000 --bind 127.0.0.1 --dir ./data --durability everysec
       ${program} --features all
`;
}

async function main(argv: readonly string[], { program, docs, loadFeatures }: ProgramOptions): Promise<void> {
  if (argv[0] === '--help' || argv[0] === '-h') {
    process.stdout.write(usageOf(program));
    return;
  }
  if (argv[0] === '--version' || argv[0] === '-v') {
    process.stdout.write(`Ferrite server v=${FERRITE_VERSION}\n`);
    return;
  }
  const settings = await readSettings(argv, loadFeatures);
  const { config } = settings;
  const log = makeLog({
    format: config.text('log-format') as LogFormat,
    isLogged: (level) => isLogged(level, config.text('loglevel')),
    file: pathOf(config, 'logfile'),
  });
  try {
    await start(settings, log, docs);
  } catch (error) {
    log('warning', messageOf(error));
    if ((error as { code?: string }).code === 'FERRITE_LISTEN') {
      log('warning', `Failed listening on port ${config.text('port')} (TCP), aborting.`);
    }
    process.exitCode = 1;
  }
}

async function start(settings: Settings, log: Log, docs: ServeOptions['docs']): Promise<void> {
  const { config } = settings;
  log('notice', `Ferrite ${FERRITE_VERSION} is starting, port=${config.text('port')}, PID: ${process.pid}`);
  const db = openStore(settings, log);
  try {
    const served = await serve(db, { config, docs, log });
    const pidFile = pathOf(config, 'pidfile');
    if (pidFile !== '') writePid(pidFile, log);
    endWhenAsked(served, log);
    endWithServer(served, db, pidFile, log);
    log('notice', `Ready to accept connections on ${served.address}, PID: ${process.pid}`);
  } catch (error) {
    db.close();
    throw error;
  }
}

function openStore({ config, features }: Settings, log: Log): Database {
  const dir = pathOf(config, 'dir');
  if (dir === '') {
    log('notice', 'The store is in memory: nothing is kept when the server ends');
    const maxMemory = config.number('maxmemory');
    return open({ features, log, ...(maxMemory < MEMORY_MIN_BYTES ? {} : { maxMemory }) });
  }
  const path = storeDirectory(dir);
  const name = config.text('durability');
  // Redis's `appendfsync no` is told to the store once it is open.
  const durability = (name === 'written' ? 'everysec' : name) as Durability;
  const beginMs = performance.now();
  const db = open({ path, durability, features, log, ...sizesOf(config) });
  db.on('error', (error) => log('warning', error.message));
  log('notice', `Store ${path} opened in ${(performance.now() - beginMs).toFixed(0)} ms, durability ${name}`);
  return db;
}

/** What the store has in memory; what is not set is left to `open`. */
function sizesOf(config: Config): Pick<OpenOptions, 'mutableRegionSize' | 'readOnlyRegionSize' | 'readCacheSize'> {
  const readOnlyRegionSize = config.number('read-only-region-size');
  return {
    mutableRegionSize: config.number('mutable-region-size'),
    ...(readOnlyRegionSize === 0 ? {} : { readOnlyRegionSize }),
    readCacheSize: config.number('read-cache-size'),
  };
}

/** A second signal does not wait any longer. */
function endWhenAsked(served: Served, log: Log): void {
  let isEnding = false;
  const end = (signal: NodeJS.Signals): void => {
    if (isEnding) {
      log('warning', 'You insist... exiting now.');
      process.exit(1);
    }
    isEnding = true;
    log('notice', `Received ${signal} scheduling shutdown...`);
    // What goes wrong is told to who waits for `closed`.
    served.close().catch(() => undefined);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/** The program ends when the server is closed, by a signal or by SHUTDOWN. */
function endWithServer(served: Served, db: Database, pidFile: string, log: Log): void {
  served.closed
    .then(() => db.close())
    .then(
      () => {
        log('notice', 'Ferrite is now ready to exit, bye bye...');
        return 0;
      },
      (error: unknown) => {
        log('warning', `Not everything could be made durable: ${messageOf(error)}`);
        return 1;
      },
    )
    .then((code) => {
      if (pidFile !== '') removePid(pidFile);
      process.exit(code);
    });
}

/** As redis: a file that cannot be written stops nothing. */
function writePid(path: string, log: Log): void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    log('warning', `Failed to write PID file: ${messageOf(error)}`);
  }
}

function removePid(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It could not be written, or is gone.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
