/**
 * The two workloads of reopening. The first process fills the store and closes it, or is killed right
 * after its last write; the second loads the library, opens the store, gets one key, then a thousand, and checks them.
 */
import { keyOf } from '../lib/dataset.mjs';
import { settle } from '../lib/measure.mjs';
import { directorySize } from '../lib/process-figures.mjs';
import { uniformIds } from '../lib/samplers.mjs';
import { checkValue, load, Model, verifySample } from './common.mjs';

const getCount = 1000;

export async function fill(session, end) {
  const db = await session.open(session.path);
  const model = new Model(session.sizes.keys);
  await load(db, model);
  if (end === 'kill') {
    const figures = db.figures?.();
    return { ...(figures === undefined ? {} : { before: debtOf(figures) }), endWith: 'SIGKILL' };
  }
  await settle(session.sizes.idleMs);
  const startMs = performance.now();
  await db.close();
  return { closeMs: performance.now() - startMs };
}

export async function firstGet(session) {
  const { sizes, seed } = session;
  const model = new Model(sizes.keys);
  const ids = uniformIds(sizes.keys, getCount, seed);
  const keys = Array.from(ids, keyOf);
  const startMs = performance.now();
  const open = await session.connect();
  const loadedMs = performance.now();
  const db = await open(session.path);
  const openedMs = performance.now();
  const first = db.get === undefined ? (await db.getMany(keys.slice(0, 1)))[0] : db.get(keys[0]);
  const firstMs = performance.now();
  const others = await db.getMany(keys);
  const othersMs = performance.now();
  checkValue(keys[0], first, model.expected(ids[0]));
  for (let at = 0; at < getCount; at += 1) checkValue(keys[at], others[at], model.expected(ids[at]));
  await verifySample(db, model, seed + 1);
  const figures = db.figures?.();
  await db.close();
  return {
    firstGetMs: firstMs - startMs,
    importMs: loadedMs - startMs,
    openMs: openedMs - loadedMs,
    getMs: firstMs - openedMs,
    nextThousandMs: othersMs - firstMs,
    diskBytes: directorySize(session.path).diskBytes,
    ...(figures === undefined ? {} : { recovery: figures.recovery, figures }),
  };
}

function debtOf(figures) {
  return { replayDebtBytes: figures.replayDebtBytes, checkpointBytes: figures.checkpoint.lastBytes };
}
