/**
 * The demo: a gateway that loses nothing while the network fails and the process is killed, in under a minute.
 *
 * Starts the processes, has the story told, shows it, and judges: exit code 0 when the collector misses nothing, 1 when
 * a reading is lost or a process fails. With `--sabotage` the store promises nothing (durability `none`), and the same
 * story ends with losses: the proof that the demo can tell the difference.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Durability } from '@ferrite/lite';
import { canRedraw, inColour, type Paint, plainly } from './ansi.ts';
import { Cast } from './cast.ts';
import { LIMITS } from './limits.ts';
import { createView, type Snapshot } from './live-view.ts';
import { flag, oneOf, whole } from './options.ts';
import { die, optionsOfProcess } from './program.ts';
import { Recording } from './recording.ts';
import { resultTable } from './result-table.ts';
import { grouped } from './scale.ts';
import { CHAPTERS, type Outcome, tellStory } from './story.ts';
import { plotAsSvg } from './svg-plot.ts';
import { plotInTerminal } from './terminal-plot.ts';

const USAGE = `Usage: npm run demo -- [options]

A gateway collects readings and uploads them, while the network goes away, gets slow and answers with errors, and the
gateway is killed with SIGKILL and started again. At the end the collector counts what is missing. Takes about 45 s.`;

const OPTIONS = {
  sabotage: flag('durability "none": the kill loses readings, and the demo fails'),
  durability: {
    value: 'MODE',
    help: 'always, everysec, or interval, which may lose its last second (default everysec)',
    parse: oneOf('always', 'everysec', 'interval'),
  },
  rate: { value: 'N', help: 'readings per second', byDefault: '2000', parse: whole(1, LIMITS.ratePerSecondMax) },
  stations: {
    value: 'N',
    help: 'stations with three sensors each',
    byDefault: '24',
    parse: whole(1, LIMITS.stationsMax),
  },
  seed: { value: 'N', help: 'seed of the readings', byDefault: '2010', parse: whole(0, 0x7fff_ffff) },
} as const;

/** What was asked for, as the picture and the view repeat it. */
interface Setting {
  readonly rate: number;
  readonly stationCount: number;
  readonly durability: Durability;
}

const TITLE = 'Readings that wait in the gateway';
const OUT = new URL('../out/', import.meta.url);
/** How the gateway is set up here: everything faster than in the field, so that the story fits into a minute. */
const PACE = { collectMs: 100, uploadMs: 250, timeoutMs: 1_000, linkMs: 35 };
/** How long all goes well in the end, and what catching up takes, about. */
const CALM_MS = 4_000;
const CATCH_UP_MS = 8_000;

async function main(): Promise<void> {
  const options = optionsOfProcess(USAGE, OPTIONS);
  if (options.sabotage && options.durability !== undefined) {
    process.stderr.write('--sabotage sets the durability itself: leave --durability out.\n');
    process.exit(2);
  }
  const { rate, stations: stationCount, seed } = options;
  const durability = options.sabotage ? 'none' : (options.durability ?? 'everysec');
  const setting: Setting = { rate, stationCount, durability };
  const nowMs = (): number => performance.now();
  const signal = interruption();
  mkdirSync(OUT, { recursive: true });
  const path = mkdtempSync(join(fileURLToPath(OUT), 'store-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));

  const view = createView(process.stdout, process.env);
  const recording = new Recording(nowMs);
  const log = (line: string): void => view.event(line);
  const cast = new Cast({ programs: new URL('./', import.meta.url), path, seed, ...setting, ...PACE, nowMs, log });
  try {
    const onSample = (): void => view.update(snapshotOf(cast, recording, setting));
    const outcome = await tellStory({
      cast,
      recording,
      chapters: CHAPTERS,
      calmMs: CALM_MS,
      signal,
      onSample,
      onEvent: log,
    });
    view.close();
    show(outcome, recording, setting);
    process.exitCode = judge(outcome, durability);
  } finally {
    view.close();
    await cast.end();
  }
}

/** Aborted by the first Ctrl-C; the second ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}

function snapshotOf(cast: Cast, recording: Recording, { rate, stationCount }: Setting): Snapshot {
  const { delivered, duplicates } = cast.counts;
  const { produced } = cast.field;
  const expectedMs = CATCH_UP_MS + CALM_MS + CHAPTERS.reduce((sum, chapter) => sum + chapter.lastsMs, 0);
  const waiting = cast.status.backlog;
  return { recording, expectedMs, stationCount, rate, produced, waiting, delivered, duplicates, pid: cast.gatewayPid };
}

/** Prints plot and table and writes the SVG. */
function show(outcome: Outcome, recording: Recording, { rate, stationCount, durability }: Setting): void {
  const paint: Paint = canRedraw(process.stdout, process.env) ? inColour : plainly;
  const width = Math.min(110, (process.stdout.columns ?? 100) - 1);
  const plot = plotInTerminal(recording, { width, rows: 12, spanMs: 0 }, paint);
  const file = fileURLToPath(new URL('backlog.svg', OUT));
  const { expected, lost } = outcome.audit;
  const subtitle = `${grouped(rate)} readings per second from ${stationCount} stations, durability "${durability}"`;
  const text = { title: TITLE, subtitle, lost, stored: expected, mostWaiting: outcome.highWater };
  writeFileSync(file, plotAsSvg(recording, text));
  const lines = ['', paint('bold', `  ${TITLE}`), '', ...plot, '', ...resultTable(outcome, durability, paint)];
  process.stdout.write(`${lines.join('\n')}\n  The same picture: ${relative(process.cwd(), file)}\n`);
}

/** The verdict in a sentence; returns the exit code. */
function judge({ audit }: Outcome, durability: Durability): number {
  if (audit.lost + audit.altered === 0) {
    process.stdout.write('\n  Every stored reading arrived, and says what its sensor said.\n\n');
    return 0;
  }
  const why: Record<Durability, string> = {
    none: 'durability "none" keeps nothing that was not committed when the process is killed. As it should be: this fails.',
    interval: 'durability "interval" may lose its last interval when the process is killed.',
    everysec: 'durability "everysec" promises that a killed process loses nothing. This is a bug.',
    always: 'durability "always" promises that nothing stored is lost. This is a bug.',
  };
  process.stdout.write(
    `\n  FAILED: ${grouped(audit.lost)} lost, ${grouped(audit.altered)} altered: ${why[durability]}\n\n`,
  );
  return 1;
}

main().catch((error: unknown) => {
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write('Interrupted.\n');
    process.exit(130);
  }
  die(error);
});
