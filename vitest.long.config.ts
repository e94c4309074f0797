/** The test run of `npm run test:long`: only files named `*.long.test.ts`, each of which may take many minutes. */
import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['{packages,apps,benchmarks,tooling}/**/*.long.test.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
});
