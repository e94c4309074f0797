/**
 * The test run of `npm test`: every `*.test.ts` of the workspace except the long ones.
 *
 * Packages are resolved to their sources, so that a test needs no build and a stack trace shows the file it came from.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const from = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const rooms = '{packages,apps,benchmarks,tooling}/*';

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@ferrite\/tls\/(certificates|command)$/, replacement: from('./packages/tls/src/$1.ts') },
      { find: /^@ferrite\/(all|build|core|lite|otel|tls|testing)$/, replacement: from('./packages/$1/src/index.ts') },
      { find: /^@ferrite\/core\/(docs|module|server|tools)$/, replacement: from('./packages/core/src/$1.ts') },
      { find: /^@ferrite\/server$/, replacement: from('./apps/server/src/main.ts') },
    ],
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
