/**
 * How long anything done to large collections holds the loop: `node benchmarks/server/bounds.mjs [options]`.
 *
 * One client does what `lib/bounds-steps.mjs` says, another sends PING each millisecond, and the server is looked at from within
 * (`lib/turn-hook.mjs`). redis, where it is asked for, does the same but for the kills. Its README says what the columns are.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stepsByType } from './lib/bounds-steps.mjs';
import { BoundsPlace } from './lib/bounds-place.mjs';
import { stopProbes } from './lib/ping-probe.mjs';
import { redisVersion, stopAll } from './lib/servers.mjs';

const usage = `Usage: node benchmarks/server/bounds.mjs [options]
  --members n        of each collection (default 1000000)
  --only a,b         only these: ${Object.keys(stepsByType).join(', ')}
  --profile p        everysec (default), always, or memory
  --rounds n         of which the least hold of each step is shown (default 1)
  --redis            redis beside it
  --port n           of the server (default 7450); the next one, too, is used`;

const boundMs = 5;
const here = fileURLToPath(new URL('.', import.meta.url));
const say = (line) => process.stdout.write(`${line}\n`);

process.once('exit', () => {
  stopAll();
  stopProbes();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
await main(readOptions());

function readOptions() {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  try {
    const { values } = parseArgs({
      options: { members: text, only: text, profile: text, rounds: text, redis: flag, port: text, help: flag },
    });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    const only = values.only?.split(',') ?? Object.keys(stepsByType);
    for (const name of only) if (!Object.hasOwn(stepsByType, name)) throw new Error(`unknown: ${name}`);
    const profile = values.profile ?? 'everysec';
    if (!['everysec', 'always', 'memory'].includes(profile)) throw new Error(`unknown profile: ${profile}`);
    const number = (name, fallback) => {
      const value = Number(values[name] ?? fallback);
      if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
      return value;
    };
    const [members, rounds, port] = [number('members', 1e6), number('rounds', 1), number('port', 7450)];
    return { only, profile, members, rounds, port, redis: values.redis === true };
  } catch (error) {
    say(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}

async function main({ only, profile, members, rounds, port, redis }) {
  if (platform() !== 'linux') {
    say('This needs Linux.');
    process.exit(2);
  }
  const servers = redis && redisVersion() !== null ? ['ferrite', 'redis'] : ['ferrite'];
  let late = 0;
  for (const type of only) {
    for (const server of servers) {
      const results = [];
      for (let round = 0; round < rounds; round++) results.push(await runAll(server, type, { profile, members, port }));
      say(`\n${type} of ${members}, ${server}, ${profile}: ms of the step; longest hold; PING p99, longest`);
      for (let i = 0; i < results[0].length; i++) {
        const of = (name) => Math.min(...results.map((steps) => steps[i][name]));
        const { title, what } = results[0][i];
        const isLate = server === 'ferrite' && what !== 'linear' && of('heldMs') > boundMs;
        if (isLate) late++;
        const held = server === 'ferrite' ? of('heldMs').toFixed(1) : '-';
        const mark = isLate ? ' !' : what === 'linear' ? ' (linear)' : '';
        say(
          `${title.padEnd(28)} ${of('tookMs').toFixed(1).padStart(9)} ${held.padStart(7)} ${of('p99Ms').toFixed(1).padStart(7)} ${of('maxMs').toFixed(1).padStart(7)}${mark}`,
        );
      }
    }
  }
  say(`\n${late} steps held the loop for more than ${boundMs} ms`);
  process.exit(late === 0 ? 0 : 1);
}

async function runAll(name, type, { profile, members, port }) {
  const folder = join(here, '.scratch', `bounds-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const place = new BoundsPlace(name, { port, folder, profile }, members);
  await place.start();
  const results = [];
  try {
    for (const [title, run, what] of stepsByType[type]) {
      if (what === 'kill' && (name === 'redis' || profile === 'memory')) continue;
      if (title.startsWith('BG') && (name === 'redis' || profile === 'memory')) continue;
      const figures = await place.measure(run, what);
      process.stderr.write(
        `${name} ${type}: ${title} ${figures.tookMs.toFixed(0)} ms, held ${figures.heldMs.toFixed(1)} gc ${figures.gcMs.toFixed(1)}\n`,
      );
      results.push({ title, what, ...figures });
    }
  } finally {
    await place.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}
