/**
 * The server benchmark: `node benchmarks/server/run.mjs [options]`.
 *
 * Runs redis and Ferrite side by side and puts the same load on one, then on the other, for seven rounds; whoever begins
 * changes from round to round. Needs Linux, `redis-server` and `redis-benchmark`. Its README describes method and options.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { namesIn, readArguments } from './lib/arguments.mjs';
import { autopipelined } from './lib/autopipelining.mjs';
import { cells, profiles } from './lib/cells.mjs';
import { fill, load } from './lib/load.mjs';
import { cpuUsOf, rssBytesOf } from './lib/process-figures.mjs';
import { markdownOf, ratioLine } from './lib/report.mjs';
import { redisVersion, startServer, stopAll } from './lib/servers.mjs';

const usage = `Usage: node benchmarks/server/run.mjs [options]
  --quick            a third of the requests, 100,000 keys only, one round unless --rounds says more
  --rounds n         rounds instead of 7
  --only a,b         only these: ${[...cells.map(({ name }) => name), ...Object.keys(profiles), 'ioredis', 'process'].join(', ')}
  --merge            puts what was measured in the place of the same in the published results
  --port n           first of the two ports (default 7310)`;

const here = fileURLToPath(new URL('.', import.meta.url));
const publishedPath = fileURLToPath(new URL('../results', import.meta.url));
const scratchPath = join(here, '.scratch');
const names = ['redis', 'ferrite'];
const clients = 50;
/** The cost of one is taken between these two counts: the first thousand also warm the server up. */
const idleConnections = [1000, 4000];
const connectedAtOnce = 200;
const ioredisLoad = { keys: 100_000, requests: 600_000, inFlight: 500 };
const say = (line) => process.stdout.write(`${line}\n`);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, abandon);
await main(readOptions());

function readOptions() {
  const flag = { type: 'boolean', default: false };
  const text = { type: 'string' };
  const options = { quick: flag, merge: flag, rounds: text, only: text, port: text };
  const known = [...cells.map(({ name }) => name), ...Object.keys(profiles), 'ioredis', 'process'];
  return readArguments(options, usage, ({ quick, merge, rounds, only, port }) => ({
    quick,
    merge,
    only: namesIn(only, known),
    rounds: Number(rounds ?? (quick ? 1 : 7)),
    port: Number(port ?? 7310),
  }));
}

async function main(options) {
  const version = redisVersion();
  if (version === null || platform() !== 'linux') {
    say('This benchmark needs Linux with redis-server and redis-benchmark on the path.');
    process.exit(2);
  }
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`;
  const command = ['node benchmarks/server/run.mjs', ...process.argv.slice(2)].join(' ');
  const date = new Date().toISOString().slice(0, 10);
  const keys = options.quick ? [100_000] : [100_000, 1_000_000];
  const { rounds } = options;
  const results = {
    machine,
    command,
    date,
    versions: { redis: version },
    keys,
    clients,
    rounds,
    samples: [],
    ioredis: [],
    processes: [],
  };
  say(`${machine}; redis ${version}; ${rounds} round(s)\n`);
  const isChosen = (name, group) => !options.only.some((each) => group.includes(each)) || options.only.includes(name);
  const chosenCells = cells.filter(({ name }) =>
    isChosen(
      name,
      cells.map((each) => each.name),
    ),
  );
  const isBeside = (name) => name === 'process' || name === 'ioredis';
  const hasCells = options.only.length === 0 || !options.only.every(isBeside);
  for (const profile of Object.keys(hasCells ? profiles : {}).filter((name) => isChosen(name, Object.keys(profiles)))) {
    for (const count of keys) await measureProfile(results, chosenCells, { profile, keys: count, ...options });
  }
  if (options.only.length === 0 || options.only.includes('ioredis')) await measureIoredis(results, options);
  if (options.only.length === 0 || options.only.includes('process')) await measureProcesses(results, options);
  write(results, options);
}

async function measureProfile(results, chosenCells, { profile, keys, rounds, quick, port }) {
  const servers = [];
  for (const [at, name] of names.entries()) {
    const folder = join(scratchPath, `${name}-${process.pid}`);
    servers.push(await startServer(name, { port: port + at, folder, profile }));
    await fill(port + at, keys);
  }
  for (let round = -1; round < rounds; round++) {
    for (const cell of chosenCells) {
      const isWarmUp = round < 0;
      const requests = Math.ceil(cell.requests / (isWarmUp ? 10 : quick ? 3 : 1));
      for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
        const sample = await measureCell(server, { ...cell, requests, keys });
        if (!isWarmUp) results.samples.push({ cell: cell.name, profile, keys, round, server: server.name, ...sample });
      }
      const done = results.samples.filter(
        (each) => each.cell === cell.name && each.profile === profile && each.keys === keys,
      );
      if (!isWarmUp)
        say(`${profile}, ${keys} keys, ${cell.name}, round ${round + 1}: CPU ratio so far ${ratioLine(done)}`);
    }
  }
  for (const server of servers) await server.stop();
  clean();
}

async function measureCell(server, cell) {
  const beforeUs = cpuUsOf(server.pid);
  const figures = await load(server.port, { ...cell, clients });
  return { ...figures, cpuUsPerOp: (cpuUsOf(server.pid) - beforeUs) / cell.requests };
}

async function measureIoredis(results, { rounds, quick, port }) {
  const servers = [];
  for (const [at, name] of names.entries()) {
    const folder = join(scratchPath, `${name}-${process.pid}`);
    servers.push(await startServer(name, { port: port + at, folder, profile: 'memory' }));
    await fill(port + at, ioredisLoad.keys);
  }
  for (let round = -1; round < rounds; round++) {
    for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
      const requests = ioredisLoad.requests / (round < 0 ? 10 : quick ? 3 : 1);
      const opsPerSecond = await autopipelined(server.port, { ...ioredisLoad, requests });
      if (round >= 0) results.ioredis.push({ server: server.name, round, opsPerSecond });
    }
  }
  for (const server of servers) await server.stop();
  clean();
}

async function measureProcesses(results, { rounds, port }) {
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const folder = join(scratchPath, `${name}-${process.pid}`);
      const server = await startServer(name, { port, folder, profile: 'memory' });
      await settle();
      const emptyRssBytes = rssBytesOf(server.pid);
      const sockets = [];
      const rssBytes = [];
      for (const count of idleConnections) {
        while (sockets.length < count) {
          sockets.push(...(await Promise.all(Array.from({ length: connectedAtOnce }, () => greet(port)))));
        }
        await settle();
        rssBytes.push(rssBytesOf(server.pid));
      }
      const connectionBytes = (rssBytes[1] - rssBytes[0]) / (idleConnections[1] - idleConnections[0]);
      for (const socket of sockets) socket.destroy();
      results.processes.push({ server: name, round, startMs: server.startMs, emptyRssBytes, connectionBytes });
      await server.stop();
      clean();
    }
  }
}

/** A connection that has had one reply. */
function greet(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', () => resolve(socket));
    socket.once('error', reject);
  });
}

function settle() {
  return new Promise((resolve) => setTimeout(resolve, 2500));
}

function write(measured, { rounds, only, merge }) {
  const results = merge ? merged(measured) : measured;
  const isPublished = (merge || only.length === 0) && rounds >= 7;
  const path = isPublished ? publishedPath : scratchPath;
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'server.json'), `${JSON.stringify(results, null, 1)}\n`);
  const text = markdownOf(results);
  writeFileSync(join(path, 'server.md'), text);
  say(`\n${text}\nResults: ${join(path, 'server.md')}`);
}

/** The published results, with what was measured now. */
function merged(measured) {
  const published = JSON.parse(readFileSync(join(publishedPath, 'server.json'), 'utf8'));
  const isAnew = (sample) =>
    measured.samples.some(
      ({ cell, profile, keys }) => cell === sample.cell && profile === sample.profile && keys === sample.keys,
    );
  const { machine, command, date, versions } = measured;
  if (machine !== published.machine)
    throw new Error(`the published results are of another machine: ${published.machine}`);
  return {
    ...published,
    command: `${published.command}\`, then \`${command}`,
    date,
    versions,
    samples: [...published.samples.filter((sample) => !isAnew(sample)), ...measured.samples],
    ioredis: measured.ioredis.length > 0 ? measured.ioredis : published.ioredis,
    processes: measured.processes.length > 0 ? measured.processes : published.processes,
  };
}

function clean() {
  for (const name of names) rmSync(join(scratchPath, `${name}-${process.pid}`), { recursive: true, force: true });
}

function abandon() {
  stopAll();
  clean();
  process.exit(130);
}
