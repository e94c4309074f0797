/** The tables of the README, written from the names of the code; what is said beside a name is said here. */
import * as names from '../src/names.ts';

const { SYSTEM, OPERATION, DATABASE, BATCH_SIZE, STATUS, ERROR_TYPE, ADDRESS, PORT, STORE } = names;
const { PIPELINE, MULTI, BATCH, METRICS, DURATION, SEVERITIES } = names;

const spans = [
  ['{command}', 'SERVER', 'a command that came alone'],
  [PIPELINE, 'SERVER', 'the commands of a connection that ran in one go, because they came together'],
  [MULTI, 'INTERNAL', 'what EXEC ran, below the span of EXEC or of its pipeline'],
  [
    '{command}',
    'INTERNAL',
    "with `spans: 'commands'`: a command of a pipeline or of MULTI, below its span; the first 128 of a batch",
  ],
  ['{method}', 'INTERNAL', "with `spans: 'commands'`: a call of a method of the database, below the active span"],
  [BATCH, 'INTERNAL', 'what a batch of the database commits, below the active span'],
];

const attributes = [
  [SYSTEM, `\`${names.SYSTEM_NAME}\``],
  [OPERATION, 'the name of the span: command (`GET`, `CONFIG GET`), method (`get`) or batch'],
  [DATABASE, 'number of the database, as a text: `0`'],
  [BATCH_SIZE, 'operations of a batch, never 1'],
  [STATUS, "what failed first: the first word of the server's error (`WRONGTYPE`), or the code of the `FerriteError`"],
  [ERROR_TYPE, 'the same; of an error without a code its name'],
  [ADDRESS, 'where the server listens, of spans of kind SERVER'],
  [PORT, 'its TCP port'],
  [STORE, 'the store: option `name`, else the last part of its path, else `memory`; metrics and logs have it, too'],
];

/** By the names of the metrics. */
const meanings: Record<string, string> = {
  'ferrite.command.calls': 'commands run',
  'ferrite.command.failed': 'of those, how many were answered with an error',
  'ferrite.command.rejected': 'commands that were refused before they ran, say for wrong arguments',
  'ferrite.command.time': 'time that commands took, together',
  'ferrite.command.quantile': 'time that 50, 99 and 99.9 % of them took at most (`0.5`, `0.99`, `0.999`)',
  'ferrite.server.connections': 'clients connected',
  'ferrite.server.connections_accepted': 'connections accepted',
  'ferrite.server.connections_rejected': 'connections refused',
  'ferrite.server.input': 'bytes from clients',
  'ferrite.server.output': 'bytes to clients',
  'ferrite.server.key_hits': 'keys that commands asked for and found',
  'ferrite.server.key_misses': 'keys that commands asked for and did not find',
  'ferrite.keys': 'keys stored, counting expired ones that nobody has met yet',
  'ferrite.expired': 'keys whose time was over',
  'ferrite.evicted': 'keys that had to go for lack of room',
  'ferrite.hits': 'records looked at, by either door, by where they were: `mutable`, `read_only`, `read_cache`, `disk`',
  'ferrite.hit_share': 'share of each of these, since the store was opened',
  'ferrite.sync_reads': 'records that commands read from disk while all clients waited',
  'ferrite.updated_in_place': 'writes that changed a record where it was',
  'ferrite.feed_held': 'log that readers of changes keep from being given back',
  'ferrite.bytes':
    'the log by region, `mutable`, `read_only` and `disk`, of which `dead` is garbage; `files` of the store; memory of `index`, ' +
    '`read_cache`, `ordered_index` and `expiry`',
  'ferrite.flash.asked': 'keys and values that were asked to be stored',
  'ferrite.flash.written': 'bytes written to files, everything counted',
  'ferrite.flash.amplification': 'written per asked, since the store was opened',
  'ferrite.flash.fsyncs': 'times that the device was asked to make data durable',
  'ferrite.replay_debt': 'log that a crash now would have to replay',
  'ferrite.checkpoint.count': 'checkpoints of the index',
  'ferrite.checkpoint.written': 'bytes of them',
  'ferrite.compaction.segments': 'segments whose space compaction gave back',
  'ferrite.compaction.relocated': 'live bytes that it copied',
  'ferrite.compaction.longest_hold': 'longest that a step of it held the loop',
  [DURATION]: 'time of a call, in buckets from 1 us to 1 s; see below',
};

/** What stands in the README between the two marks of each table. */
export function namesTables(): Record<string, string> {
  return {
    spans: table(
      ['span', 'kind', 'what it is of'],
      spans.map(([name, ...cells]) => [`\`${name}\``, ...cells]),
    ),
    attributes: table(
      ['attribute of spans', 'value'],
      attributes.map(([name, what]) => [`\`${name}\``, what]),
    ),
    metrics: metricsTable(),
    severities: table(
      ['level of the log', 'severity'],
      Object.entries(SEVERITIES).map(([level, [number, text]]) => [level, `${text} (${number})`]),
    ),
  };
}

function metricsTable(): string {
  const rows = metricRows().map(({ name, instrument, unit, labels }) => {
    const meaning = meanings[name];
    if (meaning === undefined) throw new Error(`nothing is said of ${name}`);
    return [`\`${name}\``, instrument, `\`${unit}\``, labels.map((each) => `\`${each}\``).join(', '), meaning];
  });
  return table(['metric', 'instrument', 'unit', `attributes beside \`${STORE}\``, 'what it tells'], rows);
}

/** All metrics, as a reader of the README sees them. */
export function metricRows(): { name: string; instrument: string; unit: string; labels: string[] }[] {
  const rows = Object.entries(METRICS).flatMap(([prefix, ofPrefix]) =>
    ofPrefix.map(([path, instrument, unit, label]) => ({
      name: names.metricName(prefix, path),
      instrument: instrument.replace('UpDown', 'up-down ').toLowerCase(),
      unit,
      labels: [prefix === 'command.' ? OPERATION : '', label ?? ''].filter((each) => each !== ''),
    })),
  );
  return [...rows, { name: DURATION, instrument: 'histogram', unit: 's', labels: [OPERATION] }];
}

function table(heads: string[], rows: string[][]): string {
  const lines = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}
