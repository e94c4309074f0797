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
};
