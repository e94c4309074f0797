/**
 * Preloaded into a server's process: how long its loop was held, as a timer of one millisecond sees it.
 *
 * A hold is the time between two looks, or the processor time that the loop's thread took between them where that is less
 * (before Node 23.9 that of all threads): so a machine that runs something else meanwhile is not taken for a server that
 * works. Who connects to `BOUNDS_HOOK_PORT`
 * gets the longest hold since the last one who did, and the longest collection of garbage, as JSON.
 */
import { createServer } from 'node:net';
import { PerformanceObserver } from 'node:perf_hooks';

const lookEveryMs = 1;
const port = Number(process.env.BOUNDS_HOOK_PORT);
let longestMs = 0;
let longestGcMs = 0;
let cpuBefore = cpuMs();
let beforeMs = performance.now();

setInterval(() => {
  const nowMs = performance.now();
  const cpuNow = cpuMs();
  const heldMs = Math.min(nowMs - beforeMs, cpuNow - cpuBefore);
  beforeMs = nowMs;
  cpuBefore = cpuNow;
  longestMs = Math.max(longestMs, heldMs);
}, lookEveryMs).unref();

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longestGcMs = Math.max(longestGcMs, duration);
}).observe({ entryTypes: ['gc'] });

createServer((socket) => {
  socket.on('error', () => {});
  socket.end(JSON.stringify({ longestMs, longestGcMs }));
  longestMs = 0;
  longestGcMs = 0;
})
  .listen(port, '127.0.0.1')
  .unref();

function cpuMs() {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}
