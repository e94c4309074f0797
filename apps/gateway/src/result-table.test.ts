import { expect, it } from 'vitest';
import { plainly } from './ansi.ts';
import { resultTable } from './result-table.ts';
import type { Outcome } from './story.ts';

const OUTCOME: Outcome = {
  audit: {
    expected: 89_072,
    delivered: 89_072,
    duplicates: 1_500,
    altered: 0,
    dropped: 0,
    lost: 0,
    examples: [],
  },
  produced: 89_072,
  total: {
    backlog: 0,
    highWater: 29_404,
    stored: 89_000,
    uploaded: 89_000,
    dropped: 0,
    drained: 50,
    failures: 0,
    writtenBytes: 17_800_000,
    askedBytes: 14_240_000,
    fsyncs: 46,
  },
  highWater: 29_404,
  recovery: { readyMs: 166, openMs: 23, backlog: 18_809 },
  catchUpMs: 8_540,
};

it('shows what became of the readings and what it took', () => {
  expect(`\n${resultTable(OUTCOME, 'everysec', plainly).join('\n')}\n`).toMatchInlineSnapshot(`
    "
      ─────────────────────────────────────────────────────────────────────────────────────────
      produced      89,072  readings made by the sensors
      stored        89,072  acknowledged to the sensors as stored, durability "everysec"
      delivered     89,072  different readings at the collector, each as the sensor made it
      duplicates     1,500  sent again after an answer that never came; recognised and left out
      lost               0  counted by the collector from the seed, not by the gateway
      ─────────────────────────────────────────────────────────────────────────────────────────
      most waiting  29,404  readings in the gateway's store at one moment
      recovery       23 ms  the store open with 18,809 readings; process up in 166 ms
      catch-up       8.5 s  from a collector that answers again to an empty buffer
      per reading    200 B  written to flash; 1.25 x what was stored, 46 fsyncs
      ─────────────────────────────────────────────────────────────────────────────────────────
    "
  `);
});

it('names what was lost, dropped and altered, and where', () => {
  const audit = { ...OUTCOME.audit, lost: 18_509, dropped: 12, altered: 3, examples: ['st-000/1656-2505'] };
  const table = resultTable({ ...OUTCOME, audit, recovery: undefined }, 'none', plainly).join('\n');
  expect(table).toMatch(/lost +18,509 .*for instance st-000\/1656-2505/);
  expect(table).toMatch(/dropped +12 /);
  expect(table).toMatch(/altered +3 /);
  expect(table).not.toContain('recovery');
});
