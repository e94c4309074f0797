/** CLIENT: what a session says about itself, and looks after others. Caches are in `client-tracking.ts`. */
import type { Call } from './call.ts';
import { trackingSubcommands } from './client-tracking.ts';
import { ADMIN, type CommandRow, LOADING, NOSCRIPT, STALE } from './command.ts';
import type { Session, SessionType } from './session.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

const HELP = [
  'CACHING (YES|NO)',
  '    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.',
  'GETREDIR',
  '    Return the client ID we are redirecting to when tracking is enabled.',
  'GETNAME',
  '    Return the name of the current connection.',
  'ID',
  '    Return the ID of the current connection.',
  'INFO',
  '    Return information about the current client connection.',
  'KILL <ip:port>',
  '    Kill connection made from <ip:port>.',
  'KILL <option> <value> [<option> <value> [...]]',
  '    Kill connections. Options are:',
  '    * ADDR (<ip:port>|<unixsocket>:0)',
  '      Kill connections made from the specified address',
  '    * LADDR (<ip:port>|<unixsocket>:0)',
  '      Kill connections made to specified local address',
  '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
  '      Kill connections by type.',
  '    * USER <username>',
  '      Kill connections authenticated by <username>.',
  '    * SKIPME (YES|NO)',
  '      Skip killing current connection (default: yes).',
  'LIST [options ...]',
  '    Return information about client connections. Options:',
  '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
  '      Return clients of specified type.',
  'UNPAUSE',
  '    Stop the current client pause, resuming traffic.',
  'PAUSE <timeout> [WRITE|ALL]',
  '    Suspend all, or just write, clients for <timeout> milliseconds.',
  'REPLY (ON|OFF|SKIP)',
  '    Control the replies sent to the current connection.',
  'SETNAME <name>',
  '    Assign the name <name> to the current connection.',
  'SETINFO <option> <value>',
  '    Set client meta attr. Options are:',
  '    * LIB-NAME: the client lib name.',
  '    * LIB-VER: the client lib version.',
  'UNBLOCK <clientid> [TIMEOUT|ERROR]',
  '    Unblock the specified blocked client.',
  'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]',
  '         [OPTIN] [OPTOUT] [NOLOOP]',
  '    Control server assisted client side caching.',
  'TRACKINGINFO',
  '    Report tracking status for the current connection.',
  'NO-EVICT (ON|OFF)',
  '    Protect current client connection from eviction.',
  'NO-TOUCH (ON|OFF)',
  '    Will not touch LRU/LFU stats when this mode is on.',
];

const TIMEOUT_MAX_MS = 2n ** 63n - 1n;
const group = 'connection';
const flags = NOSCRIPT | LOADING | STALE;
const adminFlags = flags | ADMIN;

export const clientCommands: readonly CommandRow[] = [
  {
    name: 'client',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'id', arity: 2, flags, group, run: (call) => call.reply.integer(call.session.id) },
      { name: 'info', arity: 2, flags, group, run: info },
      { name: 'list', arity: -2, flags: adminFlags, group, run: list },
      { name: 'kill', arity: -3, flags: adminFlags, group, run: kill },
      { name: 'setname', arity: 3, flags, group, run: setName },
      { name: 'getname', arity: 2, flags, group, run: getName },
      { name: 'setinfo', arity: 4, flags, group, run: setInfo },
      { name: 'reply', arity: 3, flags, group, run: setReplies },
      { name: 'no-evict', arity: 3, flags: adminFlags, group, run: setNoEvict },
      { name: 'no-touch', arity: 3, flags, group, run: setNoTouch },
      { name: 'pause', arity: -3, flags: adminFlags, group, run: pause },
      { name: 'unpause', arity: 2, flags: adminFlags, group, run: unpause },
      { name: 'unblock', arity: -3, flags: adminFlags, group, run: unblock },
      ...trackingSubcommands,
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'CLIENT', HELP) },
    ],
  },
];

/** Whether argument `i` can be a client's name; replies with an error if not. */
export function checkName(call: Call, i: number): boolean {
  if (isPlain(call, i)) return true;
  call.reply.error('Client names cannot contain spaces, newlines or special characters.');
  return false;
}

/** Whether it has only characters that do not upset the lines of CLIENT LIST. */
function isPlain(call: Call, i: number): boolean {
  for (const byte of call.viewOf(i)) if (byte < 0x21 || byte > 0x7e) return false;
  return true;
}

function info(call: Call): void {
  call.reply.verbatim('txt', `${call.host.sessions.describe(call.session)}\n`);
}

function list(call: Call): void {
  const { sessions } = call.host;
  let listed: Iterable<Session> = sessions.all();
  if (call.argc === 4 && call.is(2, 'type')) {
    const type = typeOf(call, 3);
    if (type === undefined) return;
    listed = [...listed].filter((session) => session.type === type);
  } else if (call.argc > 3 && call.is(2, 'id')) {
    const found: Session[] = [];
    for (let i = 3; i < call.argc; i++) {
      const id = call.integer(i, 'Invalid client ID');
      if (id === undefined) return;
      const session = sessions.find(Number(id));
      if (session !== undefined) found.push(session);
    }
    listed = found;
  } else if (call.argc !== 2) {
    call.reply.error('syntax error');
    return;
  }
  let lines = '';
  for (const session of listed) lines += `${sessions.describe(session)}\n`;
  call.reply.verbatim('txt', lines);
}

function typeOf(call: Call, i: number): SessionType | undefined {
  if (call.is(i, 'normal')) return 'normal';
  if (call.is(i, 'slave') || call.is(i, 'replica')) return 'replica';
  if (call.is(i, 'pubsub')) return 'pubsub';
  if (call.is(i, 'master')) return 'master';
  call.reply.error(`Unknown client type '${call.latin1(i)}'`);
  return undefined;
}

/** Which sessions to end: those for which all that is said holds. */
interface KillFilter {
  id: number;
  type: SessionType | undefined;
  address: string | undefined;
  localAddress: string | undefined;
  user: string | undefined;
  skipsMe: boolean;
}

function kill(call: Call): void {
  const { sessions } = call.host;
  const isOldForm = call.argc === 3;
  const filter: KillFilter = {
    id: 0,
    type: undefined,
    address: isOldForm ? call.latin1(2) : undefined,
    localAddress: undefined,
    user: undefined,
    skipsMe: !isOldForm,
  };
  for (let i = 2; !isOldForm && i < call.argc; i += 2) if (!parseKill(call, i, filter)) return;
  const found = [...sessions.all()].filter((session) => isMeant(call, session, filter));
  for (const session of found) if (session !== call.session) sessions.kill(session);
  if (!isOldForm) call.reply.integer(found.length);
  else if (found.length === 0) call.reply.error('No such client');
  else call.reply.ok();
  if (found.includes(call.session)) call.session.closesAfterReply = true;
}

/** Reads the option at argument `i` and its value; replies with an error and returns false if it is none. */
function parseKill(call: Call, i: number, filter: KillFilter): boolean {
  const value = i + 1;
  if (value === call.argc) {
    call.reply.error('syntax error');
    return false;
  }
  if (call.is(i, 'id')) {
    const id = call.integer(value, 'client-id should be greater than 0');
    if (id === undefined) return false;
    if (id <= 0) {
      call.reply.error('client-id should be greater than 0');
      return false;
    }
    filter.id = Number(id);
  } else if (call.is(i, 'type')) {
    filter.type = typeOf(call, value);
    return filter.type !== undefined;
  } else if (call.is(i, 'addr')) filter.address = call.latin1(value);
  else if (call.is(i, 'laddr')) filter.localAddress = call.latin1(value);
  else if (call.is(i, 'user')) {
    filter.user = call.latin1(value);
    if (filter.user !== 'default') {
      call.reply.error(`No such user '${filter.user}'`);
      return false;
    }
  } else if (call.is(i, 'skipme') && (call.is(value, 'yes') || call.is(value, 'no'))) {
    filter.skipsMe = call.is(value, 'yes');
  } else {
    call.reply.error('syntax error');
    return false;
  }
  return true;
}

function isMeant(call: Call, session: Session, filter: KillFilter): boolean {
  if (filter.address !== undefined && session.address !== filter.address) return false;
  if (filter.localAddress !== undefined && session.localAddress !== filter.localAddress) return false;
  if (filter.type !== undefined && session.type !== filter.type) return false;
  if (filter.id !== 0 && session.id !== filter.id) return false;
  if (filter.user !== undefined && session.userName !== filter.user) return false;
  return session !== call.session || !filter.skipsMe;
}

function setName(call: Call): void {
  if (!checkName(call, 2)) return;
  call.session.name = call.latin1(2);
  call.reply.ok();
}

function getName(call: Call): void {
  const { name } = call.session;
  if (name === '') call.reply.null();
  else call.reply.bulkLatin1(name);
}

function setInfo(call: Call): void {
  const isName = call.is(2, 'lib-name');
  if (!isName && !call.is(2, 'lib-ver')) call.reply.error(`Unrecognized option '${call.latin1(2)}'`);
  else if (!isPlain(call, 3)) {
    call.reply.error(`${call.latin1(2)} cannot contain spaces, newlines or special characters.`);
  } else {
    if (isName) call.session.libraryName = call.latin1(3);
    else call.session.libraryVersion = call.latin1(3);
    call.reply.ok();
  }
}

function setReplies(call: Call): void {
  const { sessions } = call.host;
  if (call.is(2, 'on')) {
    sessions.setReplies(call.session, 'on');
    call.reply.ok();
  } else if (call.is(2, 'off')) sessions.setReplies(call.session, 'off');
  else if (call.is(2, 'skip')) sessions.setReplies(call.session, 'skip');
  else call.reply.error('syntax error');
}

function setNoEvict(call: Call): void {
  const isOn = onOrOff(call);
  if (isOn !== undefined) call.session.isNoEvict = isOn;
}

function setNoTouch(call: Call): void {
  const isOn = onOrOff(call);
  if (isOn !== undefined) call.session.isNoTouch = isOn;
}

/** What argument 2 says, and the reply. */
function onOrOff(call: Call): boolean | undefined {
  const isOn = call.is(2, 'on');
  if (isOn || call.is(2, 'off')) {
    call.reply.ok();
    return isOn;
  }
  call.reply.error('syntax error');
  return undefined;
}

function pause(call: Call): void {
  const isAll = call.argc === 3 || call.is(3, 'all');
  if (call.argc > 4 || (!isAll && !call.is(3, 'write'))) {
    call.reply.error('CLIENT PAUSE mode must be WRITE or ALL');
    return;
  }
  const timeoutMs = call.integer(2, 'timeout is not an integer or out of range');
  if (timeoutMs === undefined) return;
  const nowMs = call.store.nowMs();
  if (timeoutMs < 0) call.reply.error('timeout is negative');
  else if (BigInt(timeoutMs) > TIMEOUT_MAX_MS - BigInt(Math.floor(nowMs))) call.reply.error('timeout is out of range');
  else {
    call.host.sessions.pause(nowMs + Number(timeoutMs), isAll);
    call.reply.ok();
  }
}

function unpause(call: Call): void {
  call.host.sessions.endPause();
  call.reply.ok();
}

function unblock(call: Call): void {
  if (call.argc > 4 || (call.argc === 4 && !call.is(3, 'timeout') && !call.is(3, 'error'))) {
    call.reply.error('CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
    return;
  }
  const id = call.integer(2);
  if (id === undefined) return;
  const withError = call.argc === 4 && call.is(3, 'error');
  call.reply.integer(call.host.blocking.end(Number(id), withError) ? 1 : 0);
}
