/**
 * Options of `serve`: their types and checks, in one place. A bad or unknown one is `FERRITE_INVALID_OPTION`. Those that are
 * parameters of the configuration, too, are put there: it has their defaults.
 */
import type { CommandDocs } from '../commands/command-docs.ts';
import { FerriteError } from '../base/errors.ts';
import { Config } from '../instance/config.ts';
import type { Log } from '../base/log.ts';
import type { Transport } from '../registry/transport.ts';

export interface ServeOptions {
  /** TCP port; 0 lets the system choose one, which the result tells. */
  port?: number;
  /**
   * Addresses to listen on (default `127.0.0.1`), as in redis's `bind`: `*` and `::*` stand for all of this machine's, and
   * a minus in front lets one pass that it does not have.
   */
  host?: string | readonly string[];
  /** Path of a Unix socket to listen on, beside the port or, without `port`, instead of one. */
  unixSocket?: string;
  /** Permissions of its file, such as `0o700` (default: as the process's umask has it). */
  unixSocketMode?: number;
  /** Connections that may wait to be accepted (default 511; the system has a limit of its own). */
  backlog?: number;
  /** Most clients at a time (default 10000). */
  maxClients?: number;
  /** Clients that send nothing for so long are dropped (default 0: never). */
  idleTimeoutSeconds?: number;
  /** Silence after which the system asks whether a client is still there (default 300; 0: never). */
  keepAliveSeconds?: number;
  /** While there is no password, only clients on this machine are let in (default true). */
  protectedMode?: boolean;
  /** Port where `/metrics` is served to Prometheus (default: none). */
  metricsPort?: number;
  /** Address of that port (default `127.0.0.1`). */
  metricsHost?: string;
  /** Values of redis's parameters; options that are named here win. */
  config?: Config;
  /** Further ways in, such as TLS. */
  transports?: readonly Transport[];
  /** What COMMAND DOCS says of commands: `commandDocs` of `@ferrite/core/docs` (default: only what features say of theirs). */
  docs?: CommandDocs | null;
  /** Takes what an operator should know (default: nobody). */
  log?: Log;
}

export interface ResolvedServeOptions {
  config: Config;
  /** -1 where none is asked for; 0 lets the system choose one. */
  port: number;
  metricsPort: number;
  transports: readonly Transport[];
  docs: CommandDocs | null;
  log: Log;
}

const NO_PORT = -1;
const PORT_MAX = 65_535;
const WHOLE_MAX = 2_147_483_647;

const CHECKS: Record<keyof ServeOptions, (value: unknown) => boolean> = {
  port: (value) => isWhole(value, 0, PORT_MAX),
  host: (value) => [value].flat().every((host) => typeof host === 'string' && host !== ''),
  unixSocket: (value) => typeof value === 'string' && value !== '',
  unixSocketMode: (value) => isWhole(value, 0, 0o777),
  backlog: (value) => isWhole(value, 1, WHOLE_MAX),
  maxClients: (value) => isWhole(value, 1, WHOLE_MAX),
  idleTimeoutSeconds: (value) => isWhole(value, 0, WHOLE_MAX),
  keepAliveSeconds: (value) => isWhole(value, 0, WHOLE_MAX),
  protectedMode: (value) => typeof value === 'boolean',
  metricsPort: (value) => isWhole(value, 0, PORT_MAX),
  metricsHost: (value) => typeof value === 'string' && value !== '',
  config: (value) => value instanceof Config,
  transports: (value) => Array.isArray(value),
  docs: (value) => value === null || typeof value === 'object',
  log: (value) => typeof value === 'function',
};

/** `initial` makes the configuration where none is given. */
export function resolveServeOptions(options: ServeOptions, initial: () => Config): ResolvedServeOptions {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(CHECKS, name)) {
      throw invalid(`unknown option '${name}'; there are ${Object.keys(CHECKS).join(', ')}`);
    }
    if (!CHECKS[name as keyof ServeOptions](value)) throw invalid(`option '${name}' cannot be ${String(value)}`);
  }
  const config = options.config ?? initial();
  if (options.config === undefined) config.assign('port', '0');
  assignOptions(config, options);
  const port = options.port ?? portOf(config, 'port');
  const { transports = [], docs = null, log = () => {} } = options;
  if (port === 0 && config.words('bind').length > 1) {
    throw invalid('port 0 goes with one host: each would get a port of its own');
  }
  return { config, port, metricsPort: options.metricsPort ?? portOf(config, 'metrics-port'), transports, docs, log };
}

function portOf(config: Config, name: 'port' | 'metrics-port'): number {
  const port = config.number(name);
  return port === 0 ? NO_PORT : port;
}

function assignOptions(config: Config, options: ServeOptions): void {
  const { protectedMode, unixSocketMode } = options;
  const host = options.host === undefined ? undefined : [options.host].flat().join(' ');
  const mode = unixSocketMode === undefined ? undefined : unixSocketMode.toString(8);
  const pairs: [string, string | number | undefined][] = [
    ['port', options.port],
    ['bind', host],
    ['unixsocket', options.unixSocket],
    ['unixsocketperm', mode],
    ['tcp-backlog', options.backlog],
    ['maxclients', options.maxClients],
    ['timeout', options.idleTimeoutSeconds],
    ['tcp-keepalive', options.keepAliveSeconds],
    ['protected-mode', protectedMode === undefined ? undefined : protectedMode ? 'yes' : 'no'],
    ['metrics-port', options.metricsPort],
    ['metrics-bind', options.metricsHost],
  ];
  for (const [name, value] of pairs) if (value !== undefined) config.assign(name, byteText(String(value)));
}

/** The configuration has a character for each byte. */
function byteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

/** Where a server that listens nowhere should listen. */
export function nowhere(): FerriteError {
  return invalid("nowhere to listen: name a 'port' (6379 is redis's), or a 'unixSocket'");
}

function invalid(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_OPTION', message);
}
