/**
 * The feature of the guide, as somebody builds it who reads `apps/docs/writing-a-feature.md`: `runGuide` takes the programs out of
 * the page, compiles them in a project that has Ferrite from its packed tarballs, and uses the feature through both doors.
 *
 * Called by `pack-check.mjs`, whose project, compiler and way of running programs it takes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a user of the feature sees; it prints "ok" only when all of it went well. */
const useProgram = `
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { open, serve } from '@ferrite/lite';
import { visits } from './visits.js';

const check = (condition, what) => { if (!condition) throw new Error('guide: ' + what); };
const ask = async (port, ...lines) => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(lines.join('\\r\\n') + '\\r\\n'));
  let reply = '';
  for await (const chunk of socket) reply += chunk;
  return reply;
};

let db = open({ path: 'visited', features: [visits({ pagesMax: 2 })] });
let served = await serve(db, { port: 0 });
const reply = await ask(served.port, 'VISITS.ADD home', 'VISITS.ADD home', 'VISITS.ADD other', 'VISITS.ADD third',
  'CONFIG GET visits.keep-for', 'INFO visits', 'DBSIZE', 'COMMAND DOCS visits.add');
check(reply.startsWith(':1\\r\\n:2\\r\\n:1\\r\\n-ERR too many pages'), 'the command: ' + reply);
check(reply.includes('2592000000'), 'the configuration: ' + reply);
check(reply.includes('pages:2\\r\\nrefused_visits:1'), 'the section of INFO: ' + reply);
check(reply.includes(':0\\r\\n'), 'no keys of users: ' + reply);
check(reply.includes('Counts a visit of a page.'), 'the documentation: ' + reply);
check(db.features.visits.count('home') === 2, 'the method');
await served.close();
db.close();

const without = open('visited');
check(without.stats().missingFeatures.join() === 'visits', 'a store without the feature says so');
without.close();

const program = spawn(process.execPath, [
  'node_modules/.bin/ferrite-server', '--features', './visits.js', '--port', '0', '--unixsocket', 'socket', '--dir', 'visited',
  '--visits.pages-max', '7']);
let output = '';
program.stdout.on('data', (chunk) => (output += chunk));
program.stderr.on('data', (chunk) => (output += chunk));
const isReady = () => output.includes('Ready to accept connections');
for (let i = 0; i < 500 && !isReady() && program.exitCode === null; i++) await new Promise((resolve) => setTimeout(resolve, 20));
check(isReady(), 'the server with --features: ' + output);
check(output.includes('Visits are counted on socket'), 'what the feature logs: ' + output);
const socket = connect({ path: 'socket', allowHalfOpen: true }, () =>
  socket.end('VISITS.ADD home\\r\\nCONFIG GET visits.pages-max\\r\\nINFO modules\\r\\n'));
let told = '';
for await (const chunk of socket) told += chunk;
check(told.startsWith(':3\\r\\n') && told.includes('$1\\r\\n7\\r\\n') && told.includes('feature_visits:1.0.0'), told);
program.kill('SIGTERM');
await once(program, 'exit');
console.log('ok');
`;

/** `page`: the guide's text. Programs by the name in their first line. */
function programsIn(page) {
  const found = new Map();
  for (const [, text] of page.matchAll(/```(?:ts|js)\n([\s\S]*?)```/g)) {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1];
    if (name !== undefined) found.set(name, text);
  }
  return found;
}

/** `compile(folder, files)` and `run(title, args, folder)` are those of the caller. */
export function runGuide(root, project, compile, run) {
  const folder = join(project, 'guide');
  mkdirSync(folder);
  const page = readFileSync(join(root, 'apps/docs/writing-a-feature.md'), 'utf8');
  for (const [name, text] of programsIn(page)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'use.js'), useProgram.replace("'node_modules/.bin", "'../node_modules/.bin"));
  compile(folder, ['visits.ts', 'caller.ts']);
  const output = run('the program of the guide', ['program.js'], folder);
  if (!/Visits are counted on[\s\S]*visited 0 times/.test(output))
    throw new Error(`the guide's program printed:\n${output}`);
  const used = run("the guide's feature", ['use.js'], folder);
  if (used.trim() !== 'ok') throw new Error(`the guide's feature printed:\n${used}`);
}
