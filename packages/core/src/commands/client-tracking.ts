/** CLIENT's subcommands for clients that cache what they read. */
import type { Call } from './call.ts';
import { type CommandRow, LOADING, NOSCRIPT, STALE } from './command.ts';
import type { TrackingOptions, TrackingState } from './tracking.ts';

const SWITCHED_BROADCAST =
  "You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a " +
  'different mode.';
const SWITCHED_OPTION =
  "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a " +
  'different mode.';
const NOT_TRACKING =
  'CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled';

const group = 'connection';
const flags = NOSCRIPT | LOADING | STALE;

export const trackingSubcommands: readonly CommandRow[] = [
  { name: 'tracking', arity: -3, flags, group, run: track },
  { name: 'caching', arity: 3, flags, group, run: sayCaching },
  { name: 'getredir', arity: 2, flags, group, run: getRedirect },
  { name: 'trackinginfo', arity: 2, flags, group, run: trackingInfo },
];

function track(call: Call): void {
  const { session, reply } = call;
  const options = parseOptions(call);
  if (options === undefined) return;
  if (call.is(2, 'on')) {
    const error = whyNot(options, session.tracking);
    if (error !== '') {
      reply.error(error);
      return;
    }
    call.host.tracking.enable(session, options);
  } else if (call.is(2, 'off')) call.host.tracking.disable(session);
  else {
    reply.error('syntax error');
    return;
  }
  reply.ok();
}

function parseOptions(call: Call): TrackingOptions | undefined {
  const prefixes: string[] = [];
  const options = { redirect: 0, isBroadcast: false, prefixes, isOptIn: false, isOptOut: false, isNoLoop: false };
  for (let i = 3; i < call.argc; i++) {
    const hasMore = i + 1 < call.argc;
    if (call.is(i, 'redirect') && hasMore) {
      if (!parseRedirect(call, ++i, options)) return undefined;
    } else if (call.is(i, 'bcast')) options.isBroadcast = true;
    else if (call.is(i, 'optin')) options.isOptIn = true;
    else if (call.is(i, 'optout')) options.isOptOut = true;
    else if (call.is(i, 'noloop')) options.isNoLoop = true;
    else if (call.is(i, 'prefix') && hasMore) prefixes.push(call.latin1(++i));
    else {
      call.reply.error('syntax error');
      return undefined;
    }
  }
  return options;
}

function parseRedirect(call: Call, i: number, options: { redirect: number }): boolean {
  if (options.redirect !== 0) {
    call.reply.error('A client can only redirect to a single other client');
    return false;
  }
  const id = call.integer(i);
  if (id === undefined) return false;
  options.redirect = Number(id);
  if (call.host.sessions.find(options.redirect) !== undefined) return true;
  call.reply.error('The client ID you want redirect to does not exist');
  return false;
}

/** Why these options cannot be had together, or now; an empty text if they can. */
function whyNot(options: TrackingOptions, now: TrackingState | null): string {
  const { isBroadcast, prefixes, isOptIn, isOptOut } = options;
  if (!isBroadcast && prefixes.length > 0) return 'PREFIX option requires BCAST mode to be enabled';
  if (now !== null && now.isBroadcast !== isBroadcast) return SWITCHED_BROADCAST;
  if (isBroadcast && (isOptIn || isOptOut)) return 'OPTIN and OPTOUT are not compatible with BCAST';
  if (isOptIn && isOptOut) return "You can't specify both OPTIN mode and OPTOUT mode";
  if (now !== null && ((isOptIn && now.isOptOut) || (isOptOut && now.isOptIn))) return SWITCHED_OPTION;
  return isBroadcast ? collisionOf(prefixes, now?.prefixes ?? []) : '';
}

function collisionOf(added: readonly string[], existing: readonly string[]): string {
  for (const [i, prefix] of added.entries()) {
    const old = existing.find((other) => overlap(prefix, other));
    if (old !== undefined) return collisionText(prefix, 'an existing', old);
    const twin = added.slice(i + 1).find((other) => overlap(prefix, other));
    if (twin !== undefined) return collisionText(prefix, 'another provided', twin);
  }
  return '';
}

function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

function collisionText(prefix: string, which: string, other: string): string {
  return `Prefix '${prefix}' overlaps with ${which} prefix '${other}'. Prefixes for a single client must not overlap.`;
}

function sayCaching(call: Call): void {
  const { tracking } = call.session;
  const { reply } = call;
  if (tracking === null) {
    reply.error(NOT_TRACKING);
    return;
  }
  const isYes = call.is(2, 'yes');
  if (!isYes && !call.is(2, 'no')) reply.error('syntax error');
  else if (isYes && !tracking.isOptIn) {
    reply.error('CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.');
  } else if (!isYes && !tracking.isOptOut) {
    reply.error('CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.');
  } else {
    call.host.tracking.sayCaching(call.session);
    reply.ok();
  }
}

function getRedirect(call: Call): void {
  call.reply.integer(call.session.tracking?.redirect ?? -1);
}

function trackingInfo(call: Call): void {
  const { tracking } = call.session;
  const { reply } = call;
  const words = wordsOf(tracking);
  reply.map(3);
  reply.bulkLatin1('flags');
  reply.set(words.length);
  for (const word of words) reply.bulkLatin1(word);
  reply.bulkLatin1('redirect');
  reply.integer(tracking?.redirect ?? -1);
  reply.bulkLatin1('prefixes');
  const prefixes = [...(tracking?.prefixes ?? [])].sort();
  reply.array(prefixes.length);
  for (const prefix of prefixes) reply.bulkLatin1(prefix);
}

function wordsOf(tracking: TrackingState | null): string[] {
  if (tracking === null) return ['off'];
  const words = ['on'];
  if (tracking.isBroadcast) words.push('bcast');
  if (tracking.isOptIn) words.push('optin');
  if (tracking.isOptIn && tracking.isCachingSaid) words.push('caching-yes');
  if (tracking.isOptOut) words.push('optout');
  if (tracking.isOptOut && tracking.isCachingSaid) words.push('caching-no');
  if (tracking.isNoLoop) words.push('noloop');
  if (tracking.isRedirectBroken) words.push('broken_redirect');
  return words;
}
