/** LATENCY: what held the loop for long, and how the times of commands are spread. */
import type { Call } from './call.ts';
import { ADMIN, type CommandRow, LOADING, NOSCRIPT, STALE } from './command.ts';
import { describeLatency, drawLatency } from './latency-report.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

export interface LatencySample {
  readonly atSeconds: number;
  ms: number;
}

export interface LatencyEvent {
  /** Of all times, also of those whose samples are gone. */
  longestMs: number;
  /** In the order in which they came, one a second at most. */
  readonly samples: LatencySample[];
}

/** Implemented in `instance/`. */
export interface LatencyMonitor {
  readonly thresholdMs: number;
  readonly events: ReadonlyMap<string, LatencyEvent>;
  /** Forgets an event; false if there was none. */
  reset(name: string): boolean;
}

const HELP = [
  'DOCTOR',
  '    Return a human readable latency analysis report.',
  'GRAPH <event>',
  '    Return an ASCII latency graph for the <event> class.',
  'HISTORY <event>',
  '    Return time-latency samples for the <event> class.',
  'LATEST',
  '    Return the latest latency samples for all events.',
  'RESET [<event> ...]',
  '    Reset latency data of one or more <event> classes.',
  '    (default: reset all data for all event classes)',
  'HISTOGRAM [COMMAND ...]',
  '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
  '    If no commands are specified then all histograms are replied.',
];

const group = 'server';
const flags = ADMIN | NOSCRIPT | LOADING | STALE;

export const latencyCommands: readonly CommandRow[] = [
  {
    name: 'latency',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'doctor', arity: 2, flags, group, run: doctor },
      { name: 'graph', arity: 3, flags, group, run: graph },
      { name: 'histogram', arity: -2, flags, group, run: histogram },
      { name: 'history', arity: 3, flags, group, run: history },
      { name: 'latest', arity: 2, flags, group, run: latest },
      { name: 'reset', arity: -2, flags, group, run: reset },
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'LATENCY', HELP) },
    ],
  },
];

function doctor(call: Call): void {
  call.reply.verbatim('txt', describeLatency(call.host));
}

function graph(call: Call): void {
  const name = call.latin1(2);
  const event = call.host.latency.events.get(name);
  if (event === undefined) call.reply.error(`No samples available for event '${name}'`);
  else call.reply.verbatim('txt', drawLatency(name, event, Math.floor(call.store.nowMs() / 1000)));
}

function history(call: Call): void {
  const samples = call.host.latency.events.get(call.latin1(2))?.samples ?? [];
  call.reply.array(samples.length);
  for (const { atSeconds, ms } of samples) {
    call.reply.array(2);
    call.reply.integer(atSeconds);
    call.reply.integer(ms);
  }
}

function latest({ reply, host }: Call): void {
  const { events } = host.latency;
  reply.array(events.size);
  for (const [name, { samples, longestMs }] of events) {
    const { atSeconds, ms } = samples[samples.length - 1];
    reply.array(4);
    reply.bulkLatin1(name);
    reply.integer(atSeconds);
    reply.integer(ms);
    reply.integer(longestMs);
  }
}

function reset(call: Call): void {
  const { latency } = call.host;
  let count = 0;
  if (call.argc === 2) for (const name of [...latency.events.keys()]) count += latency.reset(name) ? 1 : 0;
  for (let i = 2; i < call.argc; i++) count += latency.reset(call.latin1(i)) ? 1 : 0;
  call.reply.integer(count);
}

function histogram(call: Call): void {
  const { reply } = call;
  const place = reply.defer();
  let count = 0;
  for (const [name, row] of namedRows(call)) {
    const spread = call.host.statistics.of(row)?.histogram;
    if (spread === undefined || spread.total === 0) continue;
    count++;
    reply.bulkLatin1(name);
    reply.map(2);
    reply.bulkLatin1('calls');
    reply.integer(spread.total);
    reply.bulkLatin1('histogram_usec');
    const buckets = spread.byPowerOfTwo();
    reply.map(buckets.length);
    for (const [micros, calls] of buckets) {
      reply.integer(micros);
      reply.integer(calls);
    }
  }
  reply.resolveMap(place, count);
}

/** The commands that are named from argument 2 on, or all, a container's subcommands after it. */
function* namedRows(call: Call): Iterable<[string, CommandRow]> {
  const names = Array.from({ length: call.argc - 2 }, (_, i) => call.latin1(i + 2).toLowerCase());
  const { commands } = call.host;
  for (const name of names.length > 0 ? names : commands.map((row) => row.name)) {
    const [container, own] = name.split('|');
    const row = commands.find((each) => each.name === container);
    if (row !== undefined && own === undefined) yield [row.name, row];
    for (const each of row?.subcommands ?? []) {
      if (own === undefined || own === each.name) yield [`${container}|${each.name}`, each];
    }
  }
}
