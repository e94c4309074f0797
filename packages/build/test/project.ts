/** A project in a folder of its own, with packages in its `node_modules`. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files by their paths. Returns the folder. */
export function makeProject(
  files: Readonly<Record<string, string | Uint8Array>>,
  parts: readonly string[] = [],
): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'ferrite-build-test-')), ...parts);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Two features of another maker that share a package; one has a package to itself, and WebAssembly. */
export const acmePackages: Readonly<Record<string, string | Uint8Array>> = {
  'node_modules/acme-greeter/package.json': JSON.stringify({
    name: 'acme-greeter',
    version: '1.2.3',
    type: 'module',
    exports: './index.js',
    dependencies: { 'acme-words': '1', 'acme-shared': '1' },
  }),
  'node_modules/acme-greeter/index.js': `
    import { defineFeature } from '@ferrite/core/module';
    import { hello } from 'acme-words';
    import { shared } from 'acme-shared';
    export const feature = defineFeature({
      name: 'greeter',
      version: '1.2.3',
      setup(context) {
        context.info('greeter', () => ({ greeting: hello + shared('you') }));
        return { greet: (who) => hello + shared(who) };
      },
    });`,
  'node_modules/acme-words/package.json': '{"name":"acme-words","version":"1.0.0","main":"index.js"}',
  'node_modules/acme-words/index.js': `const { EOL } = require('os'); exports.hello = 'Good day, '.trim() + ' ' + EOL.trim();`,
  'node_modules/acme-words/words.wasm': new Uint8Array(1000),
  'node_modules/acme-shared/package.json':
    '{"name":"acme-shared","version":"2.0.0","type":"module","exports":"./index.js"}',
  'node_modules/acme-shared/index.js': `export const shared = (who) => '<' + who + '>';`,
  'node_modules/acme-other/package.json': JSON.stringify({
    name: 'acme-other',
    version: '0.1.0',
    type: 'module',
    exports: './index.js',
    dependencies: { 'acme-shared': '2' },
  }),
  'node_modules/acme-other/index.js': `
    import { defineFeature } from '@ferrite/core/module';
    import { shared } from 'acme-shared';
    export const feature = defineFeature({ name: 'other', version: '0.1.0', setup: () => shared('other') });`,
};
