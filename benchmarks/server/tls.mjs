#!/usr/bin/env node
/**
 * Redis and Ferrite over TLS, in turns: `node benchmarks/server/tls.mjs [--rounds n] [--port n]`.
 *
 * The figure is CPU time of the server's process per operation, and per handshake; ratios are redis's divided by Ferrite's,
 * within a round. Needs Linux, openssl, and a redis-server and redis-benchmark that were built with TLS.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createAuthority } from '@ferrite/tls/certificates';
import { fill, load } from './lib/load.mjs';
import { cpuUsOf } from './lib/process-figures.mjs';
import { median, ratiosOf, spread, summarize } from './lib/report.mjs';
import { redisVersion, startServer, stopAll } from './lib/servers.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const publishedPath = fileURLToPath(new URL('../results', import.meta.url));
const scratchPath = join(here, '.scratch', `tls-${process.pid}`);
const names = ['redis', 'ferrite'];
const keys = 100_000;
const clients = 50;
const roundsToPublish = 7;
const handshakeSeconds = 2;
/** The target: redis's CPU time divided by Ferrite's. */
const must = 1;
const cells = [
  { name: 'GET, 64 deep', command: 'get', depth: 64, requests: 1_000_000, must },
  { name: 'SET, 64 deep', command: 'set', depth: 64, requests: 500_000 },
];
const say = (line) => process.stdout.write(`${line}\n`);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    stopAll();
    rmSync(scratchPath, { recursive: true, force: true });
    process.exit(130);
  });
}
await main();

async function main() {
  const text = { type: 'string' };
  const { values } = parseArgs({ options: { rounds: text, port: text } });
  const rounds = Number(values.rounds ?? roundsToPublish);
  const version = redisVersion();
  if (version === null || platform() !== 'linux' || !isTlsThere()) {
    say('This benchmark needs Linux with openssl, and redis-server and redis-benchmark that were built with TLS.');
    process.exit(2);
  }
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`;
  const date = new Date().toISOString().slice(0, 10);
  const command = ['node benchmarks/server/tls.mjs', ...process.argv.slice(2)].join(' ');
  say(`${machine}; redis ${version}; ${rounds} round(s)`);
  mkdirSync(scratchPath, { recursive: true });
  const servers = [];
  try {
    const files = makeCertificates();
    for (const [at, name] of names.entries())
      servers.push(await start(name, Number(values.port ?? 7330) + 2 * at, files));
    const samples = await measure(servers, files, rounds);
    write({ machine, command, date, versions: { redis: version }, keys, clients, rounds, samples });
  } finally {
    for (const server of servers) await server.stop();
    rmSync(scratchPath, { recursive: true, force: true });
  }
}

function isTlsThere() {
  const help = spawnSync('redis-benchmark', ['--help'], { encoding: 'utf8' });
  return `${help.stdout}${help.stderr}`.includes('--tls ') && spawnSync('openssl', ['version']).status === 0;
}

function makeCertificates() {
  const directory = join(scratchPath, 'ca');
  const authority = createAuthority({ directory, now: Date.now }, { name: 'Benchmark', days: 60, keyKind: 'p256' });
  const names = ['localhost', '127.0.0.1'];
  const made = authority.issue({ name: 'localhost', usage: 'server', names, days: 50, keyKind: 'p256' });
  const files = {
    ca: join(directory, 'ca.crt'),
    cert: join(scratchPath, 'own.crt'),
    key: join(scratchPath, 'own.key'),
  };
  writeFileSync(files.cert, made.pem);
  writeFileSync(files.key, made.keyPem);
  chmodSync(files.key, 0o600);
  return files;
}

async function start(name, port, { ca, cert, key }) {
  const tlsPort = port + 1;
  const options = ['--tls-port', tlsPort, '--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca];
  const features = name === 'ferrite' ? ['--features', 'tls'] : [];
  const server = await startServer(name, {
    port,
    folder: join(scratchPath, name),
    profile: 'memory',
    options: [...features, ...options, '--tls-auth-clients', 'no'],
  });
  await fill(port, keys);
  return { ...server, tlsPort };
}

async function measure(servers, { ca }, rounds) {
  const samples = [];
  for (let round = -1; round < rounds; round++) {
    for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
      for (const cell of cells) {
        const requests = cell.requests / (round < 0 ? 5 : 1);
        const beforeUs = cpuUsOf(server.pid);
        const figures = await load(server.tlsPort, {
          ...cell,
          requests,
          keys,
          clients,
          more: ['--tls', '--cacert', ca],
        });
        const cpuUsPerOp = (cpuUsOf(server.pid) - beforeUs) / requests;
        if (round >= 0) samples.push({ cell: cell.name, round, server: server.name, cpuUsPerOp, ...figures });
      }
      const beforeUs = cpuUsOf(server.pid);
      const { count, seconds } = await handshakes(server.tlsPort, ca);
      const cpuUsPerOp = (cpuUsOf(server.pid) - beforeUs) / count;
      const opsPerSecond = count / seconds;
      if (round >= 0) samples.push({ cell: 'handshake', round, server: server.name, cpuUsPerOp, opsPerSecond });
    }
    if (round >= 0)
      say(
        `round ${round + 1}: ${[...cells, { name: 'handshake' }].map(({ name }) => `${name} ${ratio(samples, name)}`).join('; ')}`,
      );
  }
  return samples;
}

/** New ones, one after the other. */
function handshakes(port, ca) {
  const args = ['s_time', '-connect', `127.0.0.1:${port}`, '-new', '-time', String(handshakeSeconds), '-CAfile', ca];
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', () => {
      const count = Number(/(\d+) connections in \d+ real seconds/.exec(output)?.[1] ?? 0);
      if (count > 0) resolve({ count, seconds: (performance.now() - began) / 1000 });
      else reject(new Error(`openssl s_time said: ${output.slice(-500)}`));
    });
  });
}

function of(samples, cell) {
  return samples.filter((each) => each.cell === cell);
}

function ratio(samples, cell) {
  return spread(summarize(ratiosOf(of(samples, cell), 'cpuUsPerOp')), 2);
}

function write(results) {
  const path = results.rounds >= roundsToPublish ? publishedPath : join(here, '.scratch');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'tls.json'), `${JSON.stringify(results, null, 1)}\n`);
  const text = markdownOf(results);
  writeFileSync(join(path, 'tls.md'), text);
  say(`\n${text}\nResults: ${join(path, 'tls.md')}`);
}

function markdownOf({ machine, command, date, versions, rounds, samples }) {
  const rows = [...cells, { name: 'handshake' }].map((cell) => {
    const figure = (server, metric) =>
      median(
        of(samples, cell.name)
          .filter((each) => each.server === server)
          .map((each) => each[metric]),
      );
    const both = (metric, digits) => names.map((name) => figure(name, metric).toFixed(digits)).join(' / ');
    const middle = summarize(ratiosOf(of(samples, cell.name), 'cpuUsPerOp')).median;
    const verdict = cell.must === undefined ? '' : `>= ${cell.must}: ${middle >= cell.must ? 'met' : 'missed'}`;
    return `| ${cell.name} | ${ratio(samples, cell.name)} | ${verdict} | ${both('cpuUsPerOp', 2)} | ${both('opsPerSecond', 0)} |`;
  });
  return [
    '# The server over TLS',
    '',
    `Taken by \`${command}\` on ${date}: ${machine}; redis ${versions.redis}.`,
    '',
    `TLS 1.3, a certificate with a key on P-256, ${clients} connections, ${keys} keys, values of 100 bytes, ${rounds} rounds, both servers in turns, without ` +
      "persistence. CPU time is that of the server's whole process; the ratio is redis divided by Ferrite within a round, above 1 Ferrite is cheaper. " +
      'Medians, in brackets the lowest and the highest round. Handshakes are new ones, one after the other.',
    '',
    '| | CPU ratio | must | CPU each, us, redis / Ferrite | each second, redis / Ferrite |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
