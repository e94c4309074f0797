/** One client that asks for small values, one after the other, and how long each answer takes. */
import { connect } from 'node:net';
import { encode } from './resp-connection.mjs';

/** Keys it asks for; `fillProbed` sets them. */
export const probedKeys = Array.from({ length: 100 }, (_, i) => `probed:${i}`);
const value = 'v'.repeat(100);

/** Latencies over some time: `{ count, p50Us, p99Us, maxUs }`. */
export function probe(port, durationMs) {
  const commands = probedKeys.map((key) => Buffer.from(encode(['GET', key]), 'latin1'));
  const replyBytes = `$${value.length}\r\n${value}\r\n`.length;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const latencies = [];
    const beganMs = performance.now();
    let sentMs = 0;
    let leftBytes = 0;
    const send = () => {
      leftBytes = replyBytes;
      sentMs = performance.now();
      socket.write(commands[latencies.length % commands.length]);
    };
    socket.once('connect', send);
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      leftBytes -= chunk.length;
      if (leftBytes < 0) reject(new Error(`not the value: ${chunk.toString('latin1', 0, 100)}`));
      if (leftBytes > 0) return;
      const nowMs = performance.now();
      latencies.push(nowMs - sentMs);
      if (nowMs - beganMs < durationMs) send();
      else {
        socket.destroy();
        resolve(summaryOf(latencies));
      }
    });
  });
}

export async function fillProbed(connection) {
  await connection.ask('MSET', ...probedKeys.flatMap((key) => [key, value]));
}

function summaryOf(latencies) {
  const sorted = Float64Array.from(latencies).sort();
  const us = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 1000;
  return { count: sorted.length, p50Us: us(0.5), p99Us: us(0.99), maxUs: us(1) };
}
