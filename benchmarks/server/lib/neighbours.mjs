/**
 * Neighbours that a client may have, each in a process of its own, so that only the server is shared: `fork` this file
 * with a neighbour's name, the port and the folder of the server's store. It says `ready` when what it does goes on.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { probedKeys } from './probe.mjs';
import { encode } from './resp-connection.mjs';

export const neighboursPath = fileURLToPath(import.meta.url);

export const largeKey = 'large';
export const largeBytes = 1024 * 1024;
const unreadBytes = 500 * largeBytes;
const idleCount = 1000;
const bulkBytes = 512 * 1024 * 1024;
const bulkEveryMs = 20;
const crowdCount = 8;
const evictEveryMs = 500;
/** A dataset ten times the memory of a server that has `coldMemory`. */
export const coldKeys = 400_000;
export const coldValueBytes = 400;
export const coldMemory = [
  '--mutable-region-size',
  '4mb',
  '--read-only-region-size',
  '8mb',
  '--read-cache-size',
  '4mb',
];

const neighbours = {
  /** Asks for 500 MB, and reads nothing. */
  async slowReader(port) {
    const socket = await open(port);
    socket.pause();
    const command = encode(['GET', largeKey]);
    for (let asked = 0; asked < unreadBytes; asked += largeBytes) socket.write(command);
  },

  async idle(port) {
    for (let i = 0; i < idleCount; i++) {
      const socket = await open(port);
      socket.write('PING\r\n');
      await new Promise((resolve) => socket.once('data', resolve));
    }
  },

  /** Clients that ask for hot keys all the time: what others cost that do nothing unusual. */
  async crowd(port) {
    await crowd(port, () => probedKeys[Math.floor(Math.random() * probedKeys.length)]);
  },

  /** The same for keys all over the dataset, with a system that has none of the files in memory. */
  async cold(port, folder) {
    evict(folder);
    setInterval(() => evict(folder), evictEveryMs);
    await crowd(port, () => coldKey(Math.floor(Math.random() * coldKeys)));
  },

  /** Sends a value of 512 MB in small parts, 50 MB a second at most. */
  async slowBulk(port) {
    const socket = await open(port);
    socket.write(`*3\r\n$3\r\nSET\r\n$4\r\nbulk\r\n$${bulkBytes}\r\n`);
    const part = Buffer.alloc(largeBytes, 'b');
    let left = bulkBytes;
    const timer = setInterval(() => {
      if (socket.writableLength > largeBytes) return;
      socket.write(part);
      left -= part.length;
      if (left > 0) return;
      clearInterval(timer);
      process.send('sent');
      // The last bytes, which let the command run, come when the parent says so.
      process.once('message', () => {
        socket.once('data', (reply) => process.send(`answered ${reply.toString('latin1').trim()}`));
        socket.write('\r\n');
      });
    }, bulkEveryMs);
  },
};

export function coldKey(id) {
  return `cold:${String(id).padStart(8, '0')}`;
}

function open(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function crowd(port, draw) {
  for (let i = 0; i < crowdCount; i++) {
    const socket = await open(port);
    const ask = () => socket.write(encode(['GET', draw()]), 'latin1');
    socket.on('data', (chunk) => {
      // Each value is short enough to come in one piece, all but never in two.
      if (chunk[chunk.length - 1] === 10) ask();
    });
    ask();
  }
}

/** Lets the system forget what it holds of the files. */
function evict(folder) {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.seg')) spawnSync('dd', [`if=${folder}/${name}`, 'iflag=nocache', 'count=0', 'status=none']);
  }
}

if (process.argv[1] === neighboursPath) {
  const [, , name, port, folder] = process.argv;
  // A socket that nobody reads from keeps no process alive.
  setInterval(() => {}, evictEveryMs);
  await neighbours[name](Number(port), folder);
  process.send('ready');
}
