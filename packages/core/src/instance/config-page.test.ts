/** The page of the guide that lists the parameters, against the tables. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inertParameters } from './config-inert.ts';
import { liveParameters } from './config-live.ts';

const page = readFileSync(fileURLToPath(new URL('../../../../apps/docs/configuration.md', import.meta.url)), 'utf8');

/** Names in the first column of a section's table. */
function namesIn(section: string): string[] {
  const text = page.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const cells = text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1]);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1])).sort();
}

it('the page names the parameters that work, and those that change nothing', () => {
  const names = (rows: readonly { name: string }[]): string[] => rows.map(({ name }) => name).sort();
  expect(namesIn('What works')).toEqual(names(liveParameters));
  expect(namesIn('What changes nothing')).toEqual(names(inertParameters));
});
