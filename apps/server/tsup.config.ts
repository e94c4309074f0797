/** Bundles the program, and the entry for programs that run it; `@ferrite/core` stays an import. */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { 'ferrite-server': 'src/ferrite-server.ts', main: 'src/main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
  outDir: 'dist',
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
});
