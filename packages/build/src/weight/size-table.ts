/** The report of sizes as people read it in a terminal, and as programs do. */
import { kilobytes, type Sizes } from './sizes.ts';
import type { SizeRow } from './size-report.ts';
import { textTable } from './text-table.ts';

const MODULES_SHOWN = 10;

export function formatSizes(rows: readonly SizeRow[]): string {
  const cells = (sizes: Sizes): string[] =>
    sizes.minifiedBytes === 0
      ? ['', '', '']
      : [kilobytes(sizes.minifiedBytes), kilobytes(sizes.gzipBytes), kilobytes(sizes.brotliBytes)];
  const table = textTable(
    ['', 'own', 'gzip', 'brotli', 'inherited', 'gzip', 'brotli', 'wasm', 'on disk'],
    rows.map(({ name, own, inherited, wasmBytes, installed }) => [
      name,
      ...cells(own),
      ...cells(inherited),
      wasmBytes === 0 ? '' : kilobytes(wasmBytes),
      installed === undefined ? '' : kilobytes(installed.bytes),
    ]),
    1,
  );
  const started = rows.filter(({ start }) => start !== undefined);
  const parts = [table, ...(started.length === 0 ? [] : [formatStarts(started)]), formatModules(rows)];
  return parts.join('\n\n');
}

function formatStarts(rows: readonly SizeRow[]): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const [{ bare }] = rows.map(({ start }) => start!);
  const table = textTable(
    ['start, beyond bare Node.js', 'open', 'processor', 'and serve', 'processor', 'idle'],
    rows.map(({ name, start }) => {
      const { open, serve, bare: base } = start!;
      return [
        name,
        ms(open.readyMs - base.readyMs),
        ms(open.cpuMs - base.cpuMs),
        ms(serve.readyMs - base.readyMs),
        ms(serve.cpuMs - base.cpuMs),
        kilobytes(serve.rssBytes),
      ];
    }),
    1,
  );
  return `${table}\nbare Node.js: ${ms(bare.readyMs)}, ${ms(bare.cpuMs)} of processor time, ${kilobytes(bare.rssBytes)}`;
}

/** Of what holds the most. */
function formatModules(rows: readonly SizeRow[]): string {
  const widest = rows.reduce((best, row) => (row.total.minifiedBytes > best.total.minifiedBytes ? row : best));
  const modules = widest.modules.slice(0, MODULES_SHOWN);
  return textTable(
    [`heaviest modules of ${widest.name}`, 'minified'],
    modules.map(({ module, bytes }) => [module, kilobytes(bytes)]),
    1,
  );
}

/** The rows with no more modules than are looked at. */
export function sizesAsJson(rows: readonly SizeRow[]): object[] {
  return rows.map((row) => ({ ...row, modules: row.modules.slice(0, MODULES_SHOWN) }));
}
