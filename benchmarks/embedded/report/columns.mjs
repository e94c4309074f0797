/**
 * What each workload's table shows: `[heading, metric, unit, better]`. A column with `better` (more or less) takes part
 * in the list of rows that Ferrite loses. The first column is the headline of the lines of progress.
 */
const throughput = ['ops/s', 'opsPerSecond', 'perSecond', 'more'];
const cpu = ['CPU per op', 'cpuUsPerOp', 'us', 'less'];
const latencies = [
  ['p50', 'p50Us', 'us'],
  ['p99', 'p99Us', 'us', 'less'],
  ['p99.9', 'p999Us', 'us'],
  ['p99.99', 'p9999Us', 'us'],
  ['max', 'maxUs', 'us'],
];
const written = [
  ['bytes to write calls / payload', 'askedPerByte', 'ratio'],
  ['page bytes dirtied / payload', 'dirtiedPerByte', 'ratio', 'less'],
];
const firstGet = [
  ['process to first get', 'firstGetMs', 'ms', 'less'],
  ['of it loading the library', 'importMs', 'ms'],
  ['opening', 'openMs', 'ms'],
  ['the get', 'getMs', 'ms'],
  ['next 1,000 gets', 'nextThousandMs', 'ms', 'less'],
];

export const columns = {
  'get-uniform': [throughput, cpu, ...latencies],
  'get-zipf': [throughput, cpu, ...latencies],
  'get-many': [
    ['64 a call: keys/s', 'keysPerSecond64', 'perSecond', 'more'],
    ['CPU per key', 'cpuUsPerKey64', 'us', 'less'],
    ['256 a call: keys/s', 'keysPerSecond256', 'perSecond', 'more'],
    ['CPU per key', 'cpuUsPerKey256', 'us', 'less'],
    ['single gets/s', 'singleOpsPerSecond', 'perSecond'],
  ],
  'put-single': [throughput, cpu, ...latencies, ...written, ['disk / payload', 'diskPerByte', 'ratio', 'less']],
  'put-batch': [
    ['puts/s', ...throughput.slice(1)],
    cpu,
    ...written,
    ['disk / payload', 'diskPerByte', 'ratio', 'less'],
  ],
  'put-durable': [throughput, cpu, ...latencies],
  memory: [
    ['RSS loaded', 'rssBytes', 'mb', 'less'],
    ['of it own', 'rssOwnBytes', 'mb'],
    ['of it mapped files', 'rssFileBytes', 'mb'],
    ['after gets', 'readRssBytes', 'mb'],
    ['after scans', 'scannedRssBytes', 'mb'],
    ['bare process', 'bareRssBytes', 'mb'],
  ],
  'get-cold': [throughput, cpu, ...latencies],
  'reopen-clean': [...firstGet, ['close of the filled store', 'closeMs', 'ms'], ['disk', 'diskBytes', 'mb', 'less']],
  'reopen-killed': [...firstGet, ['disk', 'diskBytes', 'mb']],
  mixed: [throughput, cpu, ...latencies, ['longest loop turn', 'turnMaxMs', 'ms'], ...written],
  'overwrite-uniform': [
    ['bytes to write calls / payload', 'askedPerByte', 'ratio'],
    ['page bytes dirtied / payload', 'dirtiedPerByte', 'ratio', 'less'],
    ['disk / live bytes', 'spacePerLiveByte', 'ratio', 'less'],
    ['ops/s', 'opsPerSecond', 'perSecond', 'more'],
    ['CPU per op', 'cpuUsPerOp', 'us'],
    ['times overwritten', 'overwrittenTimes', 'ratio'],
  ],
  scan: [
    ['scans/s', 'scansPerSecond', 'perSecond', 'more'],
    ['p50', 'scanP50Ms', 'ms'],
    ['max', 'scanMaxMs', 'ms'],
    ['CPU per scan', 'cpuUsPerScan', 'us', 'less'],
    ['first after reopening', 'firstScanMs', 'ms', 'less'],
    ['first after the next reopening', 'secondReopenScanMs', 'ms', 'less'],
  ],
  startup: [
    ['over bare Node', 'overBareMs', 'ms', 'less'],
    ['of it loading the library', 'importMs', 'ms'],
    ['opening', 'openMs', 'ms'],
    ['first put', 'firstPutMs', 'ms'],
    ['idle RSS', 'idleRssBytes', 'mb', 'less'],
    ['bare RSS', 'bareRssBytes', 'mb'],
    ['close', 'closeMs', 'ms', 'less'],
  ],
};
columns['overwrite-zipf'] = columns['overwrite-uniform'];
