/** The worked examples of data types in `apps/examples`, run as they are written, and what they must print and leave behind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@ferrite/lite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outputOf, startExample } from './run-example.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ferrite-example-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function linesOf(name: string): Promise<string[]> {
  return (await outputOf(await startExample(name, directory))).trimEnd().split('\n');
}

test('the catalogue is replaced as a whole, found by number, name, category and price, and backed up', async () => {
  expect((await linesOf('catalogue')).join('\n')).toBe(`0150 is Map(3) {
  'name' => 'apricots',
  'cents' => '490',
  'category' => 'fruit'
}
ap...: apples, apricots
fruit: apples, apricots
below 4.00: apples, bread
3 products in the backup`);
  using db = open(join(directory, 'catalogue'));
  expect([...db.keys()].filter((key) => key.startsWith('v1'))).toEqual([]);
});

test('the edge node limits requests, keeps sessions and counts visitors', async () => {
  expect(await linesOf('edge-node')).toEqual([
    '198.51.100.7: 200 hello ann',
    '198.51.100.7: 200 hello ann',
    '198.51.100.7: 200 hello ann',
    '198.51.100.7: 429, try again within 1 min',
    '203.0.113.9: 401',
    'pages of ann: 3',
    'visitors: 2',
    'after logout: nobody',
  ]);
});

test('the vehicle has its configuration, map, charging points and track after a start', async () => {
  expect(await linesOf('vehicle')).toEqual([
    'config:language=de config:speed-warning=130 config:voice-volume=7',
    '9 tiles around 3/5, of 4096 bytes',
    'Alexanderplatz 3.1 km, Tempelhof 3.4 km',
    '3 positions',
  ]);
});

test('the leaderboard ranks players by week and season', async () => {
  expect(await linesOf('leaderboard')).toEqual([
    'top of week 48: bob 150, cat 110, ann 70',
    'around cat: 1. bob 150 | 2. cat 110 | 3. ann 70',
    '100 points or more: 2',
    'season: bob, ann, cat, dan',
    'games of bob: 3',
    'out: dan 60',
  ]);
});

test('the job queue recovers, retries and gives up jobs, and leaves none behind', async () => {
  const lines = await linesOf('job-queue');
  expect(lines[0]).toBe('1 job recovered');
  expect(lines.filter((line) => line.endsWith('done'))).toEqual([
    'worker: send the invoice done',
    'worker: resize the picture done',
    'worker: remind the customer done',
  ]);
  expect(lines.filter((line) => line === 'worker: print on paper failed, no paper')).toHaveLength(3);
  expect(lines.slice(-2)).toEqual(["failed: [ { id: 3, task: 'print on paper', attempts: 3 } ]", '0 jobs left']);
});

test('the chat is caught up with, followed live and worked on by a group', async () => {
  expect(await linesOf('chat')).toEqual([
    "cat reads [ 'ann: who is there?', 'bob: me' ]",
    "cat reads [ 'ann: tea is ready' ]",
    'live: coming',
    "left undone: Map(1) { 'bot-1' => 1 }",
    'taken over: me',
    'left undone: 0',
  ]);
  using db = open(join(directory, 'chat'));
  expect(db.xlen('room:tea')).toBe(4);
});
