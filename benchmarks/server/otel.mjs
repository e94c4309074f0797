/**
 * What `@ferrite/otel` costs: `node benchmarks/server/otel.mjs [options]`.
 *
 * A server without the feature and servers with it get the same load in turns, round by round; the figure is CPU time of the
 * server's process for each operation, and its ratio to the one without the feature in the same round. The same for GETs of
 * the embedded door, each in a process of its own. What must hold is judged by the lowest rounds, which other programs
 * disturbed least. Ends with 1 when the feature costs more than 3 % without an SDK.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fill, load } from './lib/load.mjs';
import { variants } from './lib/otel-variants.mjs';
import { cpuUsOf } from './lib/process-figures.mjs';

const usage = `Usage: node benchmarks/server/otel.mjs [options]
  --rounds n         rounds (default 9; 7 or more are published)
  --only a,b         only these, beside plain: ${Object.keys(variants).join(', ')}
  --requests n       GETs of each variant and round (default 1000000)
  --port n           first of the ports (default 7320)`;

const here = fileURLToPath(new URL('.', import.meta.url));
const serverPath = join(here, 'otel-server.mjs');
const clients = 50;
const depth = 64;
const keys = 100_000;
const embeddedOperations = 1_000_000;
const say = (line) => process.stdout.write(`${line}\n`);
const servers = [];

process.once('exit', () => {
  for (const { child } of servers) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
await main(readOptions());

function readOptions() {
  const text = { type: 'string' };
  try {
    const options = { rounds: text, only: text, requests: text, port: text, help: { type: 'boolean' } };
    const { values } = parseArgs({ options });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    const names = values.only === undefined ? Object.keys(variants) : ['plain', ...values.only.split(',')];
    for (const name of names) if (variants[name] === undefined) throw new Error(`unknown: ${name}`);
    const numbers = { rounds: Number(values.rounds ?? 9), requests: Number(values.requests ?? 1e6) };
    return { names, ...numbers, port: Number(values.port ?? 7320) };
  } catch (error) {
    say(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}

async function main({ names, rounds, requests, port }) {
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`;
  const samples = [];
  for (const [at, name] of names.entries()) servers.push(await startServer(name, port + at));
  for (const server of servers) await fill(server.port, keys);
  for (let round = -1; round < rounds; round++) {
    for (const { name, child, port: own } of turned(servers, round)) {
      const count = round < 0 ? requests / 4 : requests;
      const beforeUs = cpuUsOf(child.pid);
      await load(own, { command: 'get', depth, requests: count, keys, clients });
      const cpuNs = ((cpuUsOf(child.pid) - beforeUs) * 1000) / count;
      if (round >= 0) samples.push({ door: 'server', name, round, cpuNs });
    }
    if (round >= 0) for (const name of turned(names, round)) samples.push(embedded(name, round));
    if (round >= 0) say(`round ${round + 1} of ${rounds}\n${table(samples, names, 'server').join('\n')}`);
  }
  write({ machine, samples, names, rounds, requests });
}

/** Whoever begins changes from round to round, and so does the direction. */
function turned(list, round) {
  const from = Math.max(0, round) % list.length;
  const turn = [...list.slice(from), ...list.slice(0, from)];
  return round % 2 === 0 ? turn : turn.reverse();
}

async function startServer(name, port) {
  const child = spawn(process.execPath, [serverPath, name, String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`the server '${name}' ended with ${child.exitCode}`);
  }
  return { name, child, port };
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => setTimeout(resolve, 20, false));
    socket.unref().once('connect', () => socket.destroy());
  });
}

function embedded(name, round) {
  const args = [serverPath, name, String(embeddedOperations), 'embedded'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const cpuNs = Number(stdout);
  if (!(cpuNs > 0)) throw new Error(`no figure from '${name}': ${stderr}`);
  return { door: 'embedded', name, round, cpuNs };
}

function table(samples, names, door) {
  const of = (name) => samples.filter((each) => each.door === door && each.name === name);
  const plain = of('plain');
  return names.map((name) => {
    const own = of(name);
    const ratios = own.map(({ round, cpuNs }) => cpuNs / plain.find((each) => each.round === round).cpuNs);
    const { what, mustMax } = variants[name];
    const nanos = median(own.map(({ cpuNs }) => cpuNs)).toFixed(0);
    const spread = `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
    const lowest = lowestOf(own) / lowestOf(plain);
    const isMust = mustMax !== undefined && door === 'server';
    const verdict = !isMust ? '' : lowest <= mustMax ? `<= ${mustMax}: met` : `<= ${mustMax}: missed`;
    if (verdict.endsWith('missed')) process.exitCode = 1;
    const cells = name === 'plain' ? ['', ''] : [spread, lowest.toFixed(3)];
    return `| ${[what, nanos, ...cells, verdict].join(' | ')} |`;
  });
}

function lowestOf(samples) {
  return Math.min(...samples.map(({ cpuNs }) => cpuNs));
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function write({ machine, samples, names, rounds, requests }) {
  process.exitCode = 0;
  const heads = [
    '| | CPU for a GET, ns | ratio to the first line, same round | of the lowest rounds | must |',
    '|---|---|---|---|---|',
  ];
  const text = [
    '# What OpenTelemetry costs',
    `Taken by \`${['node benchmarks/server/otel.mjs', ...process.argv.slice(2)].join(' ')}\` on ${new Date().toISOString().slice(0, 10)}: ${machine}.`,
    `${rounds} rounds in turns, medians, in brackets the lowest and the highest round. What the SDK keeps is handed to an exporter that drops it.`,
    `## The server: GET, ${depth} deep, ${clients} connections, ${requests.toLocaleString('en-US')} requests a round`,
    [...heads, ...table(samples, names, 'server')].join('\n'),
    `## The embedded door: ${embeddedOperations.toLocaleString('en-US')} calls of \`get\` a round, a process each`,
    [...heads, ...table(samples, names, 'embedded')].join('\n'),
  ].join('\n\n');
  const path = rounds >= 7 ? fileURLToPath(new URL('../results', import.meta.url)) : join(here, '.scratch');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'otel.json'), `${JSON.stringify({ machine, rounds, requests, samples }, null, 1)}\n`);
  writeFileSync(join(path, 'otel.md'), `${text}\n`);
  say(`\n${text}\n\nResults: ${join(path, 'otel.md')}`);
  for (const { child } of servers) child.kill('SIGTERM');
}
