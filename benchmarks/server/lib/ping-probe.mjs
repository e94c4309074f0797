/** A client in a process of its own that sends PING each millisecond; a message asks how long the answers took since the last one. */
import { fork } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(import.meta.url);
const everyMs = 1;
const children = new Set();

export class PingProbe {
  static async start(port) {
    const probe = new PingProbe(fork(path, [String(port)]));
    await probe.next();
    return probe;
  }

  constructor(child) {
    this.child = child;
    children.add(child);
  }

  /** Since the last call: `{ count, p99Ms, maxMs }`. */
  take() {
    const taken = this.next();
    this.child.send('take');
    return taken;
  }

  next() {
    return new Promise((resolve) => {
      this.child.once('message', resolve);
    });
  }

  stop() {
    children.delete(this.child);
    this.child.kill('SIGKILL');
  }
}

export function stopProbes() {
  for (const child of children) child.kill('SIGKILL');
}

function run(port) {
  let latencies = [];
  let sentMs = 0;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const send = () => {
    sentMs = performance.now();
    socket.write('PING\r\n');
  };
  socket.once('connect', () => {
    process.send('ready');
    send();
  });
  socket.once('error', () => process.exit(1));
  socket.on('data', () => {
    latencies.push(performance.now() - sentMs);
    setTimeout(send, everyMs);
  });
  process.on('message', () => {
    const sorted = Float64Array.from(latencies).sort();
    latencies = [];
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    process.send({ count: sorted.length, p99Ms: at(0.99), maxMs: at(1) });
  });
}

if (process.argv[1] === path) run(Number(process.argv[2]));
