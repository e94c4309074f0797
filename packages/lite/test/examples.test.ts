/** The worked examples of `apps/examples`, run as they are written, and what they must leave behind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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

test('the quick start prints the value and where it lives, and its store holds every reading', async () => {
  const output = await outputOf(await startExample('quick-start', directory));
  expect(output).toMatch(/^22\.5\n22\.5 (mutable|read-only) undefined\n$/);

  using db = open(join(directory, 'sensor_data'));
  expect(db.get('sensor:humidity:latest')).toBe('61.2');
  expect([...db.scanPrefix('reading:')]).toHaveLength(1000);
  expect(JSON.parse(db.get('reading:999') ?? '')).toEqual({ temp: 20 + 999 * 0.01, ts: 999 });
});

test('a value that somebody else changed meanwhile is not overwritten', async () => {
  const output = await outputOf(await startExample('typed-values', directory));
  expect(output).toBe("somebody was faster\n{ celsiusMax: 70, owner: 'workshop' }\n");
});

test('the rate limit counts per client and says when it ends', async () => {
  const output = await outputOf(await startExample('rate-limit', directory));
  const lines = ['ann 1: yes', 'ann 2: yes', 'ann 3: yes', 'ann 4: no', 'ann 5: no', 'bob 1: yes'];
  expect(output).toBe(`${lines.join('\n')}\nann may come back within 1 min\n`);
});

test('the gateway keeps its readings while the collector fails, delivers them later, and ends at SIGINT', async () => {
  const path = join(directory, 'gateway');
  const collector = await startCollector({ failures: 3, acceptances: 3 });
  const child = await startExample(
    'gateway-loop',
    directory,
    { "'/var/lib/ferrite/gateway'": JSON.stringify(path), '}, 100);': '}, 5);', '}, 60_000);': '}, 40);' },
    { COLLECTOR_URL: `http://127.0.0.1:${(collector.server.address() as AddressInfo).port}` },
  );
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const ended = outputOf(child);
  await Promise.race([collector.done, ended]);
  child.kill('SIGINT');
  await ended;
  collector.server.close();

  expect(errors.join('').match(/Upload failed: .* 500, retrying/g)).toHaveLength(3);
  using db = open(path);
  const taken = Number(db.get('readings:taken'));
  const numbers = new Set(collector.numbers);
  for (const [, value] of db.scanPrefix('reading:')) numbers.add(JSON.parse(value).number);
  expect(taken).toBeGreaterThan(3);
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: taken }, (_, index) => index + 1));
});

/** Answers 500 a few times, then takes batches; `done` comes true when it has taken enough of them. */
async function startCollector(plan: { failures: number; acceptances: number }) {
  const numbers: number[] = [];
  const left = { ...plan };
  let finish = (): void => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (left.failures > 0) {
      left.failures -= 1;
      response.writeHead(500).end();
      return;
    }
    for (const [, value] of JSON.parse(Buffer.concat(chunks).toString())) numbers.push(JSON.parse(value).number);
    response.end();
    left.acceptances -= 1;
    if (left.acceptances === 0) finish();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, numbers, done };
}
