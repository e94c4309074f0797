/**
 * A server's life: `node server-check.js COMMAND...` starts `ferrite-server` with the runtime that the command starts, and is its
 * clients. It tells what was lost, cut or mixed up: long pipelines, values larger than any buffer, clients that do not read for a
 * while, a kill and what the next server finds, a second process at the same store.
 */
import { spawn, spawnSync } from 'node:child_process';
import { connect } from 'node:net';

const command = process.argv.slice(2);
const program = 'node_modules/@ferrite/server/dist/ferrite-server.js';
const timeoutMs = Number(process.env.FERRITE_CHECK_TIMEOUT_MS ?? 30_000);
const scale = Number(process.env.FERRITE_CHECK_SCALE ?? 1);
const keyCount = Math.ceil(10_000 * scale);
const largeCount = Math.ceil(8 * scale);

await withServer('SIGKILL', async () => {
  await exchange([request('SET', 'city', 'Seattle'), '+OK\r\n']);
  await exchange(manyWrites());
  await exchange(largeValues());
  await exchange(largeReads(), 1000);
  await Promise.all([exchange(manyReads(), 1000), exchange(manyReads()), exchange([request('PING'), '+PONG\r\n'])]);
  checkLocked();
});
await withServer('SIGTERM', async () => {
  await exchange([request('GET', 'city'), '$7\r\nSeattle\r\n']);
  await exchange(manyReads());
});
console.log('ok');
process.exit(0);

async function withServer(signal, use) {
  const [file, ...args] = [...command, program, '--port', '0', '--unixsocket', 'socket', '--dir', 'served'];
  const server = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => server.once('exit', (code, killed) => resolve(code ?? killed)));
  try {
    await isReady(server, exited);
    await use();
  } finally {
    server.kill(signal);
  }
  const wanted = signal === 'SIGTERM' ? 0 : signal;
  const code = await exited;
  if (code !== wanted) throw new Error(`server-check: after ${signal} the server ended with ${code}`);
}

async function isReady(server, exited) {
  const ready = new Promise((resolve) => {
    server.stdout.on('data', (chunk) => {
      if (String(chunk).includes('Ready to accept')) resolve('ready');
    });
  });
  const what = await Promise.race([ready, exited]);
  if (what !== 'ready') throw new Error(`server-check: the server ended with ${what} before it was ready`);
}

/** Sends the request; what comes back must be the reply, to the byte. Nothing is read for the first `restMs`. */
function exchange([text, wanted], restMs = 0) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let received = 0;
    const socket = connect('socket', () => socket.write(text, 'latin1'));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`server-check: ${received} of ${wanted.length} bytes came within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.on('error', reject).on('data', (chunk) => {
      chunks.push(chunk);
      received += chunk.length;
      if (received < wanted.length) return;
      clearTimeout(timer);
      socket.end();
      const reply = Buffer.concat(chunks).toString('latin1');
      if (reply === wanted) resolve();
      else reject(new Error(differenceOf(reply, wanted)));
    });
    if (restMs > 0) {
      socket.pause();
      setTimeout(() => socket.resume(), restMs);
    }
  });
}

function differenceOf(reply, wanted) {
  let at = 0;
  while (reply[at] === wanted[at]) at += 1;
  const excerpt = (text) => JSON.stringify(text.slice(at, at + 40));
  return `server-check: at byte ${at} came ${excerpt(reply)} instead of ${excerpt(wanted)}`;
}

function request(...args) {
  return `*${args.length}\r\n${args.map(bulk).join('')}`;
}

function bulk(text) {
  return `$${text.length}\r\n${text}\r\n`;
}

function smallValue(at) {
  return 'v'.repeat(at % 200) + at;
}

function largeValue(at) {
  return String.fromCharCode(97 + at).repeat(1 << 20);
}

/** Each of these gives what is sent and what must come back. */
function manyWrites() {
  return fromEach(keyCount, (at) => [
    request('SET', `key${at}`, smallValue(at)) + request('GET', `key${at}`),
    `+OK\r\n${bulk(smallValue(at))}`,
  ]);
}

function manyReads() {
  return fromEach(keyCount, (at) => [request('GET', `key${at}`), bulk(smallValue(at))]);
}

function largeValues() {
  return fromEach(largeCount, (at) => [request('SET', `large${at}`, largeValue(at)), '+OK\r\n']);
}

function largeReads() {
  return fromEach(largeCount * 4, (at) => [
    request('GET', `large${at % largeCount}`),
    bulk(largeValue(at % largeCount)),
  ]);
}

function fromEach(count, make) {
  const pairs = Array.from({ length: count }, (_, at) => make(at));
  return [pairs.map(([text]) => text).join(''), pairs.map(([, reply]) => reply).join('')];
}

function checkLocked() {
  const [file, ...args] = command;
  const { stdout, stderr } = spawnSync(file, [...args, 'locked.js'], { encoding: 'utf8' });
  if (stdout.trim() !== 'ok') throw new Error(`server-check: a second process at the store: ${stdout}${stderr}`);
}
