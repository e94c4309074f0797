/**
 * The benchmark of the data types: `node benchmarks/server/types.mjs [options]`.
 *
 * Redis and Ferrite side by side, in turns, as in run.mjs: CPU time per operation of each command, a pair of servers for each
 * group of commands, and the memory that a member takes. Needs Linux, `redis-server` and `redis-tools`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { namesIn, readArguments } from './lib/arguments.mjs';
import { load, pipe } from './lib/load.mjs';
import { cpuUsOf, rssBytesOf } from './lib/process-figures.mjs';
import { ratioLine } from './lib/report.mjs';
import { redisVersion, startServer, stopAll } from './lib/servers.mjs';
import { depths, groups, memoryCases } from './lib/type-cells.mjs';
import { markdownOf } from './lib/type-report.mjs';

const usage = `Usage: node benchmarks/server/types.mjs [options]
  --quick        a fifth of the requests
  --rounds n     rounds instead of 7
  --only a,b     only these groups: ${[...groups(10).map(({ name }) => name), 'memory'].join(', ')}
  --profile p    memory (default) or everysec
  --port n       first of the two ports (default 7320)`;

const publishedPath = fileURLToPath(new URL('../results', import.meta.url));
const scratchPath = fileURLToPath(new URL('.scratch', import.meta.url));
const names = ['redis', 'ferrite'];
const clients = 50;
const requestsOf64 = 1_000_000;
const settleMs = 2500;
const say = (line) => process.stdout.write(`${line}\n`);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, abandon);
await main(readOptions());

function readOptions() {
  const text = { type: 'string' };
  const options = { quick: { type: 'boolean', default: false }, rounds: text, only: text, profile: text, port: text };
  const known = [...groups(10).map(({ name }) => name), 'memory'];
  return readArguments(options, usage, ({ quick, rounds, only, profile = 'memory', port }) => {
    if (profile !== 'memory' && profile !== 'everysec') throw new Error(`unknown profile: ${profile}`);
    return { quick, only: namesIn(only, known), profile, rounds: Number(rounds ?? 7), port: Number(port ?? 7320) };
  });
}

async function main(options) {
  const version = redisVersion();
  if (version === null || platform() !== 'linux') {
    say('This benchmark needs Linux with redis-server and redis-tools on the path.');
    process.exit(2);
  }
  const { rounds, only, profile } = options;
  const members = 1_000_000;
  const results = {
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`,
    command: ['node benchmarks/server/types.mjs', ...process.argv.slice(2)].join(' '),
    date: new Date().toISOString().slice(0, 10),
    versions: { redis: version },
    ...{ members, clients, rounds, profile, samples: [], memory: [] },
  };
  say(`${results.machine}; redis ${version}; ${rounds} round(s)\n`);
  const isChosen = (name) => only.length === 0 || only.includes(name);
  for (const group of groups(members)) if (isChosen(group.name)) await measureGroup(results, group, options);
  if (isChosen('memory')) for (const each of memoryCases(members)) await measureMemory(results, each, options);
  write(results, options);
}

async function measureGroup(results, group, { rounds, quick, profile, port }) {
  const servers = [];
  for (const [at, name] of names.entries()) {
    servers.push(await startServer(name, { port: port + at, folder: folderOf(name), profile }));
    await pipe(port + at, group.build());
  }
  for (let round = -1; round < rounds; round++) {
    for (const [depth, { share }] of Object.entries(depths)) {
      for (const cell of group.cells) {
        const requests = Math.ceil((requestsOf64 * share) / (quick || round < 0 ? 5 : 1) / cell.weight);
        for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
          const sample = await measureCell(server, group, { ...cell, requests, depth });
          const { name } = cell;
          if (round >= 0)
            results.samples.push({ group: group.name, cell: name, depth, round, server: server.name, ...sample });
        }
        const done = results.samples.filter(
          (each) => each.group === group.name && each.cell === cell.name && each.depth === depth,
        );
        if (round >= 0)
          say(`${group.name}, ${cell.name}, ${depth} deep, round ${round + 1}: CPU ratio so far ${ratioLine(done)}`);
      }
    }
  }
  for (const server of servers) await server.stop();
  clean();
}

async function measureCell(server, group, { commands, before, rebuilds, range, requests, depth }) {
  await pipe(server.port, before);
  const beforeUs = cpuUsOf(server.pid);
  let p99Us = 0;
  const share = Math.ceil(requests / commands.length);
  for (const command of commands) {
    const figures = await load(server.port, { command, depth, requests: share, keys: range, clients });
    p99Us = Math.max(p99Us, figures.p99Us);
  }
  const cpuUsPerOp = (cpuUsOf(server.pid) - beforeUs) / (share * commands.length);
  if (rebuilds) await pipe(server.port, group.build());
  return { cpuUsPerOp, p99Us };
}

/** What resident memory grows by, from the empty server to the one that holds the data and is at rest. */
async function measureMemory(results, { name, count, targets, build }, { port, profile }) {
  for (const server of names) {
    const { pid, stop } = await startServer(server, { port, folder: folderOf(server), profile });
    await settle();
    const emptyBytes = rssBytesOf(pid);
    await pipe(port, build());
    await settle();
    const bytesPerMember = (rssBytesOf(pid) - emptyBytes) / count;
    results.memory.push({ name, server, targets, bytesPerMember });
    say(`memory, ${name}, ${server}: ${bytesPerMember.toFixed(1)} B`);
    await stop();
    clean();
  }
}

function settle() {
  return new Promise((resolve) => setTimeout(resolve, settleMs));
}

function write(results, { rounds, only, profile }) {
  const isPublished = only.length === 0 && rounds >= 7;
  const path = isPublished ? publishedPath : scratchPath;
  const name = profile === 'memory' ? 'types' : `types-${profile}`;
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, `${name}.json`), `${JSON.stringify(results, null, 1)}\n`);
  const text = markdownOf(results);
  writeFileSync(join(path, `${name}.md`), text);
  say(`\n${text}\nResults: ${join(path, `${name}.md`)}`);
}

function folderOf(name) {
  return join(scratchPath, `${name}-${process.pid}`);
}

function clean() {
  for (const name of names) rmSync(folderOf(name), { recursive: true, force: true });
}

function abandon() {
  stopAll();
  clean();
  process.exit(130);
}
