/** What COMMAND DOCS says of the commands of the group stream. */
import type { CommandDocs } from '../command-docs.ts';

const TRIM =
  'trim{strategy(maxlen(MAXLEN)|minid(MINID)@6.2.0) [operator(equal(=)|approximately(~))] threshold [LIMIT=count:i@6.2.0]}';
const READ = '[COUNT=count:i] [BLOCK=milliseconds:i]';
const STREAMS = 'STREAMS=streams{key:k0+ id+}';

export const streamDocs: CommandDocs = {
  xadd: {
    summary: 'Adds an entry to a stream, or makes it.',
    since: '5.0.0',
    complexity: 'O(1), and O(N) for the N entries that are trimmed',
    syntax: `key:k0 [nomkstream(NOMKSTREAM)@6.2.0] [${TRIM}] id-selector(auto-id(*)|id) data{field value}+`,
    history: [
      ['6.2.0', 'Has the options NOMKSTREAM, MINID and LIMIT.'],
      ['7.0.0', 'Takes IDs of the form `<ms>-*`.'],
    ],
  },
  xlen: { summary: 'Counts the entries of a stream.', since: '5.0.0', complexity: 'O(1)', syntax: 'key:k0' },
  xdel: {
    summary: 'Removes entries of a stream.',
    since: '5.0.0',
    complexity: 'O(1) for each entry',
    syntax: 'key:k0 id+',
  },
  xtrim: {
    summary: 'Removes entries from the front of a stream.',
    since: '5.0.0',
    complexity: 'O(N) for the N entries that are removed',
    syntax: `key:k0 ${TRIM}`,
    history: [['6.2.0', 'Has the options MINID and LIMIT.']],
  },
  xsetid: {
    summary: 'Sets the last ID of a stream. For internal use.',
    since: '5.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 last-id [ENTRIESADDED=entries-added:i@7.0.0] [MAXDELETEDID=max-deleted-id@7.0.0]',
    history: [['7.0.0', 'Has the options ENTRIESADDED and MAXDELETEDID.']],
  },
  xrange: {
    summary: 'Answers with the entries of an interval of IDs.',
    since: '5.0.0',
    complexity: 'O(log N + M) with M entries in the interval',
    syntax: 'key:k0 start end [COUNT=count:i]',
    history: [['6.2.0', 'Takes intervals without their ends.']],
  },
  xrevrange: {
    summary: 'Answers with the entries of an interval of IDs, the last one first.',
    since: '5.0.0',
    complexity: 'O(log N + M) with M entries in the interval',
    syntax: 'key:k0 end start [COUNT=count:i]',
    history: [['6.2.0', 'Takes intervals without their ends.']],
  },
  xread: {
    summary: 'Answers with the entries of several streams that come after the given IDs.',
    since: '5.0.0',
    complexity: 'O(log N + M) for each stream with M entries that are read',
    syntax: `${READ} ${STREAMS}`,
  },
  xgroup: { summary: 'Holds the commands that change groups of streams.', since: '5.0.0' },
  'xgroup|create': {
    summary: 'Makes a group that reads a stream from an ID on.',
    since: '5.0.0',
    complexity: 'O(1)',
    syntax:
      'key:k0 group id-selector(id|new-id($)) [mkstream(MKSTREAM)] [ENTRIESREAD=entriesread:i~entries-read@7.0.0]',
    history: [['7.0.0', 'Has the option ENTRIESREAD.']],
  },
  'xgroup|setid': {
    summary: 'Sets the ID that a group has read up to.',
    since: '5.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 group id-selector(id|new-id($)) [ENTRIESREAD=entriesread:i~entries-read@7.0.0]',
    history: [['7.0.0', 'Has the option ENTRIESREAD.']],
  },
  'xgroup|destroy': {
    summary: 'Removes a group with all that is pending for it.',
    since: '5.0.0',
    complexity: 'O(N) for N pending entries',
    syntax: 'key:k0 group',
  },
  'xgroup|createconsumer': {
    summary: 'Makes a consumer of a group.',
    since: '6.2.0',
    complexity: 'O(1)',
    syntax: 'key:k0 group consumer',
  },
  'xgroup|delconsumer': {
    summary: 'Removes a consumer of a group with what is pending for it.',
    since: '5.0.0',
    complexity: 'O(N) for N pending entries',
    syntax: 'key:k0 group consumer',
  },
  'xgroup|help': { summary: 'Says which subcommands there are.', since: '5.0.0', complexity: 'O(1)' },
  xreadgroup: {
    summary: 'Gives a consumer of a group new entries of several streams, or again those that are pending for it.',
    since: '5.0.0',
    complexity: 'O(M) for each stream with M entries that are read',
    syntax: `GROUP=group-block{group consumer} ${READ} [noack(NOACK)] ${STREAMS}`,
  },
  xack: {
    summary: 'Says that entries are dealt with: they are not pending any more.',
    since: '5.0.0',
    complexity: 'O(1) for each entry',
    syntax: 'key:k0 group id+',
  },
  xpending: {
    summary: 'Answers what is pending for a group.',
    since: '5.0.0',
    complexity: 'O(N) with N entries of the interval',
    syntax: 'key:k0 group [filters{[IDLE=min-idle-time:i@6.2.0] start end count:i [consumer]}]',
    history: [['6.2.0', 'Has the option IDLE, and takes intervals without their ends.']],
  },
  xclaim: {
    summary: 'Gives pending entries to another consumer.',
    since: '5.0.0',
    complexity: 'O(log N) for each entry',
    syntax:
      'key:k0 group consumer min-idle-time id+ [IDLE=ms:i] [TIME=unix-time-milliseconds:t] [RETRYCOUNT=count:i] [force(FORCE)] [justid(JUSTID)] [LASTID=lastid]',
  },
  xautoclaim: {
    summary: 'Gives pending entries that were left for long to another consumer.',
    since: '6.2.0',
    complexity: 'O(1) for a small COUNT',
    syntax: 'key:k0 group consumer min-idle-time start [COUNT=count:i] [justid(JUSTID)]',
    history: [['7.0.0', 'Says which entries are gone.']],
  },
  xinfo: { summary: 'Holds the commands that say what is known of streams.', since: '5.0.0' },
  'xinfo|stream': {
    summary: 'Answers what is known of a stream.',
    since: '5.0.0',
    complexity: 'O(1), with FULL O(N) for what is shown',
    syntax: 'key:k0 [full-block{full(FULL) [COUNT=count:i]}]',
    history: [
      ['6.0.0', 'Has the option FULL.'],
      ['7.0.0', 'Says the largest ID that was removed, entries added and read, and the lag.'],
    ],
  },
  'xinfo|groups': {
    summary: 'Answers which groups a stream has.',
    since: '5.0.0',
    complexity: 'O(N) for N groups',
    syntax: 'key:k0',
    history: [['7.0.0', 'Says entries read and the lag.']],
  },
  'xinfo|consumers': {
    summary: 'Answers which consumers a group has.',
    since: '5.0.0',
    complexity: 'O(N) for N consumers',
    syntax: 'key:k0 group',
    history: [['7.2.0', 'Says for how long a consumer was given nothing.']],
  },
  'xinfo|help': { summary: 'Says which subcommands there are.', since: '5.0.0', complexity: 'O(1)' },
};
