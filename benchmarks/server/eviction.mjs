/**
 * What is left when not everything fits: `node benchmarks/server/eviction.mjs [options]`.
 *
 * Redis and Ferrite are caches with the same `maxmemory` and policy, and get the same requests at the same time: a GET, and
 * a SET where it found nothing. Ends with 1 when Ferrite's share of hits is more than two points below redis's.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { zipfIds } from '@ferrite/bench-embedded/samplers';
import { RespConnection } from './lib/resp-connection.mjs';
import { redisVersion, startServer, stopAll } from './lib/servers.mjs';

const policies = ['allkeys-lru', 'allkeys-lfu'];
const usage = `Usage: node benchmarks/server/eviction.mjs [options]
  --seconds n        how long each policy is measured (default 40; redis's clock of uses has steps of a second)
  --policies a,b     only these (default ${policies.join(',')}; any of redis's)
  --seed n           of the keys that are drawn (default 1)
  --port n           first of the two ports (default 7316)`;

const here = fileURLToPath(new URL('.', import.meta.url));
const maxMemory = '16mb';
const keys = 200_000;
/** Drawn once; a run that needs more begins anew. */
const drawnCount = 2_000_000;
const valueLengths = [100, 400];
const batch = 50;
const fillBatch = 1000;
/** Of the time, until the caches have settled. */
const warmUpShare = 0.4;
const pointsMax = 2;
const say = (line) => process.stdout.write(`${line}\n`);

process.once('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
await main(readOptions());

function readOptions() {
  const text = { type: 'string' };
  try {
    const options = { seconds: text, policies: text, seed: text, port: text, help: { type: 'boolean' } };
    const { values } = parseArgs({ options });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    return {
      seconds: Number(values.seconds ?? 40),
      policies: values.policies?.split(',') ?? policies,
      seed: Number(values.seed ?? 1),
      port: Number(values.port ?? 7316),
    };
  } catch (error) {
    say(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}

async function main(options) {
  const version = redisVersion();
  if (version === null) {
    say('This needs redis-server on the path.');
    process.exit(2);
  }
  say(`redis ${version}; maxmemory ${maxMemory}, ${keys} keys by zipf, values of ${valueLengths.join(' to ')} bytes`);
  let isWithin = true;
  for (const policy of options.policies) {
    const [redis, ferrite] = await measure(policy, options);
    const points = ferrite.share - redis.share;
    if (points < -pointsMax) isWithin = false;
    say(
      `${policy}: hits redis ${redis.share.toFixed(2)} %, Ferrite ${ferrite.share.toFixed(2)} % ` +
        `(${points >= 0 ? '+' : ''}${points.toFixed(2)} points) of ${redis.count}; ` +
        `keys held ${redis.keys} and ${ferrite.keys}`,
    );
  }
  if (!isWithin) say(`FAILED: more than ${pointsMax} points below redis`);
  process.exit(isWithin ? 0 : 1);
}

async function measure(policy, { seconds, seed, port }) {
  const folder = join(here, '.scratch', `eviction-${process.pid}`);
  const options = ['--maxmemory', maxMemory, '--maxmemory-policy', policy];
  const caches = [];
  const servers = [];
  for (const [at, name] of ['redis', 'ferrite'].entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    servers.push(await startServer(name, { port: port + at, folder: join(folder, name), profile: 'memory', options }));
    caches.push({ connection: await RespConnection.open(port + at), hits: 0, count: 0 });
  }
  await Promise.all(caches.map(fill));
  const ids = zipfIds(keys, drawnCount, seed);
  const beganMs = performance.now();
  let isWarm = false;
  for (let at = 0; ; at = (at + batch) % drawnCount) {
    const share = (performance.now() - beganMs) / (seconds * 1000);
    if (share >= 1) break;
    if (!isWarm && share >= warmUpShare) {
      isWarm = true;
      for (const cache of caches) Object.assign(cache, { hits: 0, count: 0 });
    }
    const drawn = Array.from(ids.subarray(at, at + batch));
    await Promise.all(caches.map((cache) => ask(cache, drawn)));
  }
  const results = [];
  for (const { connection, hits, count } of caches) {
    results.push({ share: (hits / count) * 100, count, keys: await connection.ask('DBSIZE') });
    connection.destroy();
  }
  for (const server of servers) await server.kill();
  rmSync(folder, { recursive: true, force: true });
  return results;
}

/** Every key once: what is kept of them later is not what happened to fit. */
async function fill({ connection }) {
  for (let id = 0; id < keys; id += fillBatch) {
    const batchOfIds = Array.from({ length: fillBatch }, (_, i) => id + i);
    await Promise.all(batchOfIds.map((each) => connection.ask('SET', `key:${each}`, valueOf(each))));
  }
  if ((await connection.ask('DBSIZE')) === keys) throw new Error('everything fits: nothing would be evicted');
}

async function ask(cache, drawn) {
  const { connection } = cache;
  const found = await Promise.all(drawn.map((id) => connection.ask('GET', `key:${id}`)));
  cache.count += drawn.length;
  const missed = new Set(drawn.filter((_, i) => found[i] === null));
  cache.hits += found.filter((value) => value !== null).length;
  await Promise.all([...missed].map((id) => connection.ask('SET', `key:${id}`, valueOf(id))));
}

/** A key has the same value each time, of a length that only it decides. */
function valueOf(id) {
  const [min, max] = valueLengths;
  return 'v'.repeat(min + ((id * 7919) % (max - min + 1)));
}
