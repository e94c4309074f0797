/**
 * Question: what does an engine add to a bare Node process: time until an empty store is open and has taken one key,
 * memory when idle, time to close? The library's loading is counted; nothing else is loaded before it.
 */
import { check } from '../lib/measure.mjs';
import { memory } from '../lib/process-figures.mjs';

export const question = 'An empty store: opening it over bare Node, idle memory, closing it';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'rocksdb'];
export const quickEngineNames = ['ferrite', 'lmdb', 'sqlite'];
export const phases = [startUp];

const key = 'reading:1';
const value = 'twenty degrees and a half';

async function startUp(session) {
  const bare = memory();
  const startMs = performance.now();
  const open = await session.connect();
  const loadedMs = performance.now();
  const db = await open(session.path);
  const openedMs = performance.now();
  const pending = db.batch([key], [value], 1);
  if (pending !== undefined) await pending;
  const putMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, session.sizes.idleMs));
  const idle = memory();
  const [found] = await db.getMany([key]);
  check(found === value, `${key}: got ${found}`);
  const closingMs = performance.now();
  await db.close();
  const closedMs = performance.now();
  const again = await open(session.path);
  const [stored] = await again.getMany([key]);
  check(stored === value, `${key}: got ${stored}`);
  await again.close();
  return {
    overBareMs: openedMs - startMs,
    importMs: loadedMs - startMs,
    openMs: openedMs - loadedMs,
    firstPutMs: putMs - openedMs,
    closeMs: closedMs - closingMs,
    idleRssBytes: idle.rssBytes,
    idleOverBareBytes: idle.rssBytes - bare.rssBytes,
    bareRssBytes: bare.rssBytes,
  };
}
