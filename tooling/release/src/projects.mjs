/** Projects of users: empty folders in which the tarballs are installed, and programs that use them. */
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entriesOf } from './published.mjs';
import { pnpm, root, run, tool } from './shell.mjs';

const programs = fileURLToPath(new URL('../programs/', import.meta.url));
/** By the name that a person knows it by, how TypeScript finds modules. */
export const resolutions = {
  node16: ['--module', 'node16', '--moduleResolution', 'node16'],
  nodenext: ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
};

/** `tarballs` by the name of their package. Other packages come from npm's cache where that has them. */
export function installWithNpm(project, packages, tarballs) {
  makeProject(project, packages, {});
  run('npm install', ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs.values()], project);
}

/** pnpm would look for what the tarballs need of each other in the registry: it is told where they are. */
export function installWithPnpm(project, packages, tarballs) {
  const dependencies = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]));
  makeProject(project, packages, { dependencies, pnpm: { overrides: dependencies } });
  pnpm('pnpm install', ['install', '--prefer-offline', '--ignore-workspace'], project);
}

/** Declarations need those of Node, which a TypeScript project for Node has; here they are lent by the workspace. */
export function checkTypes(project, names) {
  const types = join(project, 'node_modules', '@types');
  mkdirSync(types, { recursive: true });
  symlinkSync(realpathSync(join(root, 'node_modules', '@types', 'node')), join(types, 'node'));
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--skipLibCheck', 'false', '--types', 'node'];
  for (const name of names) {
    const command = [...tool('typescript', 'tsc'), ...options, ...resolutions[name], 'typed.ts', 'entries.ts'];
    run(`type-check with ${name} resolution`, command, project);
  }
}

function makeProject(project, packages, manifest) {
  mkdirSync(project);
  cpSync(programs, project, { recursive: true });
  const whole = { name: 'smoke', version: '1.0.0', private: true, type: 'module', ...manifest };
  writeFileSync(join(project, 'package.json'), `${JSON.stringify(whole)}\n`);
  const entries = packages.flatMap((one) => entriesOf(one));
  const imports = entries.map((entry, at) => `import * as entry${at} from '${entry}';\n`).join('');
  const all = entries.map((_, at) => `entry${at}`).join(', ');
  const program = `${imports}for (const entry of [${all}]) {
  if (Object.keys(entry).length === 0) throw new Error('an entry without exports');
}
console.log('ok');\n`;
  // The same text is TypeScript that imports all declarations, and a program that loads all modules.
  for (const file of ['entries.ts', 'entries.js']) writeFileSync(join(project, file), program);
}
