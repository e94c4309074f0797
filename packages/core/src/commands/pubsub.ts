/** Publish and subscribe. Confirmations of subscriptions are messages: CLIENT REPLY does not silence them. */
import { matchGlob } from '../base/glob.ts';
import type { Call } from './call.ts';
import type { ChannelKind } from './channels.ts';
import {
  type CommandRow,
  FAST,
  type KeyRange,
  LOADING,
  MAY_REPLICATE,
  NOSCRIPT,
  PUBSUB,
  STALE,
  WHILE_SUBSCRIBED,
} from './command.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

const group = 'pubsub';
const subscriptionFlags = PUBSUB | NOSCRIPT | LOADING | STALE | WHILE_SUBSCRIBED;
const publishFlags = PUBSUB | LOADING | STALE | FAST | MAY_REPLICATE;
const askFlags = PUBSUB | LOADING | STALE;
const keys: KeyRange = { first: 1, last: -1, step: 1, flags: 'not_key' };

const HELP = [
  'CHANNELS [<pattern>]',
  "    Return the currently active channels matching a <pattern> (default: '*').",
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
];

export const pubsubCommands: readonly CommandRow[] = [
  { name: 'subscribe', arity: -2, flags: subscriptionFlags, group, run: (call) => subscribe(call, 'channel') },
  { name: 'unsubscribe', arity: -1, flags: subscriptionFlags, group, run: (call) => unsubscribe(call, 'channel') },
  { name: 'psubscribe', arity: -2, flags: subscriptionFlags, group, run: (call) => subscribe(call, 'pattern') },
  { name: 'punsubscribe', arity: -1, flags: subscriptionFlags, group, run: (call) => unsubscribe(call, 'pattern') },
  { name: 'ssubscribe', arity: -2, flags: subscriptionFlags, group, keys, run: (call) => subscribe(call, 'shard') },
  { name: 'sunsubscribe', arity: -1, flags: subscriptionFlags, group, keys, run: (call) => unsubscribe(call, 'shard') },
  { name: 'publish', arity: 3, flags: publishFlags, group, run: (call) => publish(call, 'channel') },
  {
    name: 'spublish',
    arity: 3,
    flags: publishFlags,
    group,
    keys: { ...keys, last: 1 },
    run: (call) => publish(call, 'shard'),
  },
  {
    name: 'pubsub',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'channels', arity: -2, flags: askFlags, group, run: (call) => listChannels(call, 'channel') },
      { name: 'numsub', arity: -2, flags: askFlags, group, run: (call) => countSubscribers(call, 'channel') },
      { name: 'numpat', arity: 2, flags: askFlags, group, run: countPatterns },
      { name: 'shardchannels', arity: -2, flags: askFlags, group, run: (call) => listChannels(call, 'shard') },
      { name: 'shardnumsub', arity: -2, flags: askFlags, group, run: (call) => countSubscribers(call, 'shard') },
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'PUBSUB', HELP) },
    ],
  },
];

function subscribe(call: Call, kind: ChannelKind): void {
  const { session, host } = call;
  if (session.isInExec && kind === 'shard') {
    call.reply.error("SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
    return;
  }
  for (let i = 1; i < call.argc; i++) {
    const name = call.latin1(i);
    host.channels.subscribe(session, kind, name);
    confirm(call, kind, 'subscribe', name);
  }
}

/** Without a name: from all of the kind. */
function unsubscribe(call: Call, kind: ChannelKind): void {
  const { session, host } = call;
  const names = call.argc > 1 ? namesOf(call) : [...(session.subscriptions?.[kind] ?? [])];
  for (const name of names) {
    host.channels.unsubscribe(session, kind, name);
    confirm(call, kind, 'unsubscribe', name);
  }
  if (names.length === 0) confirm(call, kind, 'unsubscribe', null);
}

function namesOf(call: Call): string[] {
  const names: string[] = [];
  for (let i = 1; i < call.argc; i++) names.push(call.latin1(i));
  return names;
}

function confirm(call: Call, kind: ChannelKind, verb: string, name: string | null): void {
  const { reply } = call;
  const { subscriptions } = call.session;
  const { isMuted } = reply;
  reply.isMuted = false;
  reply.push(3);
  reply.bulkLatin1(`${kind === 'channel' ? '' : kind[0]}${verb}`);
  if (name === null) reply.null();
  else reply.bulkLatin1(name);
  if (subscriptions === null) reply.integer(0);
  else if (kind === 'shard') reply.integer(subscriptions.shard.size);
  else reply.integer(subscriptions.channel.size + subscriptions.pattern.size);
  reply.isMuted = isMuted;
}

function publish(call: Call, kind: 'channel' | 'shard'): void {
  call.reply.integer(call.host.channels.publish(kind, call.latin1(1), call.bytes, call.starts[2], call.ends[2]));
}

function listChannels(call: Call, kind: ChannelKind): void {
  if (call.argc > 3) {
    // Redis looks at the number of arguments only after it has found the subcommand.
    call.reply.error(unknownForm(call));
    return;
  }
  const pattern = call.argc === 3 ? call.viewOf(2) : null;
  const found: string[] = [];
  for (const name of call.host.channels.names(kind)) {
    const bytes = Buffer.from(name, 'latin1');
    if (pattern === null || matchGlob(pattern, bytes, 0, bytes.length)) found.push(name);
  }
  call.reply.array(found.length);
  for (const name of found) call.reply.bulkLatin1(name);
}

function unknownForm(call: Call): string {
  return `unknown subcommand or wrong number of arguments for '${call.latin1(1)}'. Try PUBSUB HELP.`;
}

function countSubscribers(call: Call, kind: ChannelKind): void {
  call.reply.array((call.argc - 2) * 2);
  for (let i = 2; i < call.argc; i++) {
    call.reply.bulk(call.bytes, call.starts[i], call.ends[i]);
    call.reply.integer(call.host.channels.countSubscribers(kind, call.latin1(i)));
  }
}

function countPatterns(call: Call): void {
  call.reply.integer(call.host.channels.count('pattern'));
}
