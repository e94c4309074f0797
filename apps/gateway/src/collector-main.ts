/**
 * The collector as a program: a process of its own, with a book of its own.
 *
 * A parent that listens (the demo) is told the port and how the book stands, and may set the mode; started by hand it
 * is simply up, and prints what arrives.
 */
import { Collector, type CollectorMode } from './collector.ts';
import { Generator } from './generator.ts';
import { Ledger, type LedgerCounts } from './ledger.ts';
import { LOOPBACK } from './limits.ts';
import { loadNormals } from './normals.ts';
import { whole } from './options.ts';
import { die, optionsOfProcess, stopWhenAsked, tell } from './program.ts';

/** What the collector tells its parent. */
export type CollectorMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'counts'; readonly counts: LedgerCounts };

/** What the parent may ask for. */
export interface CollectorOrder {
  readonly mode: CollectorMode;
}

const USAGE = `Usage: node dist/collector.js [options]

Takes the uploads of a gateway on ${LOOPBACK} and checks them against the generator of the readings.`;

const OPTIONS = {
  port: { value: 'N', help: 'port to listen on, 0 for a free one', byDefault: '8090', parse: whole(0, 65_535) },
  seed: { value: 'N', help: 'seed of the readings', byDefault: '1', parse: whole(0, 0x7fff_ffff) },
  'link-ms': { value: 'MS', help: 'time that an answer takes', byDefault: '0', parse: whole(0, 60_000) },
} as const;

const REPORT_MS = 100;
const PRINT_MS = 5_000;

async function main(): Promise<void> {
  const options = optionsOfProcess(USAGE, OPTIONS);
  const listened = process.channel !== undefined;
  const ledger = new Ledger(new Generator(options.seed, loadNormals()));
  const collector = new Collector(ledger, options['link-ms']);
  process.on('message', (order: CollectorOrder) => collector.setMode(order.mode).catch(die));
  const port = await collector.start(options.port);
  tell({ type: 'listening', port } satisfies CollectorMessage);
  if (!listened) process.stdout.write(`listening on http://${LOOPBACK}:${port}\n`);

  const report = (): void => {
    if (listened) tell({ type: 'counts', counts: ledger.counts } satisfies CollectorMessage);
    else process.stdout.write(`${describe(ledger.counts)}\n`);
  };
  const reporting = setInterval(report, listened ? REPORT_MS : PRINT_MS);
  stopWhenAsked(async () => {
    clearInterval(reporting);
    await collector.stop();
  });
}

function describe({ delivered, duplicates, altered }: LedgerCounts): string {
  return `delivered ${delivered}, duplicates ${duplicates}, altered ${altered}`;
}

main().catch(die);
