/** Bundles the program, a chunk for each subcommand; `@ferrite/core` and `@ferrite/server` stay imports. */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { ferrite: 'src/ferrite.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
  outDir: 'dist',
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
});
