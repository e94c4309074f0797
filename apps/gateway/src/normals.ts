/**
 * The hourly climate normals that the sensors replay: temperature, pressure and wind of an average year in Seattle.
 *
 * `data/seattle-weather-hourly-normals.csv`, see `data/SOURCE.md`. Both `src` and `dist` lie beside `data`, so one
 * relative path serves the sources and the built programs.
 */
import { readFileSync } from 'node:fs';
import type { Sensor } from './reading.ts';

const FILE = new URL('../data/seattle-weather-hourly-normals.csv', import.meta.url);

export interface Normals {
  readonly hours: number;
  /** The time of row 0, milliseconds since 1970; rows follow by the hour. */
  readonly firstMs: number;
  /** One column for each sensor, a value for each hour. */
  readonly columns: Readonly<Record<Sensor, Float64Array>>;
}

export function loadNormals(file: URL = FILE): Normals {
  const [head, ...rows] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const names = head.split(',');
  const cells = rows.map((row) => row.split(','));
  const column = (name: string): Float64Array => {
    const at = names.indexOf(name);
    const values = Float64Array.from(cells, (row) => Number(row[at]));
    if (at < 0 || values.some(Number.isNaN))
      throw new Error(`${file.pathname}: column "${name}" is missing or damaged`);
    return values;
  };
  return {
    hours: rows.length,
    firstMs: Date.parse(`${cells[0][names.indexOf('date')]}Z`),
    columns: { temperature: column('temperature'), pressure: column('pressure'), wind: column('wind') },
  };
}
