/** A server whose holds are measured, its client and those that look at it: for `bounds.mjs`. */
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { PingProbe } from './ping-probe.mjs';
import { encode, ReplyError, RespConnection } from './resp-connection.mjs';
import { startServer } from './servers.mjs';

const hookPath = fileURLToPath(new URL('turn-hook.mjs', import.meta.url));
const batchBytes = 16_384;
const aheadMax = 4;
const settleMs = 2500;
const afterStepMs = 150;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class BoundsPlace {
  constructor(name, settings, members) {
    this.name = name;
    this.settings = settings;
    this.n = members;
    this.pump = (count, commandOf) => pump(this.connection, count, commandOf);
  }

  async start(isWarmed = true) {
    const { port } = this.settings;
    process.env.BOUNDS_HOOK_PORT = String(port + 1);
    if (this.name === 'ferrite') process.env.NODE_OPTIONS = `--import=${hookPath}`;
    this.server = await startServer(this.name, this.settings);
    delete process.env.NODE_OPTIONS;
    this.connection = await RespConnection.open(port);
    this.probe = await PingProbe.start(port);
    // What runs for the first time is slow once.
    if (!isWarmed) return;
    await this.pump(3000, (i) => ['PING', String(i)]);
    await this.pump(3000, (i) => ['SET', `warm:${i % 10}`, String(i)]);
  }

  async measure(run, what) {
    if (what === 'kill') {
      await this.stop();
      await this.start(false);
    }
    await this.probe.take();
    await this.longestHold();
    const beganMs = performance.now();
    const reply = await run(this);
    const tookMs = performance.now() - beganMs;
    if (reply instanceof ReplyError) throw reply;
    await wait(what === 'settle' ? settleMs : afterStepMs);
    const { p99Ms, maxMs } = await this.probe.take();
    const { longestMs, longestGcMs } = await this.longestHold();
    return { tookMs, p99Ms, maxMs, heldMs: longestMs, gcMs: longestGcMs };
  }

  async longestHold() {
    if (this.name !== 'ferrite') return { longestMs: 0, longestGcMs: 0 };
    const text = await new Promise((resolve, reject) => {
      let received = '';
      const socket = connect(this.settings.port + 1, '127.0.0.1');
      socket.on('error', reject);
      socket.on('data', (chunk) => (received += chunk));
      socket.on('end', () => resolve(received));
    });
    return JSON.parse(text);
  }

  async stop() {
    this.probe.stop();
    this.connection.destroy();
    await this.server.kill();
  }
}

/** Sends commands in pieces that a server reads at once, a few pieces ahead of the replies. */
function pump(connection, count, commandOf) {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const ends = [];
    const send = () => {
      let text = '';
      while (sent < count && text.length < batchBytes) text += encode(commandOf(sent++).map(String));
      ends.push(sent);
      connection.write(text);
    };
    connection.onReply = (reply) => {
      if (reply instanceof ReplyError) reject(reply);
      answered++;
      while (ends.length > 0 && answered >= ends[0]) ends.shift();
      while (sent < count && ends.length < aheadMax) send();
      if (answered >= count) resolve(null);
    };
    while (sent < count && ends.length < aheadMax) send();
  });
}
