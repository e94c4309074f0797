#!/usr/bin/env node
/**
 * `ferrite-server`: starts like redis-server, says when clients can connect, and ends on SIGTERM or SIGINT when the
 * replies are out and everything is durable.
 *
 * Exit codes: 0 after a shutdown that lost nothing, 1 if the server could not start or could not end like that.
 */
import { readFileSync } from 'node:fs';
import { open, type Database } from '@ferrite/core';
import { commandDocs } from '@ferrite/core/docs';
import { type Log, serve, type Served } from '@ferrite/core/server';
import { makeLog } from './logger.ts';
import { readOptions, type ServerOptions, UsageError } from './options.ts';
import { storeDirectory } from './store-directory.ts';

const USAGE = `Usage: ferrite-server [/path/to/redis.conf] [--name value ...]
       ferrite-server --version
       ferrite-server --help

Examples:
       ferrite-server
       ferrite-server /etc/ferrite.conf
       ferrite-server --port 7000 --bind 127.0.0.1 --dir ./data --durability everysec
`;

async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === '--help' || argv[0] === '-h') {
    process.stdout.write(USAGE);
    return;
  }
  if (argv[0] === '--version' || argv[0] === '-v') {
    process.stdout.write(`Ferrite server v=${version()}\n`);
    return;
  }
  const options = readOptions(argv);
  const log = makeLog({ format: options.logFormat, level: options.logLevel, file: options.logFile });
  try {
    await start(options, log);
  } catch (error) {
    log('warning', messageOf(error));
    if ((error as { code?: string }).code === 'FERRITE_LISTEN') {
      log('warning', `Failed listening on port ${options.port} (TCP), aborting.`);
    }
    process.exitCode = 1;
  }
}

async function start(options: ServerOptions, log: Log): Promise<void> {
  log('notice', `Ferrite ${version()} is starting, port=${options.port}, PID: ${process.pid}`);
  const db = openStore(options, log);
  try {
    const served = await serve(db, {
      port: options.port === 0 ? undefined : options.port,
      host: options.bind,
      unixSocket: options.unixSocket === '' ? undefined : options.unixSocket,
      unixSocketMode: options.unixSocketMode,
      backlog: options.backlog,
      maxClients: options.maxClients,
      idleTimeoutSeconds: options.idleTimeoutSeconds,
      keepAliveSeconds: options.keepAliveSeconds,
      protectedMode: options.protectedMode,
      metricsPort: options.metricsPort === 0 ? undefined : options.metricsPort,
      metricsHost: options.metricsHost,
      docs: commandDocs,
      log,
    });
    endWhenAsked(served, db, log);
    log('notice', `Ready to accept connections on ${served.address}, PID: ${process.pid}`);
  } catch (error) {
    db.close();
    throw error;
  }
}

function openStore({ dir, durability }: ServerOptions, log: Log): Database {
  if (dir === '') {
    log('notice', 'The store is in memory: nothing is kept when the server ends');
    return open();
  }
  const path = storeDirectory(dir);
  const beginMs = performance.now();
  const db = open({ path, durability });
  db.on('error', (error) => log('warning', error.message));
  log('notice', `Store ${path} opened in ${(performance.now() - beginMs).toFixed(0)} ms, durability ${durability}`);
  return db;
}

/** A second signal does not wait any longer. */
function endWhenAsked(served: Served, db: Database, log: Log): void {
  let isEnding = false;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (isEnding) {
      log('warning', 'You insist... exiting now.');
      process.exit(1);
    }
    isEnding = true;
    log('notice', `Received ${signal} scheduling shutdown...`);
    try {
      await served.close();
      db.close();
      log('notice', 'Ferrite is now ready to exit, bye bye...');
      process.exit(0);
    } catch (error) {
      log('warning', `Not everything could be made durable: ${messageOf(error)}`);
      process.exit(1);
    }
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isMistake = error instanceof UsageError;
  process.stderr.write(isMistake ? `*** FATAL CONFIG FILE ERROR ***\n${error.message}\n` : `${String(error)}\n`);
  process.exit(1);
});
