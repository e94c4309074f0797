/** Bundles the entry points of this package; declarations come from `tsc`, which is several times faster. */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/certificates.ts', 'src/command.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
  outDir: 'dist',
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
});
