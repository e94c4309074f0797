/**
 * The test run of `npm test`: every `*.test.ts` of the workspace except the long ones.
 *
 * Packages are resolved to their sources, so that a test needs no build and a stack trace shows the file it came from.
 */
import { defineConfig } from 'vitest/config';
import { workspaceSources } from './packages/testing/src/workspace-sources.ts';

const rooms = '{packages,apps,benchmarks,tooling}/*';

export default defineConfig({
  resolve: {
    alias: Object.entries(workspaceSources).map(([name, path]) => ({
      find: new RegExp(`^${name}$`),
      replacement: path,
    })),
  },
  esbuild: { target: 'es2022' },
  test: {
    include: [`${rooms}/{src,test}/**/*.test.{ts,mjs}`, 'tooling/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.long.test.{ts,mjs}'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
