import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FERRITE_VERSION } from './version.ts';

it('the version is the one that the package has', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(FERRITE_VERSION).toBe(manifest.version);
});
