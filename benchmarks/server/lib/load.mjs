/** Fills a server with keys, and puts load on it by redis-benchmark, which measures latencies and costs little itself. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { encode } from './resp-connection.mjs';

export const valueSizeBytes = 100;
const fillBatch = 1000;
const pieceBytes = 64 * 1024;

/** Sets all the keys that redis-benchmark draws from, in order, so that every GET finds one. */
export async function fill(port, keys) {
  const socket = connect(port, '127.0.0.1');
  const value = 'x'.repeat(valueSizeBytes);
  for (let first = 0; first < keys; first += fillBatch) {
    let text = '';
    const count = Math.min(fillBatch, keys - first);
    for (let id = first; id < first + count; id++) {
      text += `*3\r\n$3\r\nSET\r\n$16\r\nkey:${String(id).padStart(12, '0')}\r\n$${valueSizeBytes}\r\n${value}\r\n`;
    }
    socket.write(text);
    await received(socket, count * '+OK\r\n'.length);
  }
  socket.destroy();
}

function received(socket, bytes) {
  return new Promise((resolve, reject) => {
    let left = bytes;
    const onData = (chunk) => {
      left -= chunk.length;
      if (left > 0) return;
      socket.removeListener('data', onData);
      socket.removeListener('error', reject);
      resolve();
    };
    socket.on('data', onData);
    socket.once('error', reject);
  });
}

/**
 * Runs requests of one kind; throughput in operations per second, latencies in microseconds. `command` is the name of one of
 * redis-benchmark's tests, or the parts of a command with `__rand_int__` in them; `more` are further arguments.
 */
export async function load(port, { command, depth, requests, keys, clients, more = [] }) {
  const args = ['-h', '127.0.0.1', '-p', port, '-c', clients, '-n', requests, '-P', depth, '-d', valueSizeBytes];
  const what = typeof command === 'string' ? ['-t', command] : command;
  const output = await run('redis-benchmark', [...args, '-r', keys, '--csv', ...more, ...what].map(String));
  const rows = output
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
  const heads = rows[0];
  const row = rows.at(-1);
  const figure = (name) => Number(row[heads.indexOf(name)]);
  if (!(figure('rps') > 0)) throw new Error(`redis-benchmark said: ${output}`);
  return {
    opsPerSecond: figure('rps'),
    p50Us: figure('p50_latency_ms') * 1000,
    p99Us: figure('p99_latency_ms') * 1000,
  };
}

/** Sends commands, each an array of texts, by redis-cli; all of them have to succeed. */
export async function pipe(port, commands) {
  const output = await run('redis-cli', ['-p', String(port), '--pipe'], commands);
  if (!/errors: 0\b/.test(output)) throw new Error(`redis-cli said: ${output}`);
}

function run(file, args, commands = []) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    Readable.from(encoded(commands)).pipe(child.stdin);
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${file} failed: ${errors}`))));
  });
}

/** Commands in the protocol, in pieces that are worth a write each. */
function* encoded(commands) {
  let text = '';
  for (const command of commands) {
    text += encode(command);
    if (text.length < pieceBytes) continue;
    yield text;
    text = '';
  }
  yield text;
}
