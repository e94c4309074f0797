/**
 * What the server is started with: a file in the form of redis.conf, then `--name value` on the command line, which win.
 *
 * Names are redis's where redis has one. A name that is unknown or a value that makes no sense is a `UsageError`.
 */
import { readFileSync } from 'node:fs';
import type { Durability } from '@ferrite/core';
import type { LogLevel } from '@ferrite/core/server';
import type { LogFormat } from './logger.ts';

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface ServerOptions {
  port: number;
  bind: string[];
  unixSocket: string;
  unixSocketMode: number;
  backlog: number;
  maxClients: number;
  idleTimeoutSeconds: number;
  keepAliveSeconds: number;
  protectedMode: boolean;
  /** Empty: in memory only. */
  dir: string;
  durability: Durability;
  metricsPort: number;
  metricsHost: string;
  logFile: string;
  logLevel: LogLevel;
  logFormat: LogFormat;
}

type Setter = (options: ServerOptions, values: readonly string[]) => void;

const PORT_MAX = 65_535;
const COUNT_MAX = 2_147_483_647;

const SETTERS: Record<string, Setter> = {
  port: (options, values) => (options.port = whole(values, PORT_MAX)),
  bind: (options, values) => (options.bind = [...values]),
  unixsocket: (options, values) => (options.unixSocket = one(values)),
  unixsocketperm: (options, values) => (options.unixSocketMode = Number.parseInt(one(values), 8)),
  'tcp-backlog': (options, values) => (options.backlog = whole(values, COUNT_MAX)),
  maxclients: (options, values) => (options.maxClients = whole(values, COUNT_MAX)),
  timeout: (options, values) => (options.idleTimeoutSeconds = whole(values, COUNT_MAX)),
  'tcp-keepalive': (options, values) => (options.keepAliveSeconds = whole(values, COUNT_MAX)),
  'protected-mode': (options, values) => (options.protectedMode = oneOf(values, ['yes', 'no']) === 'yes'),
  dir: (options, values) => (options.dir = one(values)),
  durability: (options, values) => (options.durability = oneOf(values, ['always', 'everysec', 'interval', 'none'])),
  'metrics-port': (options, values) => (options.metricsPort = whole(values, PORT_MAX)),
  'metrics-bind': (options, values) => (options.metricsHost = one(values)),
  logfile: (options, values) => (options.logFile = one(values)),
  loglevel: (options, values) => (options.logLevel = oneOf(values, ['debug', 'verbose', 'notice', 'warning'])),
  'log-format': (options, values) => (options.logFormat = oneOf(values, ['redis', 'json'])),
};

export function readOptions(argv: readonly string[]): ServerOptions {
  const options: ServerOptions = {
    port: 6379,
    bind: ['127.0.0.1'],
    unixSocket: '',
    unixSocketMode: 0,
    backlog: 511,
    maxClients: 10_000,
    idleTimeoutSeconds: 0,
    keepAliveSeconds: 300,
    protectedMode: true,
    dir: '.',
    durability: 'everysec',
    metricsPort: 0,
    metricsHost: '127.0.0.1',
    logFile: '',
    logLevel: 'notice',
    logFormat: 'redis',
  };
  const hasFile = argv.length > 0 && !argv[0].startsWith('--');
  if (hasFile) for (const line of linesOf(argv[0])) set(options, line);
  for (const words of wordsOf(argv.slice(hasFile ? 1 : 0))) set(options, words);
  return options;
}

function set(options: ServerOptions, [name, ...values]: readonly string[]): void {
  const setter = SETTERS[name.toLowerCase()];
  if (setter === undefined) throw new UsageError(`unknown option '${name}'`);
  try {
    setter(options, values);
  } catch (error) {
    throw new UsageError(`option '${name}': ${(error as Error).message}`);
  }
}

function linesOf(path: string): string[][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/\s+/));
}

/** A name with its values: everything up to the next argument with two dashes. */
function wordsOf(args: readonly string[]): string[][] {
  const found: string[][] = [];
  for (const arg of args) {
    if (arg.startsWith('--') && arg.length > 2) found.push([arg.slice(2)]);
    else if (found.length === 0) throw new UsageError(`'${arg}' is not an option: those begin with --`);
    else found[found.length - 1].push(arg);
  }
  return found;
}

function one(values: readonly string[]): string {
  if (values.length !== 1) throw new Error('one value is needed');
  return values[0];
}

function whole(values: readonly string[], max: number): number {
  const text = one(values);
  if (/^\d+$/.test(text) && Number(text) <= max) return Number(text);
  throw new Error(`'${text}' is not a whole number up to ${max}`);
}

function oneOf<const T extends string>(values: readonly string[], choices: readonly T[]): T {
  const text = one(values);
  const found = choices.find((choice) => choice === text.toLowerCase());
  if (found !== undefined) return found;
  throw new Error(`'${text}' is none of ${choices.join(', ')}`);
}
