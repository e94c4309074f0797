/** Bundles the programs of the gateway; `@ferrite/lite` stays an import, as in any program that uses it. */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { demo: 'src/demo.ts', gateway: 'src/gateway-main.ts', collector: 'src/collector-main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
  outDir: 'dist',
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
});
