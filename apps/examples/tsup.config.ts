/** Turns each example into a program that Node runs: `node apps/examples/dist/quick-start.js`. */
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/*.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node20.11',
  outDir: 'dist',
  clean: true,
  splitting: false,
  removeNodeProtocol: false,
});
