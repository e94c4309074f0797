import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { OTEL_VERSION, SCOPE } from './version.ts';

it('name and version are those of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect([SCOPE, OTEL_VERSION]).toEqual([manifest.name, manifest.version]);
});
