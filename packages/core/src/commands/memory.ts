/** MEMORY: what a key takes, and what all of it does. */
import { memoryOfFound } from '../keyspace/memory-of.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';
import { type CommandRow, LOADING, READONLY, STALE } from './command.ts';
import { replyHelp, runSubcommand } from './subcommand.ts';

const HELP = [
  'DOCTOR',
  '    Return memory problems reports.',
  'MALLOC-STATS',
  '    Return internal statistics report from the memory allocator.',
  'PURGE',
  '    Attempt to purge dirty pages for reclamation by the allocator.',
  'STATS',
  '    Return information about the memory usage of the server.',
  'USAGE <key> [SAMPLES <count>]',
  '    Return memory in bytes used by <key> and its value. Nested values are',
  '    sampled up to <count> times (default: 5, 0 means sample all).',
];

/** Below this, what the process itself takes outweighs the data. */
const EMPTY_BYTES = 5 * 1024 * 1024;
const PEAK_RATIO_MAX = 1.5;
const RSS_RATIO_MAX = 1.4;
const RSS_SPARE_BYTES = 64 * 1024 * 1024;

const group = 'server';

export const memoryCommands: readonly CommandRow[] = [
  {
    name: 'memory',
    arity: -2,
    flags: 0,
    group,
    run: runSubcommand,
    subcommands: [
      { name: 'doctor', arity: 2, flags: 0, group, run: doctor },
      { name: 'malloc-stats', arity: 2, flags: 0, group, run: mallocStats },
      { name: 'purge', arity: 2, flags: 0, group, run: purge },
      { name: 'stats', arity: 2, flags: 0, group, run: stats },
      {
        name: 'usage',
        arity: -3,
        flags: READONLY,
        group,
        keys: { first: 2, last: 2, step: 1, flags: 'RO' },
        run: usage,
      },
      { name: 'help', arity: 2, flags: LOADING | STALE, group, run: (call) => replyHelp(call, 'MEMORY', HELP) },
    ],
  },
];

function usage(call: Call): void {
  const { reply, store } = call;
  for (let i = 3; i < call.argc; i += 2) {
    if (!call.is(i, 'samples') || i + 1 === call.argc) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    const samples = call.integer(i + 1);
    if (samples === undefined) return;
    if (samples < 0) {
      reply.error(SYNTAX_ERROR);
      return;
    }
  }
  if (call.peekKey(2) === 0) reply.null();
  else reply.integer(memoryOfFound(store));
}

/** Replies with redis's names where the same is meant, and those of Ferrite's parts after them. */
function stats(call: Call): void {
  const { reply } = call;
  const memory = call.host.information.memory();
  const overhead = memory.index + memory.orderedIndex + memory.expiry + memory.clients;
  const dataset = memory.data + memory.readCache;
  const whole: [string, number][] = [
    ['peak.allocated', memory.peak],
    ['total.allocated', memory.used],
    ['startup.allocated', memory.startup],
    ['clients.normal', memory.clients],
    ['overhead.total', overhead],
    ['keys.count', memory.keys],
    ['keys.bytes-per-key', memory.keys === 0 ? 0 : Math.floor((dataset + overhead) / memory.keys)],
    ['dataset.bytes', dataset],
    ['index.bytes', memory.index],
    ['ordered-index.bytes', memory.orderedIndex],
    ['expiry.bytes', memory.expiry],
    ['read-cache.bytes', memory.readCache],
    ['fragmentation.bytes', memory.rss - memory.used],
  ];
  const parts: [string, number][] = [
    ['dataset.percentage', (dataset / memory.used) * 100],
    ['peak.percentage', (memory.used / memory.peak) * 100],
    ['fragmentation', memory.rss / memory.used],
  ];
  reply.map(whole.length + parts.length);
  for (const [name, value] of whole) {
    reply.bulkLatin1(name);
    reply.integer(value);
  }
  for (const [name, value] of parts) {
    reply.bulkLatin1(name);
    reply.double(value);
  }
}

function doctor(call: Call): void {
  const { used, rss, peak, data, clients } = call.host.information.memory();
  const found: string[] = [];
  if (data > EMPTY_BYTES) {
    if (peak / used > PEAK_RATIO_MAX)
      found.push('More was used before than now: the process may keep some of that memory.');
    if (rss / used > RSS_RATIO_MAX && rss - used > RSS_SPARE_BYTES) {
      found.push('The process holds much more memory than is used: that goes back to the system as it is needed.');
    }
    if (clients > used / 2) found.push('Half of the memory is what clients sent or did not read yet: see CLIENT LIST.');
  }
  const text =
    found.length > 0 ? `${found.map((line) => `* ${line}`).join('\n')}\n` : 'No problem with memory was found.\n';
  call.reply.verbatim('txt', text);
}

function mallocStats(call: Call): void {
  call.reply.bulkLatin1('Stats not supported for the current allocator');
}

/** The memory is the garbage collector's, which gives it back when it sees fit. */
function purge(call: Call): void {
  call.reply.ok();
}
