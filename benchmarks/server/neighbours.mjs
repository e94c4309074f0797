/**
 * What bad neighbours cost: `node benchmarks/server/neighbours.mjs [options]`.
 *
 * One client asks for small values, alone and then beside each of the neighbours of `lib/neighbours.mjs`; redis is there to
 * compare with where it can do the same. Needs Linux. Its README tells what each neighbour does.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Neighbour, stopNeighbours } from './lib/neighbour-process.mjs';
import { coldKey, coldKeys, coldMemory, coldValueBytes, largeBytes, largeKey } from './lib/neighbours.mjs';
import { fillProbed, probe } from './lib/probe.mjs';
import { rssBytesOf } from './lib/process-figures.mjs';
import { RespConnection } from './lib/resp-connection.mjs';
import { redisVersion, startServer, stopAll } from './lib/servers.mjs';

/** By name: what is shown, who can have it, and options of Ferrite. */
const cases = {
  idle: { title: '1000 idle clients', servers: ['redis', 'ferrite'] },
  slowReader: { title: '500 MB unread by a slow reader', servers: ['redis', 'ferrite'] },
  slowBulk: { title: 'a value of 512 MB that arrives slowly', servers: ['redis', 'ferrite'] },
  crowd: { title: '8 clients on hot keys', servers: ['redis', 'ferrite'] },
  cold: { title: '8 clients on ten times the memory', servers: ['ferrite'], options: coldMemory },
};

const usage = `Usage: node benchmarks/server/neighbours.mjs [options]
  --seconds n        how long is measured before and during (default 5)
  --rounds n         of which the medians are shown (default 3)
  --only a,b         only these: ${Object.keys(cases).join(', ')}
  --port n           of the server (default 7314)`;

const here = fileURLToPath(new URL('.', import.meta.url));
const warmUpMs = 1000;
const fillBatch = 1000;
const say = (line) => process.stdout.write(`${line}\n`);

process.once('exit', () => {
  stopAll();
  stopNeighbours();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
await main(readOptions());

function readOptions() {
  const text = { type: 'string' };
  try {
    const { values } = parseArgs({
      options: { seconds: text, rounds: text, only: text, port: text, help: { type: 'boolean' } },
    });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    const only = values.only?.split(',') ?? Object.keys(cases);
    for (const name of only) if (!Object.hasOwn(cases, name)) throw new Error(`unknown: ${name}`);
    const number = (name, fallback) => {
      const value = Number(values[name] ?? fallback);
      if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
      return value;
    };
    return { only, seconds: number('seconds', 5), rounds: number('rounds', 3), port: number('port', 7314) };
  } catch (error) {
    say(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}

async function main({ only, seconds, rounds, port }) {
  if (platform() !== 'linux') {
    say('This needs Linux.');
    process.exit(2);
  }
  const hasRedis = redisVersion() !== null;
  let synchronousReads = 0;
  say('p99 of small GETs by another client, microseconds: alone / beside (longest); medians of the rounds');
  for (const name of only) {
    const { title, servers } = cases[name];
    const samples = new Map(servers.filter((server) => server !== 'redis' || hasRedis).map((server) => [server, []]));
    for (let round = 0; round < rounds; round++) {
      for (const server of samples.keys()) samples.get(server).push(await measure(server, name, { seconds, port }));
    }
    for (const [server, each] of samples) {
      say(`${title}, ${server}: ${lineOf(each)}`);
      for (const sample of each) synchronousReads += sample.synchronousReads;
    }
  }
  if (synchronousReads === 0) process.exit(0);
  say(`FAILED: ${synchronousReads} reads from disk while all clients waited`);
  process.exit(1);
}

async function measure(serverName, name, { seconds, port }) {
  const folder = join(here, '.scratch', `neighbours-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = serverName === 'ferrite' ? (cases[name].options ?? []) : [];
  const server = await startServer(serverName, { port, folder, profile: 'everysec', options });
  const connection = await RespConnection.open(port);
  await fill(connection, name);
  await probe(port, warmUpMs);
  const before = await probe(port, seconds * 1000);
  const beforeBytes = rssBytesOf(server.pid);
  const neighbour = await Neighbour.start(name, port, folder);
  const during = await probe(port, seconds * 1000);
  const grownBytes = rssBytesOf(server.pid) - beforeBytes;
  const atEnd = name === 'slowBulk' ? await atTheEnd(neighbour, port) : null;
  const info = await connection.ask('INFO', 'all');
  connection.destroy();
  await neighbour.stop();
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
  const field = (key) => Number(new RegExp(`^${key}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    before,
    during,
    atEnd,
    grownBytes,
    synchronousReads: field('synchronous_reads'),
    coldReads: field('cold_reads'),
  };
}

/** The longest answer while a command with 512 MB runs. */
async function atTheEnd(neighbour, port) {
  await neighbour.says('sent');
  const answered = neighbour.says('answered');
  neighbour.child.send('end');
  let maxUs = 0;
  let isAnswered = false;
  answered.then(() => (isAnswered = true));
  while (!isAnswered) maxUs = Math.max(maxUs, (await probe(port, 200)).maxUs);
  const reply = await answered;
  if (reply !== 'answered +OK') throw new Error(`the value of 512 MB was ${reply}`);
  return maxUs;
}

async function fill(connection, name) {
  await fillProbed(connection);
  await connection.ask('SET', largeKey, 'l'.repeat(largeBytes));
  if (name !== 'cold') return;
  for (let id = 0; id < coldKeys; id += fillBatch) {
    const pairs = Array.from({ length: fillBatch }, (_, i) => [coldKey(id + i), 'c'.repeat(coldValueBytes)]);
    await connection.ask('MSET', ...pairs.flat());
  }
}

function lineOf(samples) {
  const median = (of) => {
    const sorted = samples.map(of).sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  };
  const parts = [
    `${median(({ before }) => before.p99Us).toFixed(0)} / ${median(({ during }) => during.p99Us).toFixed(0)} ` +
      `(${median(({ before }) => before.maxUs).toFixed(0)} / ${median(({ during }) => during.maxUs).toFixed(0)})`,
    `server grew by ${(median(({ grownBytes }) => grownBytes) / 1e6).toFixed(0)} MB`,
  ];
  const atEnd = median((sample) => sample.atEnd ?? 0);
  if (atEnd > 0) parts.push(`longest while the value was stored ${atEnd.toFixed(0)}`);
  const coldReads = median((sample) => sample.coldReads);
  if (coldReads > 0) parts.push(`${coldReads} cold reads, ${median((sample) => sample.synchronousReads)} synchronous`);
  return parts.join('; ');
}
