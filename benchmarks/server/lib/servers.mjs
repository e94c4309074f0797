/** Starts the servers to compare, each on a port and in a directory of its own, and stops them. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ferriteProgram = join(
  dirname(fileURLToPath(import.meta.resolve('@ferrite/server/package.json'))),
  'dist/ferrite-server.js',
);
const startMaxMs = 10_000;
const started = new Set();

/**
 * What runs: `{ name, pid, port, startMs, stop, kill }`. `startMs` is from the start of the process to its first reply.
 * `options` are further ones of the server; what it prints is added to the file `logPath`, if there is one.
 */
export async function startServer(name, settings) {
  const { port } = settings;
  const beganMs = performance.now();
  const { child, end } = launch(name, settings);
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${child.spawnargs.join(' ')}`);
    if (performance.now() - beganMs > startMaxMs) throw new Error(`${name} does not answer on port ${port}`);
  }
  const startMs = performance.now() - beganMs;
  return { name, pid: child.pid, port, startMs, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** Starts a server, and kills it before it is likely to have started. */
export async function startAndKill(name, settings, afterMs) {
  const { end } = launch(name, settings);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await end('SIGKILL');
}

function launch(name, { port, folder, profile, options = [], logPath }) {
  mkdirSync(folder, { recursive: true });
  const { file, args } = name === 'redis' ? redis(port, folder, profile) : ferrite(port, folder, profile);
  const output = logPath === undefined ? 'ignore' : openSync(logPath, 'a');
  const child = spawn(file, [...args, ...options.map(String)], { cwd: folder, stdio: ['ignore', output, output] });
  if (logPath !== undefined) closeSync(output);
  started.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const end = async (signal) => {
    child.kill(signal);
    await ended;
    started.delete(child);
  };
  return { child, end };
}

export function stopAll() {
  for (const child of started) child.kill('SIGKILL');
}

/** The version of redis-server, or null where there is none. */
export function redisVersion() {
  const run = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return run.status === 0 ? (/\bv=([\d.]+)/.exec(run.stdout)?.[1] ?? null) : null;
}

function redis(port, folder, profile) {
  const persistence = profile === 'memory' ? ['no'] : ['yes', '--appendfsync', profile];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly'];
  return { file: 'redis-server', args: [...args, ...persistence] };
}

function ferrite(port, folder, profile) {
  const persistence = profile === 'memory' ? [''] : [folder, '--durability', profile];
  const args = [ferriteProgram, '--port', String(port), '--bind', '127.0.0.1', '--dir', ...persistence];
  return { file: process.execPath, args };
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const end = (isAnswer) => {
      socket.destroy();
      resolve(isAnswer);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => setTimeout(() => end(false), 2));
  });
}
