/** CONFIG: what the server is told, at its start and while it runs. */
import { type Call, SYNTAX_ERROR } from './call.ts';
import { ADMIN, type CommandRow, LOADING, NOSCRIPT, STALE } from './command.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

/** Implemented in `instance/`. Texts have a character for each byte. */
export interface Configuration {
  /** Databases that clients may select. */
  readonly databases: number;
  /** Names and values of the parameters that any of the patterns matches. */
  find(patterns: readonly string[]): [name: string, value: string][];
  /** Before `set`: makes ready what takes time. null: nothing does, or it is ready. */
  prepare(pairs: readonly [name: string, value: string][]): Promise<void> | null;
  /** Sets all of them or none; the error, or an empty text. `isLocal`: a client of this machine asks for it. */
  set(pairs: readonly [name: string, value: string][], isLocal: boolean): string;
  /**
   * Writes the file that the server was started with anew; the error, or an empty text. `isForced`: with all parameters,
   * also those that have their default.
   */
  rewrite(isForced?: boolean): string;
  /** Sets counters of what has happened back to 0. */
  resetStatistics(): void;
  /** The parameter's value is one that no log shows. */
  isSecret(name: string): boolean;
}

const HELP = [
  'GET <pattern>',
  '    Return parameters matching the glob-like <pattern> and their values.',
  'SET <directive> <value>',
  '    Set the configuration <directive> to <value>.',
  'RESETSTAT',
  '    Reset statistics reported by the INFO command.',
  'REWRITE',
  '    Rewrite the configuration file.',
];

const group = 'server';
const flags = ADMIN | NOSCRIPT | LOADING | STALE;

export const configurationCommands: readonly CommandRow[] = [
  {
    name: 'config',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'get', arity: -3, flags, group, run: get },
      { name: 'set', arity: -4, flags, group, findSecrets, run: set },
      { name: 'resetstat', arity: 2, flags, group, run: resetStatistics },
      { name: 'rewrite', arity: 2, flags, group, run: rewrite },
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'CONFIG', HELP) },
    ],
  },
];

function get(call: Call): void {
  const patterns: string[] = [];
  for (let i = 2; i < call.argc; i++) patterns.push(call.latin1(i));
  const found = call.host.configuration.find(patterns);
  call.reply.map(found.length);
  for (const [name, value] of found) {
    call.reply.bulkLatin1(name);
    call.reply.bulkLatin1(value);
  }
}

function set(call: Call): void {
  if (call.argc % 2 !== 0) {
    call.reply.error(SYNTAX_ERROR);
    return;
  }
  const pairs: [string, string][] = [];
  for (let i = 2; i < call.argc; i += 2) pairs.push([call.latin1(i), call.latin1(i + 1)]);
  const { configuration, sessions } = call.host;
  const ready = configuration.prepare(pairs);
  if (ready === null) replyResult(call, configuration.set(pairs, isLocal(call.session.address)));
  else if (call.session.isInExec) call.reply.error('CONFIG SET cannot change bind or port within a transaction');
  else sessions.postpone(call.session, ready);
}

function findSecrets(call: Call, push: (index: number) => void): void {
  for (let i = 2; i + 1 < call.argc; i += 2) {
    if (call.host.configuration.isSecret(call.latin1(i))) push(i + 1);
  }
}

function resetStatistics(call: Call): void {
  call.host.configuration.resetStatistics();
  call.reply.ok();
}

function rewrite(call: Call): void {
  replyResult(call, call.host.configuration.rewrite());
}

function replyResult(call: Call, error: string): void {
  if (error === '') call.reply.ok();
  else call.reply.error(error);
}

/** Loopback, or a Unix socket. */
function isLocal(address: string): boolean {
  return /^(127\.|\[::1\]|\[::ffff:127\.)/.test(address) || address.endsWith(':0');
}
