/** Starts the servers to compare, each on a port and in a directory of its own, and stops them. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ferriteProgram = join(
  dirname(fileURLToPath(import.meta.resolve('@ferrite/server/package.json'))),
  'dist/ferrite-server.js',
);
const startMaxMs = 10_000;
const started = new Set();

/** What runs: `{ name, pid, port, startMs, stop }`. `startMs` is from the start of the process to its first reply. */
export async function startServer(name, { port, folder, profile }) {
  mkdirSync(folder, { recursive: true });
  const { file, args } = name === 'redis' ? redis(port, folder, profile) : ferrite(port, folder, profile);
  const beganMs = performance.now();
  const child = spawn(file, args, { cwd: folder, stdio: 'ignore' });
  started.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${file} ${args.join(' ')}`);
    if (performance.now() - beganMs > startMaxMs) throw new Error(`${name} does not answer on port ${port}`);
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    started.delete(child);
  };
  return { name, pid: child.pid, port, startMs: performance.now() - beganMs, stop };
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
  const persistence = profile === 'everysec' ? ['yes', '--appendfsync', 'everysec'] : ['no'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly'];
  return { file: 'redis-server', args: [...args, ...persistence] };
}

function ferrite(port, folder, profile) {
  const persistence = profile === 'everysec' ? [folder, '--durability', 'everysec'] : [''];
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
