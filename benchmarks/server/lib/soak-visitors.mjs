/** Clients that come and go while the soak runs, as badly as clients do: what they leave behind is a leak. */
import { connect } from 'node:net';
import { encode } from './resp-connection.mjs';

/** Nobody sets these keys: their transactions are never executed. */
export const neverSet = ['visitor:queued', 'visitor:half'];

const everyMs = 20;
const stayMaxMs = 50;

const manners = [
  (socket) => socket.end(encode(['PING'])),
  (socket) => socket.write(encode(['SUBSCRIBE', 'news']) + encode(['PSUBSCRIBE', 'n*'])),
  (socket) => socket.write(encode(['MULTI']) + encode(['SET', neverSet[0], 'x'])),
  (socket) => socket.write(`*3\r\n$3\r\nSET\r\n$${neverSet[1].length}\r\n${neverSet[1]}\r\n$1000\r\nhalf`),
  (socket) => socket.write(encode(['GET', 'writer-0:blob:0']).repeat(20)),
  (socket) => socket.write('*1\r\n$-5\r\n'),
  (socket) => socket.write(encode(['WATCH', 'writer-0:counter:0']) + encode(['CLIENT', 'TRACKING', 'on'])),
  // Both modes answer after the write: what is promised where a process is killed stays the same.
  (socket) => socket.write(encode(['CONFIG', 'SET', 'durability', 'always'])),
  (socket) => socket.write(encode(['CONFIG', 'SET', 'durability', 'everysec'])),
  (socket) => socket.write(encode(['SCAN', '0', 'COUNT', '200']).repeat(5)),
];

export class Visitors {
  constructor(random) {
    this.random = random;
    this.count = 0;
    this.sockets = new Set();
    this.timer = null;
  }

  start(port) {
    this.timer = setInterval(() => this.visit(port), everyMs);
  }

  stop() {
    clearInterval(this.timer);
    for (const socket of this.sockets) socket.destroy();
  }

  visit(port) {
    const { sockets, random } = this;
    const socket = connect(port, '127.0.0.1');
    sockets.add(socket);
    const manner = manners[random.below(manners.length)];
    const stayMs = random.below(stayMaxMs);
    const isRude = random.below(2) === 0;
    socket.once('connect', () => {
      this.count++;
      manner(socket);
      setTimeout(() => (isRude ? socket.resetAndDestroy() : socket.destroy()), stayMs);
    });
    // Half of them read what they are answered.
    if (random.below(2) === 0) socket.resume();
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  }
}
