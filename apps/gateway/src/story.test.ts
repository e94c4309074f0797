import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Database } from '@ferrite/lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPrograms, buildPrograms } from '../test/build-programs.ts';
import { Cast, type CastOptions } from './cast.ts';
import { Collector } from './collector.ts';
import { Generator } from './generator.ts';
import { Ledger } from './ledger.ts';
import { loadNormals } from './normals.ts';
import { Recording } from './recording.ts';
import { type Chapter, type Outcome, tellStory } from './story.ts';

/** The demo's story in a few seconds: real processes, and a real SIGKILL while the collector is failing. */
const CHAPTERS: readonly Chapter[] = [
  { label: 'normal', mode: 'up', lastsMs: 300 },
  { label: 'network down', mode: 'down', lastsMs: 1_500 },
  { label: 'HTTP 500', mode: 'failing', lastsMs: 1_000, killAfterMs: 500, deadMs: 200 },
];

const nowMs = (): number => performance.now();
let built: BuiltPrograms;
beforeAll(async () => {
  built = await buildPrograms();
});
afterAll(() => built.remove());

async function tell(more: Partial<CastOptions>): Promise<{ outcome: Outcome; recording: Recording; events: string[] }> {
  const recording = new Recording(nowMs);
  const events: string[] = [];
  const onEvent = (line: string): number => events.push(line);
  const cast = new Cast({
    programs: built.programs,
    path: mkdtempSync(join(built.scratch, 'store-')),
    seed: 4711,
    rate: 2_000,
    stationCount: 6,
    durability: 'everysec',
    collectMs: 20,
    uploadMs: 100,
    timeoutMs: 500,
    linkMs: 2,
    nowMs,
    log: onEvent,
    ...more,
  });
  const { signal } = new AbortController();
  try {
    const calmMs = 200;
    const outcome = await tellStory({
      cast,
      recording,
      chapters: CHAPTERS,
      calmMs,
      signal,
      onSample: () => {},
      onEvent,
    });
    return { outcome, recording, events };
  } finally {
    await cast.end();
  }
}

describe('a gateway killed with SIGKILL while the collector fails', () => {
  it.concurrent.each(['everysec', 'always'] as const)('loses nothing with durability "%s"', async (durability) => {
    const { outcome, recording, events } = await tell({ durability });
    expect(outcome.audit).toMatchObject({ lost: 0, altered: 0, dropped: 0, examples: [] });
    expect(outcome.audit.delivered).toBe(outcome.produced);
    expect(outcome.audit.expected).toBe(outcome.produced);
    expect(outcome.produced).toBeGreaterThan(2_000);
    expect(outcome.recovery?.backlog).toBeGreaterThan(100);
    expect(recording.marks.map((mark) => mark.kind)).toEqual(['killed', 'restarted', 'caughtUp']);
    expect(events.some((line) => line.includes('ECONNREFUSED'))).toBe(true);
    expect(outcome.total.writtenBytes).toBeGreaterThan(outcome.total.askedBytes);
  });

  it.concurrent('loses readings with durability "none", and the collector finds out', async () => {
    const { outcome } = await tell({ durability: 'none' });
    expect(outcome.audit.lost).toBeGreaterThan(100);
    expect(outcome.audit.lost).toBe(outcome.produced - outcome.audit.delivered);
    expect(outcome.recovery?.backlog).toBe(0);
  });
});

describe('the programs', () => {
  it.each([
    ['gateway', ['--collector', 'http://127.0.0.1:9', '--timeout-ms', '100']],
    ['collector', ['--port', '0']],
  ])('end on their own when their parent is gone: %s', async (name, args) => {
    const cwd = mkdtempSync(join(built.scratch, 'alone-'));
    const child = fork(new URL(`${name}.js`, built.programs), args, {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      cwd,
    });
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it.each([
    [['--collector', 'nowhere'], /--collector: "nowhere" is not a URL/],
    [[], /--collector is missing/],
    [['--collector', 'http://127.0.0.1:9', '--durability', 'perhaps'], /none of always, everysec/],
    [['--collector', 'http://127.0.0.1:9', '--sensors', 'http://127.0.0.1:9', '--seed', '0'], /sensors of its own/],
  ])('refuse wrong options with exit code 2 and a reason: %j', (args, reason) => {
    const { status, stderr } = spawnSync(process.execPath, [
      fileURLToPath(new URL('gateway.js', built.programs)),
      ...args,
    ]);
    expect(stderr.toString()).toMatch(reason);
    expect(status).toBe(2);
  });

  it('stop gracefully at SIGINT: a gateway started by hand uploads what it has and closes its store', async () => {
    const collector = new Collector(new Ledger(new Generator(1, loadNormals())), 0);
    const url = `http://127.0.0.1:${await collector.start(0)}`;
    const path = mkdtempSync(join(built.scratch, 'store-'));
    const options = ['--collector', url, '--path', path, '--rate', '500', '--collect-ms', '20'];
    const child = spawn(process.execPath, [fileURLToPath(new URL('gateway.js', built.programs)), ...options]);
    await once(child.stdout, 'data');
    await sleep(400);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await collector.stop();
    const db = Database.open({ path, readOnly: true });
    expect([...db.scanPrefix('reading:')]).toEqual([]);
    expect([...db.scanPrefix('latest:')]).toHaveLength(24);
    db.close();
  });
});
