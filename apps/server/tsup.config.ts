/** Bundles the program; `@ferrite/core` stays an import. */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { 'ferrite-server': 'src/main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
  outDir: 'dist',
  clean: true,
  removeNodeProtocol: false,
});
