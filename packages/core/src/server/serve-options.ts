/** Options of `serve`: their types, defaults and checks, in one place. A bad or unknown one is `FERRITE_INVALID_OPTION`. */
import type { CommandDocs } from '../commands/command-docs.ts';
import { FerriteError } from '../base/errors.ts';
import type { Log } from '../instance/log.ts';
import type { Transport } from './transport.ts';

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
  /** Further ways in, such as TLS. */
  transports?: readonly Transport[];
  /** What COMMAND DOCS says of commands: `commandDocs` of `@ferrite/core/docs` (default: only what the commands themselves tell). */
  docs?: CommandDocs | null;
  /** Takes what an operator should know (default: nobody). */
  log?: Log;
}

export type ResolvedServeOptions = Required<Omit<ServeOptions, 'host'>> & { hosts: readonly string[] };

const NO_PORT = -1;
const PORT_MAX = 65_535;
const BACKLOG = 511;
const CLIENTS_MAX = 10_000;
const KEEP_ALIVE_SECONDS = 300;
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
  transports: (value) => Array.isArray(value),
  docs: (value) => value === null || typeof value === 'object',
  log: (value) => typeof value === 'function',
};

/** Ports are -1 where none was asked for. */
export function resolveServeOptions(options: ServeOptions): ResolvedServeOptions {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(CHECKS, name)) {
      throw invalid(`unknown option '${name}'; there are ${Object.keys(CHECKS).join(', ')}`);
    }
    if (!CHECKS[name as keyof ServeOptions](value)) throw invalid(`option '${name}' cannot be ${String(value)}`);
  }
  const { port = NO_PORT, unixSocket = '', transports = [] } = options;
  if (port === NO_PORT && unixSocket === '' && transports.length === 0) {
    throw invalid("nowhere to listen: name a 'port' (6379 is redis's), or a 'unixSocket'");
  }
  const hosts = [options.host ?? '127.0.0.1'].flat();
  if (port === 0 && hosts.length > 1) throw invalid('port 0 goes with one host: each would get a port of its own');
  return {
    port,
    hosts,
    unixSocket,
    unixSocketMode: options.unixSocketMode ?? 0,
    backlog: options.backlog ?? BACKLOG,
    maxClients: options.maxClients ?? CLIENTS_MAX,
    idleTimeoutSeconds: options.idleTimeoutSeconds ?? 0,
    keepAliveSeconds: options.keepAliveSeconds ?? KEEP_ALIVE_SECONDS,
    protectedMode: options.protectedMode ?? true,
    metricsPort: options.metricsPort ?? NO_PORT,
    metricsHost: options.metricsHost ?? '127.0.0.1',
    transports,
    docs: options.docs ?? null,
    log: options.log ?? (() => {}),
  };
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function invalid(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_OPTION', message);
}
