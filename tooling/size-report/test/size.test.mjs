import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkBudgets } from '../budgets.mjs';
import { drawHistory, historyLine, lastRelease, parseHistory } from '../history.mjs';
import { folder, measure, root } from '../measure.mjs';
import { sizePage, withSizes } from '../render.mjs';

const read = (...names) => readFileSync(join(root, ...names), 'utf8');
const results = (name) => read('benchmarks', 'results', name);
const budgets = JSON.parse(readFileSync(join(folder, 'budgets.json'), 'utf8'));

function rowOf(name, minifiedBytes, gzipBytes = 1) {
  return { name, total: { minifiedBytes, gzipBytes, brotliBytes: 1 } };
}

it('everything keeps within its budget, and what grew says why in a changeset', async () => {
  const texts = readdirSync(join(root, '.changeset')).map((name) => read('.changeset', name));
  const released = existsSync(join(root, 'benchmarks', 'results', 'size-history.jsonl'))
    ? lastRelease(parseHistory(results('size-history.jsonl')))
    : {};
  const rows = await measure();
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['core', 'lite', 'docs', 'server']));
  expect(checkBudgets(rows, budgets, released, texts)).toEqual([]);
}, 120_000);

it('the tables in the README and size.md are those of size.json', () => {
  const report = JSON.parse(results('size.json'));
  expect(withSizes(read('README.md'), report)).toBe(read('README.md'));
  expect(sizePage(report, budgets)).toBe(results('size.md'));
});

it('the chart of releases is that of the history', () => {
  expect(drawHistory(parseHistory(results('size-history.jsonl')))).toBe(results('size-history.svg'));
});

it('what weighs more than its limit is told, with both figures', () => {
  const limits = { lite: { limit: { minifiedBytes: 100, gzipBytes: 50 } } };
  expect(checkBudgets([rowOf('lite', 100, 50)], limits, {}, [])).toEqual([]);
  expect(checkBudgets([rowOf('lite', 101, 51)], limits, {}, [])).toEqual([
    'lite has 101 bytes (minified), and its limit in budgets.json is 100',
    'lite has 51 bytes (gzip), and its limit in budgets.json is 50',
  ]);
});

it('a growth of more than 2 % needs a line in a changeset that allows so much, with a reason', () => {
  const released = { lite: { minifiedBytes: 1000 } };
  const check = (bytes, ...texts) => checkBudgets([rowOf('lite', bytes)], {}, released, texts);
  expect(check(1020)).toEqual([]);
  expect(check(1031)).toEqual([
    'lite grew by 3.1 % since the last release: say why in a changeset, "size(lite): +3.1 %, REASON"',
  ]);
  expect(check(1031, 'Sets.\n\nsize(lite): +3.1 %, sets\n')).toEqual([]);
  expect(check(1031, 'size(lite): +2.9 %, sets', 'size(core): +9 %, sets')).toHaveLength(1);
  expect(check(1031, 'size(lite): +3.1 %, ')).toHaveLength(1);
  expect(checkBudgets([rowOf('new', 5000)], {}, released, [])).toEqual([]);
});

it('each release is a line of the history, and the last one counts', () => {
  const text =
    historyLine('1.0.0', '2026-11-28', [rowOf('lite', 1000)]) +
    historyLine('1.1.0', '2026-12-24', [rowOf('lite', 1200)]);
  const history = parseHistory(text);
  expect(lastRelease(history)).toEqual({ lite: { minifiedBytes: 1200, gzipBytes: 1, brotliBytes: 1 } });
  expect(drawHistory(history)).toContain('>1.1.0</text>');
  expect(drawHistory(history)).not.toMatch(/NaN|undefined/);
  expect(lastRelease([])).toEqual({});
});

it('a README without the marks is not written', () => {
  expect(() => withSizes('# Ferrite', { rows: [], targets: [] })).toThrow('the README lacks the lines');
});
