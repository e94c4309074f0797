import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { metricRows, namesTables } from '../test/names-tables.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));

it("the README's tables are those of the code; WRITE_TABLES=1 writes them", () => {
  const text = readFileSync(readme, 'utf8');
  let written = text;
  for (const [name, table] of Object.entries(namesTables())) {
    const place = new RegExp(`(?<=<!-- ${name} -->\\n)[^]*?(?=<!-- end -->)`);
    expect(text).toMatch(place);
    written = written.replace(place, () => `${table}\n`);
  }
  if (process.env['WRITE_TABLES'] === '1') writeFileSync(readme, written);
  else expect(text).toBe(written);
});

const metrics = metricRows();

it('a name is there once, in lower case, and units are those of UCUM that OpenTelemetry uses', () => {
  const names = metrics.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, unit } of metrics) {
    expect(name).toMatch(/^ferrite(\.[a-z][a-z0-9_]*)+$/);
    expect(unit, name).toMatch(/^(By|s|ms|1|\{[a-z]+\})$/);
  }
});

it('no name is the prefix of another one, as the naming rules of OpenTelemetry have it', () => {
  const names = metrics.map(({ name }) => name);
  for (const one of names) expect(names.filter((other) => other.startsWith(`${one}.`))).toEqual([]);
});
