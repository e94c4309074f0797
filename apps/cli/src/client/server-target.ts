/** Which server a subcommand talks to: the options that say so, the environment, and the way in. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { CliCall } from '@ferrite/core/module';
import { ReplyError, type ReplyValue } from '@ferrite/core/tools';
import { RespClient } from './resp-client.ts';

const DEFAULT_PORT = 6379;
const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nobody listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'there is no such host',
  ETIMEDOUT: 'it does not answer',
};

export interface ServerTarget {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, which wins over host and port. */
  readonly socket?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database: number;
  readonly protocol: 2 | 3;
}

/** The target that `targetOptions` describe. */
export function targetOf(call: CliCall): ServerTarget {
  const port = call.number('port') ?? DEFAULT_PORT;
  if (port < 1 || port > 65_535) throw call.usageError(`there is no port ${port}`);
  const { FERRITE_PASSWORD, REDISCLI_AUTH } = process.env;
  return {
    host: call.text('host') ?? '',
    port,
    socket: call.text('socket'),
    user: call.text('user'),
    password: call.text('password') ?? FERRITE_PASSWORD ?? REDISCLI_AUTH,
    database: 0,
    protocol: 2,
  };
}

/** The target as people write it. */
export function targetName({ host, port, socket }: ServerTarget): string {
  return socket ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
}

/** Resolves with a client that is authenticated and has its database and protocol; rejects with what is wrong. */
export async function connectTo(target: ServerTarget): Promise<RespClient> {
  const name = targetName(target);
  const { host, port, socket: path } = target;
  const socket = path === undefined ? connect({ host, port }) : connect({ path });
  try {
    await once(socket, 'connect');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Error(`cannot connect to ${name}: ${REASONS[code] ?? message}`);
  }
  socket.setNoDelay(true);
  const client = new RespClient(socket, name);
  try {
    await prepare(client, target);
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

async function prepare(client: RespClient, { user, password, protocol, database }: ServerTarget): Promise<void> {
  if (password !== undefined) must(await client.send(['AUTH', ...(user === undefined ? [] : [user]), password]));
  if (protocol === 3) must(await client.send(['HELLO', '3']));
  if (database !== 0) must(await client.send(['SELECT', database]));
}

/** The value, or the server's error thrown. */
export function must(value: ReplyValue): ReplyValue {
  if (value instanceof ReplyError) throw value;
  return value;
}
