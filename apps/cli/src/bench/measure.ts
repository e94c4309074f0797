/** What a measurement gives, and how it is shown. */
import type { Histogram } from './histogram.ts';

export interface BenchOptions {
  readonly clients: number;
  readonly requests: number;
  readonly pipeline: number;
  readonly sizeBytes: number;
  /** Keys are drawn from so many; 0: one key for all. */
  readonly keyspace: number;
}

export interface Measured {
  readonly test: string;
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  /** Processor time for each operation: of the server where it tells (of this process when embedded), and of the client. */
  readonly cpuUs: number | null;
  readonly clientCpuUs: number | null;
}

const DIGITS = 12;

/** The key of a number, as redis-benchmark writes it. */
export function keyText(number: number): string {
  return `key:${String(number).padStart(DIGITS, '0')}`;
}

export function randomKey(keyspace: number): number {
  return keyspace === 0 ? 0 : Math.floor(Math.random() * keyspace);
}

export function summarize(
  test: string,
  requests: number,
  seconds: number,
  histogram: Histogram,
  cpu: { serverUs: number | null; clientUs: number | null },
): Measured {
  const us = (ns: number): number => Number((ns / 1000).toFixed(2));
  const each = (totalUs: number | null): number | null =>
    totalUs === null ? null : Number((totalUs / requests).toFixed(3));
  return {
    test,
    requests,
    seconds: Number(seconds.toFixed(3)),
    perSecond: Math.round(requests / seconds),
    p50Us: us(histogram.percentileNs(0.5)),
    p99Us: us(histogram.percentileNs(0.99)),
    p999Us: us(histogram.percentileNs(0.999)),
    maxUs: us(histogram.maxNs),
    cpuUs: each(cpu.serverUs),
    clientCpuUs: each(cpu.clientUs),
  };
}

const COLUMNS: readonly (readonly [title: string, of: (each: Measured) => string])[] = [
  ['test', (each) => each.test],
  ['ops/s', (each) => each.perSecond.toLocaleString('en-US')],
  ['p50 us', (each) => String(each.p50Us)],
  ['p99 us', (each) => String(each.p99Us)],
  ['p99.9 us', (each) => String(each.p999Us)],
  ['max us', (each) => String(each.maxUs)],
  ['CPU us/op', (each) => (each.cpuUs === null ? '-' : String(each.cpuUs))],
  ['client CPU', (each) => (each.clientCpuUs === null ? '-' : String(each.clientCpuUs))],
];

export function table(measured: readonly Measured[]): string {
  const rows = [COLUMNS.map(([title]) => title), ...measured.map((each) => COLUMNS.map(([, of]) => of(each)))];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const pad = (cell: string, i: number): string => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  return rows.map((row) => row.map(pad).join('  ')).join('\n');
}
