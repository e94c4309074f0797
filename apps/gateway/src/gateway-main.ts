/**
 * The gateway as a program. Alone it carries sensors of its own; with `--sensors` it visits those of another process.
 *
 * To a parent that listens (the demo) it says when it is ready and how it is doing; to a person it prints lines.
 */
import { performance } from 'node:perf_hooks';
import { HttpSource } from './field-server.ts';
import { Gateway, type GatewayStatus } from './gateway.ts';
import { Generator } from './generator.ts';
import { LIMITS } from './limits.ts';
import { loadNormals } from './normals.ts';
import { httpUrl, oneOf, type OptionValues, plainText, size, UsageError, whole } from './options.ts';
import { die, optionsOfProcess, stopWhenAsked, tell } from './program.ts';
import { SensorField, type SensorSource } from './sensor-field.ts';

/** What the gateway tells its parent. */
export type GatewayMessage =
  | { readonly type: 'ready'; readonly openMs: number; readonly backlog: number }
  | { readonly type: 'status'; readonly status: GatewayStatus }
  | { readonly type: 'log'; readonly line: string };

const USAGE = `Usage: node dist/gateway.js --collector URL [options]

Collects readings from sensors, keeps them in a Ferrite store, and uploads them to a collector. Readings leave the
store only when the collector has acknowledged them. Ctrl-C stops collecting, uploads once more and closes the store.`;

const OPTIONS = {
  collector: { value: 'URL', help: 'where readings are uploaded', parse: httpUrl },
  path: { value: 'DIR', help: 'directory of the store', byDefault: './gateway-data', parse: plainText },
  'collect-ms': { value: 'MS', help: 'visit the sensors this often', byDefault: '100', parse: whole(1, 3_600_000) },
  'upload-ms': { value: 'MS', help: 'upload this often', byDefault: '60000', parse: whole(10, 86_400_000) },
  'timeout-ms': { value: 'MS', help: 'an upload fails after this', byDefault: '10000', parse: whole(10, 600_000) },
  durability: {
    value: 'MODE',
    help: 'always, everysec, interval or none',
    byDefault: 'everysec',
    parse: oneOf('always', 'everysec', 'interval', 'none'),
  },
  memory: { value: 'SIZE', help: 'memory for the store', byDefault: '32mb', parse: size(4 * 1024 * 1024) },
  'max-buffer': { value: 'N', help: 'readings that may wait', byDefault: '1000000', parse: whole(1, 100_000_000) },
  'when-full': {
    value: 'POLICY',
    help: 'reject (readings stay with the sensors) or dropOldest (leaves a gap record)',
    byDefault: 'reject',
    parse: oneOf('reject', 'dropOldest'),
  },
  sensors: { value: 'URL', help: 'visit these sensors instead of its own', parse: httpUrl },
  rate: { value: 'N', help: 'readings per second, own sensors (default 10)', parse: whole(1, LIMITS.ratePerSecondMax) },
  stations: { value: 'N', help: 'stations, own sensors (default 8)', parse: whole(1, LIMITS.stationsMax) },
  seed: { value: 'N', help: 'seed of the readings, own sensors (default 1)', parse: whole(0, 0x7fff_ffff) },
} as const;

type Options = OptionValues<typeof OPTIONS>;

const REPORT_MS = 100;
const PRINT_MS = 5_000;

async function main(): Promise<void> {
  const options = optionsOfProcess(USAGE, OPTIONS);
  checkTogether(options);
  const listened = process.channel !== undefined;
  const log = (line: string): void => (listened ? tell({ type: 'log', line } satisfies GatewayMessage) : print(line));
  const beginMs = performance.now();
  const gateway = new Gateway({
    path: options.path,
    collector: options.collector,
    collectMs: options['collect-ms'],
    uploadMs: options['upload-ms'],
    timeoutMs: options['timeout-ms'],
    durability: options.durability,
    memory: options.memory,
    maxBuffer: options['max-buffer'],
    whenFull: options['when-full'],
    random: Math.random,
    log,
  });
  const openMs = performance.now() - beginMs;
  tell({ type: 'ready', openMs, backlog: gateway.status().backlog } satisfies GatewayMessage);
  if (!listened) print(`store open in ${openMs.toFixed(0)} ms, ${gateway.status().backlog} readings wait`);

  const report = (): void =>
    listened ? tell({ type: 'status', status: gateway.status() } satisfies GatewayMessage) : printStatus(gateway);
  const reporting = setInterval(report, listened ? REPORT_MS : PRINT_MS);
  stopWhenAsked(async () => {
    clearInterval(reporting);
    await gateway.stop();
  });
  try {
    await gateway.run(sourceFor(options, gateway));
  } catch (error) {
    gateway.close();
    throw error;
  }
}

function checkTogether(options: Options): asserts options is Options & { collector: URL } {
  if (options.collector === undefined) {
    throw new UsageError('--collector is missing: where should readings go? Try --help.');
  }
  const own = [options.rate, options.stations, options.seed].some((value) => value !== undefined);
  if (own && options.sensors !== undefined) {
    throw new UsageError('--rate, --stations and --seed are for sensors of its own, not for those at --sensors');
  }
}

function sourceFor({ sensors, rate, stations, seed }: Options, gateway: Gateway): SensorSource {
  if (sensors !== undefined) return new HttpSource(sensors);
  return new SensorField({
    generator: new Generator(seed ?? 1, loadNormals()),
    stationCount: stations ?? 8,
    rate: rate ?? 10,
    nowMs: () => performance.now(),
    start: gateway.storedUpTo,
  });
}

function printStatus(gateway: Gateway): void {
  const { stored, uploaded, backlog, dropped, writtenBytes } = gateway.status();
  const perReading = stored === 0 ? '' : `, ${Math.round(writtenBytes / stored)} bytes written per reading`;
  print(`stored ${stored}, uploaded ${uploaded}, waiting ${backlog}, dropped ${dropped}${perReading}`);
}

function print(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  die(error);
});
