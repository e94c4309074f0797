import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tls } from '../src/index.ts';

it('the feature has the version of its package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(tls().version).toBe(manifest.version);
});
