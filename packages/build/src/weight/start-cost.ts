/**
 * How long a program with Ferrite takes to start, and what memory it holds when it has nothing to do.
 *
 * Each round starts three programs in turn: Node.js with nothing, with an empty store opened, and with that store served.
 * The program itself takes the time since its process began, and the processor time, when it is ready. Of times the
 * fastest round counts, which other programs disturbed least; of processor time and memory the median.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const IDLE_MS = 500;
const PROGRAMS = ['bare', 'open', 'serve'] as const;
type Program = (typeof PROGRAMS)[number];

const READY = `const readyMs = performance.now();
const { user, system } = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, ${IDLE_MS}));
console.log(JSON.stringify({ readyMs, cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() }));
process.exit(0);
`;

/** What one program took. */
export interface Start {
  /** Until it was ready. */
  readonly readyMs: number;
  /** Processor time until then, of all threads. */
  readonly cpuMs: number;
  /** Resident memory after half a second with nothing to do. */
  readonly rssBytes: number;
}

export interface StartCost {
  /** Node.js that does nothing. */
  readonly bare: Start;
  /** With a fresh store on disk, open. */
  readonly open: Start;
  /** With that, and a server that can be connected to. */
  readonly serve: Start;
  readonly rounds: number;
}

/** `path`: a distribution, or any module that exports `open` and `serve`. */
export async function measureStart(path: string, rounds = 15): Promise<StartCost> {
  const folder = mkdtempSync(join(tmpdir(), 'ferrite-start-'));
  try {
    const programs = writePrograms(folder, pathToFileURL(path).href);
    const samples: Record<Program, Start[]> = { bare: [], open: [], serve: [] };
    for (let round = 0; round < rounds; round++) {
      for (const name of PROGRAMS) samples[name].push(await start(programs[name], folder));
    }
    const { bare, open, serve } = samples;
    return { bare: summarize(bare), open: summarize(open), serve: summarize(serve), rounds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writePrograms(folder: string, url: string): Record<Program, string> {
  const store = `const db = open({ path: 'store' });\n`;
  const sources: Record<Program, string> = {
    bare: READY,
    open: `import { open } from '${url}';\n${store}${READY}`,
    serve: `import { open, serve } from '${url}';\n${store}await serve(db, { port: 0 });\n${READY}`,
  };
  const paths = { bare: '', open: '', serve: '' };
  for (const name of PROGRAMS) {
    paths[name] = join(folder, `${name}.mjs`);
    writeFileSync(paths[name], sources[name]);
  }
  return paths;
}

/** The store is a fresh one each time. */
async function start(program: string, folder: string): Promise<Start> {
  rmSync(join(folder, 'store'), { recursive: true, force: true });
  const { stdout } = await run(process.execPath, [program], { cwd: folder });
  return JSON.parse(stdout);
}

function summarize(samples: readonly Start[]): Start {
  return {
    readyMs: Math.min(...samples.map(({ readyMs }) => readyMs)),
    cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
    rssBytes: median(samples.map(({ rssBytes }) => rssBytes)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
