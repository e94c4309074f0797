/** `ferrite build` and `ferrite size`, as data: their code, and the bundler behind it, are loaded when they are called. */
import type { CliSubcommand } from '@ferrite/core/module';

export const buildSubcommands: readonly CliSubcommand[] = [
  {
    name: 'build',
    summary: 'Build a distribution of your own: one file with the features you need',
    options: [
      {
        name: 'features',
        kind: 'text',
        value: 'LIST',
        summary: 'Short names (tls,otel) or names of packages, with commas',
      },
      { name: 'base', kind: ['lite', 'core'], summary: 'What it starts from: core has no server (default: lite)' },
      { name: 'docs', kind: 'flag', summary: 'With the texts of COMMAND DOCS' },
      {
        name: 'out',
        kind: 'text',
        value: 'FILE',
        summary: 'The file that is written (default: ferrite.mjs, or ferrite)',
      },
      { name: 'from', kind: 'text', value: 'FILE', summary: 'A configuration as JSON, for what is not said here' },
      {
        name: 'format',
        kind: ['mjs', 'sea'],
        summary: 'An ES module, or one executable with Node.js in it (default: mjs)',
      },
      {
        name: 'target',
        kind: ['linux-x64', 'linux-arm64', 'linux-armv7'],
        summary: 'The machine that an executable is for (default: this one)',
      },
      { name: 'report', kind: 'text', value: 'FILE', summary: 'Write the weights there, as JSON' },
      { name: 'no-minify', kind: 'flag', summary: 'Leave blanks and names as they are' },
    ],
    details: [
      'Features are looked for in the node_modules of the current directory, or of the configuration file, and of those above.',
      'The same packages give the same bytes. The file needs no node_modules: it is a library, and a server when it is run.',
    ],
    examples: [
      'ferrite build --features tls,otel --out my-ferrite.mjs',
      'ferrite build --from gateway.json --format sea --target linux-arm64 --out gateway',
    ],
    load: () => import('./commands/build.ts'),
  },
  {
    name: 'size',
    summary: 'Weigh Ferrite, its features and your distributions',
    arguments: [{ name: 'FEATURE', summary: 'Packages of further features to weigh', optional: true, repeated: true }],
    options: [
      {
        name: 'compare',
        kind: 'text',
        value: 'LIST',
        summary: 'Distributions side by side: core, lite, all, lite+tls, my.json, with commas',
      },
      { name: 'start', kind: 'flag', summary: 'Also measure how long they take to start, and their memory' },
      { name: 'treemap', kind: 'text', value: 'FILE', summary: 'Draw what the heaviest of them is made of, as SVG' },
    ],
    details: ['What is installed in the current directory is weighed, as a program that imports all of it.'],
    examples: ['ferrite size', 'ferrite size --compare lite,all,my.json', 'ferrite size --treemap size.svg'],
    load: () => import('./commands/size.ts'),
  },
];
