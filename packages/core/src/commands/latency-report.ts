/** LATENCY for people: what the events may come from, and a graph of one of them. */
import type { Host } from './host.ts';
import type { LatencyEvent } from './latency.ts';

const LEVELS = ['_', 'o', '#'];
const ROWS = 4;
const COLUMNS_MAX = 80;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3600;
const SECONDS_PER_DAY = 86_400;

/** What can be done about an event. */
const ADVICE: Record<string, string> = {
  command: 'SLOWLOG GET shows which commands took long; large values are read and written in one piece.',
  'fast-command':
    'Commands that do next to nothing took long: the process did not get the processor, or the garbage collector ran. ' +
    'See whether the machine is busy with something else.',
  commit: 'The device is slow to take writes. See what else writes to it.',
  fsync: 'Every write waits for the device: it may be slow, or durability everysec may be enough.',
  'checkpoint-step': 'Steps of a checkpoint wait for the device, or for the processor.',
  'compaction-step': 'Steps of compaction wait for the device, or for the processor.',
  'expire-cycle': 'Many keys expire at the same time: spread their expiries.',
  'eviction-cycle': 'Keys have to go for lack of room: raise maxmemory, or write smaller values at a time.',
};

export function describeLatency({ latency, slowLog }: Host): string {
  const { events, thresholdMs } = latency;
  if (events.size === 0) {
    if (thresholdMs > 0) return `Nothing held the server for ${thresholdMs} ms or longer.\n`;
    return 'Latency is not monitored: CONFIG SET latency-monitor-threshold <milliseconds> turns that on.\n';
  }
  const lines = ['Some events held the server for long:', ''];
  for (const [name, event] of events) lines.push(summary(name, event));
  lines.push('', 'What may help:', '');
  for (const name of events.keys()) if (ADVICE[name] !== undefined) lines.push(`- ${name}: ${ADVICE[name]}`);
  const isUnseen = slowLog.thresholdMicros < 0 || slowLog.thresholdMicros > thresholdMs * 1000;
  if (events.has('command') && isUnseen && thresholdMs > 0) {
    lines.push(
      `- CONFIG SET slowlog-log-slower-than ${thresholdMs * 1000} lets the slow log have all of these commands.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function summary(name: string, { samples, longestMs }: LatencyEvent): string {
  const mean = samples.reduce((sum, { ms }) => sum + ms, 0) / samples.length;
  const deviation = samples.reduce((sum, { ms }) => sum + Math.abs(ms - mean), 0) / samples.length;
  const period = (samples[samples.length - 1].atSeconds - samples[0].atSeconds) / samples.length;
  return (
    `${name}: ${samples.length} latency spikes (average ${Math.round(mean)}ms, mean deviation ` +
    `${Math.round(deviation)}ms, period ${period.toFixed(2)} sec). Worst all time event ${longestMs}ms.`
  );
}

/** A column for each sample, the latest on the right, with how long ago it was underneath. */
export function drawLatency(name: string, { samples, longestMs }: LatencyEvent, nowSeconds: number): string {
  const shown = samples.slice(-COLUMNS_MAX);
  const low = Math.min(...shown.map(({ ms }) => ms));
  const high = Math.max(...shown.map(({ ms }) => ms));
  const steps = ROWS * LEVELS.length - 1;
  const heights = shown.map(({ ms }) => (high === low ? steps : Math.round(((ms - low) / (high - low)) * steps)));
  const labels = shown.map(({ atSeconds }) => age(nowSeconds - atSeconds));
  const lines = [`${name} - high ${high} ms, low ${low} ms (all time high ${longestMs} ms)`, '-'.repeat(COLUMNS_MAX)];
  for (let row = ROWS - 1; row >= 0; row--) {
    lines.push(heights.map((height) => glyph(height - row * LEVELS.length)).join(''));
  }
  lines.push('');
  const depth = Math.max(...labels.map(({ length }) => length));
  for (let i = 0; i < depth; i++) lines.push(labels.map((label) => label[i] ?? ' ').join(''));
  return `${lines.join('\n')}\n`;
}

function glyph(height: number): string {
  if (height < 0) return ' ';
  return height >= LEVELS.length ? '|' : LEVELS[height];
}

function age(seconds: number): string {
  if (seconds < SECONDS_PER_MINUTE) return `${seconds}s`;
  if (seconds < SECONDS_PER_HOUR) return `${Math.floor(seconds / SECONDS_PER_MINUTE)}m`;
  if (seconds < SECONDS_PER_DAY) return `${Math.floor(seconds / SECONDS_PER_HOUR)}h`;
  return `${Math.floor(seconds / SECONDS_PER_DAY)}d`;
}
