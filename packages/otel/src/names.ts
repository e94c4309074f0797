/**
 * Every name that this package sends: attributes, spans, metrics, severities.
 *
 * The code takes its names from here, and the tables of the README are written from it (a test holds them equal). Where
 * OpenTelemetry's conventions for databases have a name, it is that one; all else begins with `ferrite.`. Units are UCUM's.
 */

// Attributes.
export const SYSTEM = 'db.system.name';
export const OPERATION = 'db.operation.name';
export const DATABASE = 'db.namespace';
export const BATCH_SIZE = 'db.operation.batch.size';
export const STATUS = 'db.response.status_code';
export const ERROR_TYPE = 'error.type';
export const ADDRESS = 'server.address';
export const PORT = 'server.port';
export const STORE = 'ferrite.store';
const REGION = 'ferrite.region';

export const SYSTEM_NAME = 'ferrite';

// Spans: those of a command or a call have its name, those of a batch one of these, and the command if all are the same.
export const PIPELINE = 'PIPELINE';
export const MULTI = 'MULTI';
export const BATCH = 'BATCH';

// Instruments, as the API's methods for observable ones call them.
const COUNTER = 'Counter';
const UP_DOWN = 'UpDownCounter';
const GAUGE = 'Gauge';

/**
 * A metric: which figure it is, by its path in the figures it is read from; the name is made of that (`metricName`). A figure
 * of several numbers is told apart by the attribute `label`.
 */
export type MetricRow = readonly [
  path: string,
  instrument: typeof COUNTER | typeof UP_DOWN | typeof GAUGE,
  unit: string,
  label?: string,
];

/** By what stands before their paths: of each command, of the server, and of the store, as `stats()` has them. */
export const METRICS: Readonly<Record<string, readonly MetricRow[]>> = {
  'command.': [
    ['calls', COUNTER, '{call}'],
    ['failed', COUNTER, '{call}'],
    ['rejected', COUNTER, '{call}'],
    ['time', COUNTER, 's'],
    ['quantile', GAUGE, 's', 'ferrite.quantile'],
  ],
  'server.': [
    ['connections', UP_DOWN, '{connection}'],
    ['connectionsAccepted', COUNTER, '{connection}'],
    ['connectionsRejected', COUNTER, '{connection}'],
    ['inputBytes', COUNTER, 'By'],
    ['outputBytes', COUNTER, 'By'],
    ['keyHits', COUNTER, '{key}'],
    ['keyMisses', COUNTER, '{key}'],
  ],
  '': [
    ['keys', UP_DOWN, '{key}'],
    ['expired', COUNTER, '{key}'],
    ['evicted', COUNTER, '{key}'],
    ['hits', COUNTER, '{record}', REGION],
    ['hitShare', GAUGE, '1', REGION],
    ['syncReads', COUNTER, '{record}'],
    ['updatedInPlace', COUNTER, '{record}'],
    ['bytes', UP_DOWN, 'By', REGION],
    ['flash.askedBytes', COUNTER, 'By'],
    ['flash.writtenBytes', COUNTER, 'By'],
    ['flash.amplification', GAUGE, '1'],
    ['flash.fsyncs', COUNTER, '{fsync}'],
    ['replayDebtBytes', UP_DOWN, 'By'],
    ['feedHeldBytes', UP_DOWN, 'By'],
    ['checkpoint.count', COUNTER, '{checkpoint}'],
    ['checkpoint.writtenBytes', COUNTER, 'By'],
    ['compaction.segments', COUNTER, '{segment}'],
    ['compaction.relocatedBytes', COUNTER, 'By'],
    ['compaction.longestHoldMs', GAUGE, 'ms'],
  ],
};

/** What `durationHistograms` gives to a metric reader of the SDK: an instrument that can be observed has no histogram. */
export const DURATION = 'ferrite.command.duration';

/** By redis's levels, as OpenTelemetry counts severities (its data model maps syslog's `notice` to 10). */
export const SEVERITIES = {
  debug: [5, 'DEBUG'],
  verbose: [9, 'INFO'],
  notice: [10, 'INFO2'],
  warning: [13, 'WARN'],
} as const;

/** `flash.writtenBytes` is `ferrite.flash.written`: units stand beside names. */
export function metricName(prefix: string, path: string): string {
  return `ferrite.${prefix}${snakeCase(path.replace(/Bytes$|Ms$/, ''))}`;
}

export function snakeCase(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A command as people write it: `config|get` is `CONFIG GET`. */
export function shownName(name: string): string {
  return name.toUpperCase().replace('|', ' ');
}
