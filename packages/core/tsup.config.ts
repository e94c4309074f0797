/**
 * Bundles the entry points of this package; declarations come from `tsc`, which is several times faster. Without blanks
 * the bundle loads faster; names are kept, for the traces of errors.
 */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/server.ts', 'src/docs.ts', 'src/module.ts', 'src/tools.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
  outDir: 'dist',
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
});
