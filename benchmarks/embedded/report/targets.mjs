/**
 * The figures that Ferrite must reach, and those that it aims for: one row each, with how it is computed.
 *
 * `limit` is what must hold, `aim` what we would like; `better` says on which side. Ratios between engines are taken
 * within a round. `measure` returns a summary, or null when the row was not measured; `note` adds facts to the row.
 */
import { digits, plain, units } from './format.mjs';
import { metricOf, ratioOf, samplesOf, summarize } from './statistics.mjs';

const more = (title, unit, limit, aim, measure, note) => ({ title, unit, limit, aim, better: 'more', measure, note });
const less = (title, unit, limit, aim, measure, note) => ({ title, unit, limit, aim, better: 'less', measure, note });
const ratio = (workload, engine, other, metric) => (results) => ratioOf(results, workload, engine, other, metric);
/** Throughput against another engine, with the ratio of CPU time, which a busy machine disturbs less. */
const faster = (workload, engine, other) => [
  ratio(workload, engine, other, 'opsPerSecond'),
  (results) => `by CPU time ${plain(ratioOf(results, workload, other, engine, 'cpuUsPerOp'), 'times')}`,
];
const metric = (workload, engine, name) => (results) => metricOf(results, workload, engine, name);

const getRows = [
  more('hot get, uniform / lmdb', 'times', 2.2, 3, ...faster('get-uniform', 'ferrite', 'lmdb')),
  more('hot get, uniform / SQLite', 'times', 6, 8, ...faster('get-uniform', 'ferrite', 'sqlite')),
  less('hot get p99 / SQLite', 'times', null, 1 / 3, ratio('get-uniform', 'ferrite', 'sqlite', 'p99Us'), p99Note),
  more('getMany of 64 / own single get', 'times', 2.5, 3.2, (results) =>
    metricOf(results, 'get-many', 'ferrite', (sample) => sample.keysPerSecond64 / sample.singleOpsPerSecond),
  ),
  more('getMany of 256 / RocksDB', 'times', 5, null, ratio('get-many', 'ferrite', 'rocksdb', 'keysPerSecond256')),
];

const putRows = [
  more('single put everysec / lmdb putSync', 'times', 2, 3, ...faster('put-single', 'ferrite', 'lmdb')),
  more('single put everysec / SQLite', 'times', 4, 5, ...faster('put-single', 'ferrite', 'sqlite')),
  more('batch of 1000 / lmdb', 'times', 2, 3, ...faster('put-batch', 'ferrite', 'lmdb')),
  more('batch of 1000 / RocksDB', 'times', 3, 5, ...faster('put-batch', 'ferrite', 'rocksdb')),
  more('batch of 1000 / SQLite', 'times', 3, 5, ...faster('put-batch', 'ferrite', 'sqlite')),
  more('group commit, 256 writers / lmdb', 'times', 1.1, 1.5, ...faster('put-durable', 'ferrite-always', 'lmdb-fsync')),
];

const memoryRows = [
  less('RSS, 1 M keys in 16 MB of regions', 'mb', 100e6, 89e6, (results) =>
    metricOf(results, 'memory', 'ferrite-16mb', ({ rssBytes, readRssBytes }) => Math.max(rssBytes, readRssBytes)),
  ),
  less('the same after scans', 'mb', 130e6, null, metric('memory', 'ferrite-16mb-lazy', 'scannedRssBytes')),
  more(
    'cold gets in 16 MB',
    'perSecond',
    300e3,
    400e3,
    metric('get-cold', 'ferrite-16mb', 'opsPerSecond'),
    tiersNote('get-cold', 'ferrite-16mb'),
  ),
];

const reopenRows = [
  less('1 M keys to first get, clean / lmdb', 'times', 1.2, 1, reopenRatio('reopen-clean'), reopenNote('reopen-clean')),
  less('the same after SIGKILL / lmdb', 'times', 2, 1, reopenRatio('reopen-killed'), reopenNote('reopen-killed')),
];

const mixedRows = [
  more(
    'half and half, interval / lmdb',
    'times',
    4,
    6,
    ratio('mixed', 'ferrite-interval', 'lmdb', 'opsPerSecond'),
    queuedNote('ferrite-interval'),
  ),
  less('half and half, interval: p99.99', 'us', 300, 200, metric('mixed', 'ferrite-interval', 'p9999Us'), mixedNote),
  more(
    'half and half, everysec / lmdb',
    'times',
    2.5,
    null,
    ratio('mixed', 'ferrite', 'lmdb', 'opsPerSecond'),
    queuedNote('ferrite'),
  ),
  less('half and half, everysec: longest operation', 'us', null, null, metric('mixed', 'ferrite', 'maxUs')),
  holdRow('compaction', ({ compaction }) => compaction?.longestHoldMs),
  holdRow('index growth', ({ indexGrowthLongestHoldMs }) => indexGrowthLongestHoldMs),
  holdRow('checkpoint', ({ checkpoint }) => checkpoint?.longestHoldMs),
];

const wearRows = [
  less('bytes written / payload: load in batches', 'ratio', 1.3, null, ...wear('put-batch', 'ferrite')),
  less('bytes written / payload: single puts', 'ratio', 1.5, null, ...wear('put-single', 'ferrite')),
  less('bytes written / payload: overwrite, uniform', 'ratio', 1.8, null, ...wear('overwrite-uniform', 'ferrite')),
  less('bytes written / payload: overwrite, zipf', 'ratio', 2, null, ...wear('overwrite-zipf', 'ferrite')),
  less('bytes written / payload: zipf, interval', 'ratio', 0.5, null, ...wear('overwrite-zipf', 'ferrite-interval')),
];

const scanRows = [
  more('prefix scan of 1,000 / lmdb', 'times', 0.9, 1.5, ratio('scan', 'ferrite', 'lmdb', 'scansPerSecond')),
  less('first scan after reopening', 'ms', 1500, null, metric('scan', 'ferrite', 'firstScanMs')),
];

const startRows = [
  less('opening an empty store, over bare Node', 'ms', 30, null, metric('startup', 'ferrite', 'overBareMs')),
  less('idle RSS', 'mb', 60e6, null, metric('startup', 'ferrite', 'idleRssBytes')),
  less('close, empty', 'ms', 100, null, metric('startup', 'ferrite', 'closeMs')),
  less('close, 1 M keys', 'ms', 100, null, metric('reopen-clean', 'ferrite', 'closeMs')),
];

const rows = [
  ...getRows,
  ...putRows,
  ...memoryRows,
  ...reopenRows,
  ...mixedRows,
  ...wearRows,
  ...scanRows,
  ...startRows,
];

/** Every row with its figure and verdict: `aim`, `met`, `missed`, `reported` (no limit) or `not measured`. */
export function judge(results) {
  return rows.map(({ title, unit, limit, aim, better, measure, note }) => {
    const summary = measure(results);
    const sign = better === 'more' ? '>=' : '<=';
    const text = (value) => (value === null ? '' : `${sign} ${units[unit](value)}`);
    return {
      title,
      unit,
      summary,
      must: text(limit),
      aim: text(aim),
      verdict: verdictOf(summary, limit, aim, better),
      note: summary === null ? '' : (note?.(results) ?? ''),
    };
  });
}

function verdictOf(summary, limit, aim, better) {
  if (summary === null) return 'not measured';
  const reaches = (value) => (better === 'more' ? summary.median >= value : summary.median <= value);
  if (aim !== null && reaches(aim)) return 'aim';
  if (limit !== null) return reaches(limit) ? 'met' : 'missed';
  return aim === null ? 'reported' : 'aim missed';
}

function wear(workload, engine) {
  const note = (results) => {
    const dirtied = plain(metricOf(results, workload, engine, 'dirtiedPerByte'), 'ratio');
    const own = metricOf(results, workload, engine, (sample) => (sample.flash ?? sample.figures?.flash)?.amplification);
    const space = metricOf(results, workload, engine, 'spacePerLiveByte');
    const facts = [`pages dirtied ${dirtied}`, `own counter since opening ${plain(own, 'ratio')}`];
    return [...facts, ...(space === null ? [] : [`space ${plain(space, 'times')} live bytes`])].join(', ');
  };
  return [metric(workload, engine, 'askedPerByte'), note];
}

/** The longest time for which one slice of background work held the loop, by Ferrite's own counter. */
function holdRow(work, read) {
  return less(`longest loop hold: ${work}`, 'ms', 5, null, (results) => {
    const samples = ['ferrite', 'ferrite-interval'].flatMap((engine) => samplesOf(results, 'mixed', engine));
    return summarizeWorst(samples.map(({ figures }) => (figures === undefined ? undefined : read(figures))));
  });
}

/** A limit on each hold is judged by the worst round, not by the median one. */
function summarizeWorst(values) {
  const summary = summarize(values);
  return summary === null ? null : { ...summary, median: summary.max };
}

function reopenRatio(workload) {
  return ratio(workload, 'ferrite', 'lmdb', 'firstGetMs');
}

function reopenNote(workload) {
  return (results) => {
    const time = (engine, name) => plain(metricOf(results, workload, engine, name), 'ms');
    const times = ['ferrite', 'lmdb'].map(
      (engine) => `${engine} ${time(engine, 'firstGetMs')} (library ${time(engine, 'importMs')})`,
    );
    const sample = samplesOf(results, workload, 'ferrite').at(-1);
    const debt = sample?.before;
    if (debt === undefined) return times.join(', ');
    const size = (value) => (value === null || value === undefined ? 'unknown' : units.mb(value));
    return `${times.join(', ')}; replay debt ${size(debt.replayDebtBytes)}, checkpoint ${size(debt.checkpointBytes)}`;
  };
}

function p99Note(results) {
  const p99 = (engine) => plain(metricOf(results, 'get-uniform', engine, 'p99Us'), 'us');
  const tiers = tiersNote('get-uniform', 'ferrite')(results);
  return [`${p99('ferrite')} against ${p99('sqlite')}`, ...(tiers === '' ? [] : [tiers])].join('; ');
}

function queuedNote(engine) {
  return (results) => {
    const queued = ratioOf(results, 'mixed', engine, 'lmdb-queued', 'opsPerSecond');
    return `against lmdb's queued put, which acknowledges before it commits: ${plain(queued, 'times')}`;
  };
}

function mixedNote(results) {
  const of = (name, unit) => plain(metricOf(results, 'mixed', 'ferrite-interval', name), unit);
  const lmdb = plain(metricOf(results, 'mixed', 'lmdb', 'p9999Us'), 'us');
  return `max ${of('maxUs', 'us')}, longest loop turn ${of('turnMaxMs', 'ms')}; lmdb p99.99 ${lmdb}`;
}

/** Where the gets were served from, by Ferrite's own counters: hot gets must come from memory, cold ones must not. */
function tiersNote(workload, engine) {
  return (results) => {
    const { hitsBefore = {}, hits } = samplesOf(results, workload, engine).at(-1) ?? {};
    if (hits === undefined) return '';
    const counts = Object.keys(hits).map((tier) => [tier, hits[tier] - (hitsBefore[tier] ?? 0)]);
    const all = counts.reduce((sum, [, count]) => sum + count, 0);
    const shares = counts.filter(([, count]) => count > 0).map(([tier, n]) => `${tier} ${digits((100 * n) / all)} %`);
    return `read from: ${shares.join(', ')}`;
  };
}
