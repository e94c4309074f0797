/**
 * The soak: `node benchmarks/server/soak.mjs [options]`.
 *
 * Puts full load on a server by writers that know what was acknowledged, kills it again and again, and looks whether all
 * of it is there; then lets one server live for the rest of the time, and looks whether its memory and handles stay as
 * they are. Ends with 1 when something was lost, was there in part, or leaks. Needs Linux. Its README tells what it checks.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '@ferrite/bench-embedded/random';
import { handlesOf, rssBytesOf } from './lib/process-figures.mjs';
import { RespConnection } from './lib/resp-connection.mjs';
import { startAndKill, startServer, stopAll } from './lib/servers.mjs';
import { breakBelief, breakOptions, breakStore, sabotages } from './lib/soak-sabotage.mjs';
import { neverSet, Visitors } from './lib/soak-visitors.mjs';
import { Violation, Writer } from './lib/soak-writer.mjs';
import { liveBytesOf, spaceMaxOf, storeBytesOf, storeFilesOf } from './lib/store-space.mjs';

const usage = `Usage: node benchmarks/server/soak.mjs [options]
  --minutes n        how long it lasts (default 3)
  --durability d     always or everysec (default everysec)
  --seed n           of what is written, and when it is killed (default: another each time)
  --writers n        connections that write (default 4)
  --port n           of the server (default 7312)
  --sabotage s       breaks something, so that the soak has to fail:
${Object.entries(sabotages)
  .map(([name, what]) => `      ${name.padEnd(8)} ${what}`)
  .join('\n')}`;

const here = fileURLToPath(new URL('.', import.meta.url));
/** So small that it is full before the warm-up ends, and that much of the data has to be read from disk. */
const smallMemory = ['--mutable-region-size', '4mb', '--read-only-region-size', '12mb', '--read-cache-size', '2mb'];
const depths = [1, 16, 64, 200];
/** Of the time, for a server that is killed again and again; the rest is for the one that is not. */
const killedShare = 0.5;
const lifeMaxMs = 8000;
const recoveryKillsMax = 3;
const sampleEveryMs = 500;
/** Of the time of the one that is not killed, until its memory should not grow any more. */
const warmUpShare = 0.3;
/** What memory may seem to grow by, garbage that is not gathered yet, and for each minute. */
const growthMaxBytes = 24e6;
const growthMaxBytesPerMinute = 1.5e6;
const restMs = 2500;
const say = (line) => process.stdout.write(`${line}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

process.once('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
await main(readOptions());

function readOptions() {
  const text = { type: 'string' };
  const options = { minutes: text, durability: text, seed: text, writers: text, port: text, sabotage: text };
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    const { durability = 'everysec', sabotage = 'none' } = values;
    if (!['always', 'everysec'].includes(durability)) throw new Error(`unknown durability: ${durability}`);
    if (!Object.hasOwn(sabotages, sabotage)) throw new Error(`unknown sabotage: ${sabotage}`);
    const number = (name, fallback) => {
      const value = Number(values[name] ?? fallback);
      if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
      return value;
    };
    return {
      durability,
      sabotage,
      minutes: number('minutes', 3),
      seed: number('seed', (Date.now() % 1e6) + 1),
      writers: number('writers', 4),
      port: number('port', 7312),
    };
  } catch (error) {
    say(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}

async function main(options) {
  if (platform() !== 'linux') {
    say('The soak needs Linux.');
    process.exit(2);
  }
  const { minutes, durability, seed, sabotage } = options;
  const folder = join(here, '.scratch', `soak-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  say(`Soak of ${minutes} minutes, ${durability}, seed ${seed}, sabotage ${sabotage}`);
  const soak = makeSoak(options, folder);
  const endMs = performance.now() + minutes * 60_000;
  const failures = [];
  try {
    await killAgainAndAgain(soak, performance.now() + minutes * 60_000 * killedShare);
    failures.push(...(await liveOn(soak, endMs)));
  } catch (error) {
    if (!(error instanceof Violation)) say(error.stack);
    failures.push(error.message);
  }
  tell(soak);
  for (const failure of failures) say(`FAILED: ${failure}`);
  if (failures.length > 0) {
    say(`Seed ${seed}; the store and the log of the server are in ${folder}`);
    process.exit(1);
  }
  rmSync(folder, { recursive: true, force: true });
  say('Nothing was lost, and nothing leaks.');
  process.exit(0);
}

function makeSoak({ durability, seed, writers, port, sabotage }, folder) {
  const random = new Random(seed);
  return {
    random,
    port,
    sabotage,
    settings: {
      options: [...smallMemory, ...breakOptions(sabotage)],
      port,
      folder: join(folder, 'store'),
      profile: durability,
      logPath: join(folder, 'server.log'),
    },
    writers: Array.from(
      { length: writers },
      (_, i) => new Writer(`writer-${i}`, new Random(seed * 100 + i), depths[i % depths.length], i % 16),
    ),
    visitors: new Visitors(new Random(seed + 1)),
    counts: { kills: 0, recoveryKills: 0, keys: 0, kept: 0, lost: 0, multiKept: 0, multiLost: 0, startMs: 0 },
    steady: null,
    space: { bytesMost: 0, bytesMax: 0, filesMost: 0, filesMax: 0 },
  };
}

async function killAgainAndAgain(soak, untilMs) {
  const { random, counts } = soak;
  while (performance.now() < untilMs) {
    const server = await start(soak);
    await load(soak);
    await sleep(random.below(lifeMaxMs));
    await server.kill();
    counts.kills++;
    await unload(soak);
    breakStore(soak.sabotage, soak.settings.folder);
    for (let left = random.below(recoveryKillsMax + 1); left > 1; left--) {
      await startAndKill('ferrite', soak.settings, 40 + random.below(400));
      counts.recoveryKills++;
    }
  }
}

/** Starts the server, and looks at all that it holds. */
async function start(soak) {
  const server = await startServer('ferrite', soak.settings);
  const { counts } = soak;
  counts.startMs = Math.max(counts.startMs, server.startMs);
  for (const writer of soak.writers) {
    if (counts.kills > 0) breakBelief(soak.sabotage, writer);
    const found = await writer.verify(soak.port);
    for (const name of Object.keys(found)) counts[name] += found[name];
  }
  const connection = await RespConnection.open(soak.port);
  const found = await connection.ask('EXISTS', ...neverSet);
  connection.destroy();
  if (found !== 0) throw new Violation('what a client queued or sent in part was executed');
  return server;
}

async function load({ writers, visitors, port }) {
  await Promise.all(writers.map((writer) => writer.start(port)));
  visitors.start(port);
}

/** The server is dead: what it has sent is looked at. */
async function unload({ writers, visitors }) {
  visitors.stop();
  await Promise.all(writers.map((writer) => writer.ended()));
  throwViolations(writers);
}

function throwViolations(writers) {
  for (const { violation } of writers) if (violation !== null) throw violation;
}

/** One server for the rest of the time; tells what grew. */
async function liveOn(soak, endMs) {
  const { writers, visitors, port } = soak;
  const server = await start(soak);
  await sleep(restMs);
  const handlesBefore = handlesOf(server.pid);
  await load(soak);
  const samples = [];
  const beganMs = performance.now();
  while (performance.now() < endMs) {
    await sleep(sampleEveryMs);
    throwViolations(writers);
    samples.push({ minutes: (performance.now() - beganMs) / 60_000, bytes: rssBytesOf(server.pid) });
    lookAtSpace(soak, server.pid);
  }
  await Promise.all(writers.map((writer) => writer.drain()));
  visitors.stop();
  for (const writer of writers) writer.connection.destroy();
  throwViolations(writers);
  await sleep(restMs);
  const handlesAfter = handlesOf(server.pid);
  const connection = await RespConnection.open(port);
  const clients = Number(/connected_clients:(\d+)/.exec(await connection.ask('INFO', 'clients'))[1]);
  connection.destroy();
  for (const writer of writers) await writer.verify(port);
  await server.stop();
  await (await start(soak)).stop();
  soak.steady = { ...trendOf(samples), handlesBefore: sum(handlesBefore), handlesAfter: sum(handlesAfter) };
  const failures = leaksOf(handlesBefore, handlesAfter, soak.settings.folder);
  failures.push(...tooMuchSpace(soak.space));
  if (clients !== 1) failures.push(`${clients} clients are connected, though all but one have left`);
  const { bytesPerMinute, overMinutes } = soak.steady;
  const growthBytes = bytesPerMinute * overMinutes;
  if (growthBytes > growthMaxBytes + growthMaxBytesPerMinute * overMinutes) {
    failures.push(`memory grew by ${megabytes(growthBytes)} MB in ${overMinutes.toFixed(1)} minutes`);
  }
  return failures;
}

/** Data grow and shrink: the bound is that of the most that was live so far. */
function lookAtSpace({ space, writers, settings }, pid) {
  space.bytesMost = Math.max(space.bytesMost, storeBytesOf(settings.folder));
  space.filesMost = Math.max(space.filesMost, storeFilesOf(pid, settings.folder));
  const max = spaceMaxOf(liveBytesOf(writers));
  space.bytesMax = Math.max(space.bytesMax, max.bytes);
  space.filesMax = Math.max(space.filesMax, max.files);
}

function tooMuchSpace({ bytesMost, bytesMax, filesMost, filesMax }) {
  const failures = [];
  if (bytesMost > bytesMax) {
    failures.push(`the store took ${megabytes(bytesMost)} MB under load, more than ${megabytes(bytesMax)} MB`);
  }
  if (filesMost > filesMax) failures.push(`${filesMost} files of the store were open, more than ${filesMax}`);
  return failures;
}

/** The straight line through the samples after the warm-up. */
function trendOf(samples) {
  const last = samples.at(-1).minutes;
  const chosen = samples.filter(({ minutes }) => minutes >= last * warmUpShare);
  const mean = (of) => chosen.reduce((total, sample) => total + of(sample), 0) / chosen.length;
  const atMean = mean(({ minutes }) => minutes);
  const bytesMean = mean(({ bytes }) => bytes);
  const slope =
    mean(({ minutes, bytes }) => (minutes - atMean) * (bytes - bytesMean)) /
    mean(({ minutes }) => (minutes - atMean) ** 2);
  return {
    bytesPerMinute: slope,
    overMinutes: last - chosen[0].minutes,
    bytesMean,
    bytesMost: Math.max(...samples.map(({ bytes }) => bytes)),
  };
}

/** Files of the store come and go, but each is open once, and none that was deleted stays open. */
function leaksOf(before, after, folder) {
  const leaks = [];
  for (const [kind, count] of after) {
    const isOfStore = kind.startsWith(folder);
    const most = isOfStore ? Math.max(before.get(kind) ?? 0, 1) : (before.get(kind) ?? 0);
    if (count > most) leaks.push(`${count} handles of ${kind} at rest, ${before.get(kind) ?? 0} before the load`);
    else if (kind.endsWith(' (deleted)')) leaks.push(`a deleted file is still open: ${kind}`);
  }
  return leaks;
}

function tell({ writers, visitors, counts, steady, space }) {
  const total = (of) => writers.reduce((sumSoFar, writer) => sumSoFar + of(writer.acknowledged), 0);
  say(
    `acknowledged        ${total((each) => each.operations)} operations, ${total((each) => each.multi)} of them MULTI`,
  );
  say(`killed              ${counts.kills} times under load, ${counts.recoveryKills} times while it started`);
  say(`looked at           ${counts.keys} keys after starts; the slowest took ${counts.startMs.toFixed(0)} ms`);
  say(
    `not acknowledged    ${counts.kept} kept whole, ${counts.lost} not; MULTI ${counts.multiKept} and ${counts.multiLost}`,
  );
  say(`visitors            ${visitors.count}`);
  if (steady === null) return;
  const { bytesPerMinute, overMinutes, bytesMean, bytesMost, handlesBefore, handlesAfter } = steady;
  say(
    `memory              ${megabytes(bytesMean)} MB, at most ${megabytes(bytesMost)} MB; ` +
      `${megabytes(bytesPerMinute)} MB a minute over ${overMinutes.toFixed(1)} minutes`,
  );
  say(
    `space under load    at most ${megabytes(space.bytesMost)} MB of ${megabytes(space.bytesMax)} MB, ` +
      `${space.filesMost} open files of ${space.filesMax}`,
  );
  say(`handles at rest     ${handlesBefore} before, ${handlesAfter} after`);
}

function sum(counts) {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
