/** Commands about the connection: who speaks, which protocol, which database. */
import { REDIS_VERSION } from '../base/version.ts';
import type { Call } from './call.ts';
import { checkName } from './client.ts';
import {
  ADMIN,
  ALLOW_BUSY,
  type CommandRow,
  FAST,
  LOADING,
  NEVER_QUEUED,
  NO_AUTH,
  NOSCRIPT,
  STALE,
  WHILE_SUBSCRIBED,
} from './command.ts';

const WRONG_PASSWORD = '-WRONGPASS invalid username-password pair or user is disabled.';
const NO_PASSWORD =
  'AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?';
const HELLO_UNAUTHENTICATED =
  '-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> ' +
  'option can be used to authenticate the client and select the RESP protocol version at the same time';

const group = 'connection';
const openFlags = NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY;

export const connectionCommands: readonly CommandRow[] = [
  { name: 'ping', arity: -1, flags: FAST | WHILE_SUBSCRIBED, group, run: ping },
  { name: 'echo', arity: 2, flags: LOADING | STALE | FAST, group, run: echo },
  { name: 'select', arity: 2, flags: LOADING | STALE | FAST, group, run: select },
  { name: 'auth', arity: -2, flags: openFlags, group, findSecrets: secretsOfAuth, run: auth },
  { name: 'hello', arity: -1, flags: openFlags, group, findSecrets: secretsOfHello, run: hello },
  { name: 'reset', arity: 1, flags: openFlags | NEVER_QUEUED | WHILE_SUBSCRIBED, group, run: reset },
  { name: 'quit', arity: -1, flags: openFlags | NEVER_QUEUED | WHILE_SUBSCRIBED, group, run: quit },
  {
    name: 'monitor',
    arity: 1,
    flags: ADMIN | NOSCRIPT | LOADING | STALE,
    group: 'server',
    run: monitor,
  },
];

function ping(call: Call): void {
  const { reply } = call;
  if (call.argc > 2) {
    reply.error("wrong number of arguments for 'ping' command");
    return;
  }
  if (call.session.isConfined) {
    reply.array(2);
    reply.bulkLatin1('pong');
    if (call.argc === 1) reply.bulkLatin1('');
  } else if (call.argc === 1) reply.simple('PONG');
  if (call.argc === 2) reply.bulk(call.bytes, call.starts[1], call.ends[1]);
}

function echo(call: Call): void {
  call.reply.bulk(call.bytes, call.starts[1], call.ends[1]);
}

function select(call: Call): void {
  const database = call.integer(1, 'invalid DB index');
  if (database === undefined) return;
  if (!(database >= 0 && database < call.host.configuration.databases)) {
    call.reply.error('DB index is out of range');
    return;
  }
  call.session.database = Number(database);
  call.reply.ok();
}

function auth(call: Call): void {
  const { authentication } = call.host;
  if (call.argc > 3) call.reply.error('syntax error');
  else if (call.argc === 2 && !authentication.isRequired) call.reply.error(NO_PASSWORD);
  else {
    const user = call.argc === 3 ? call.latin1(1) : 'default';
    if (authentication.authenticate(call.session, user, call.viewOf(call.argc - 1))) call.reply.ok();
    else call.reply.error(WRONG_PASSWORD);
  }
}

function secretsOfAuth(call: Call, push: (index: number) => void): void {
  for (let i = 1; i < call.argc; i++) push(i);
}

function secretsOfHello(call: Call, push: (index: number) => void): void {
  for (let i = 2; i + 2 < call.argc; i++) {
    if (!call.is(i, 'auth')) continue;
    push(++i);
    push(++i);
  }
}

function hello(call: Call): void {
  const { session, reply, host } = call;
  const version = call.argc > 1 ? call.integer(1, 'Protocol version is not an integer or out of range') : 0;
  if (version === undefined) return;
  if (call.argc > 1 && version !== 2 && version !== 3) {
    reply.error('-NOPROTO unsupported protocol version');
    return;
  }
  let authAt = 0;
  let nameAt = 0;
  for (let i = 2; i < call.argc; i++) {
    if (call.is(i, 'auth') && i + 2 < call.argc) {
      authAt = i;
      i += 2;
    } else if (call.is(i, 'setname') && i + 1 < call.argc) {
      nameAt = ++i;
      if (!checkName(call, nameAt)) return;
    } else {
      reply.error(`Syntax error in HELLO option '${call.latin1(i)}'`);
      return;
    }
  }
  if (authAt > 0 && !host.authentication.authenticate(session, call.latin1(authAt + 1), call.viewOf(authAt + 2))) {
    reply.error(WRONG_PASSWORD);
    return;
  }
  if (host.authentication.isRequired && !session.isAuthenticated) {
    reply.error(HELLO_UNAUTHENTICATED);
    return;
  }
  if (nameAt > 0) session.name = call.latin1(nameAt);
  if (version === 2 || version === 3) reply.proto = version;
  replyHello(call);
}

function replyHello({ session, reply }: Call): void {
  reply.map(7);
  reply.bulkLatin1('server');
  reply.bulkLatin1('redis');
  reply.bulkLatin1('version');
  reply.bulkLatin1(REDIS_VERSION);
  reply.bulkLatin1('proto');
  reply.integer(reply.proto);
  reply.bulkLatin1('id');
  reply.integer(session.id);
  reply.bulkLatin1('mode');
  reply.bulkLatin1('standalone');
  reply.bulkLatin1('role');
  reply.bulkLatin1('master');
  reply.bulkLatin1('modules');
  reply.array(0);
}

function reset(call: Call): void {
  call.host.sessions.reset(call.session);
  call.reply.simple('RESET');
}

function quit(call: Call): void {
  call.reply.ok();
  call.session.closesAfterReply = true;
}

function monitor(call: Call): void {
  if (call.session.isInExec) {
    call.reply.error("MONITOR isn't allowed for DENY BLOCKING client");
    return;
  }
  call.host.sessions.monitor(call.session);
  call.reply.ok();
}
