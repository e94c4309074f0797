/**
 * The two workloads of steady overwriting: load, overwrite three times the store's size so that space and cleaning find
 * their level, then measure for some seconds. Single puts, each engine in its usual setting. Checkpoints and compaction are counted.
 * The file system is synced each second meanwhile: otherwise an engine without fsync would show next to nothing.
 */
import { rate, settle } from '../lib/measure.mjs';
import { bytesWritten, bytesWrittenSince, directorySize } from '../lib/process-figures.mjs';
import { load, Model, putPass, verifyReopened, verifySample } from './common.mjs';

export async function overwrite(session, sampler) {
  const { sizes, seed } = session;
  const db = await session.open(session.path);
  const model = new Model(sizes.overwriteKeys);
  await load(db, model);
  const liveBytes = model.payloadBytes;
  const pass = (opsMax, number) => {
    const ids = sampler(sizes.overwriteKeys, sizes.overwriteKeys * 4, seed + number);
    return putPass(db, ids, (id) => model.next(id), { opsMax, timeMaxMs: sizes.overwriteMs });
  };
  await pass(sizes.overwriteKeys * 3, 1);
  await settle(sizes.settleMs);
  await db.commit?.();
  const payloadBefore = model.payloadBytes;
  const before = bytesWritten();
  const total = await pass(Number.POSITIVE_INFINITY, 2);
  await settle(sizes.idleMs);
  await db.commit?.();
  const written = bytesWrittenSince(before);
  const payloadBytes = model.payloadBytes - payloadBefore;
  const figures = db.figures?.();
  const { diskBytes } = directorySize(session.path);
  await verifySample(db, model, seed);
  await verifyReopened(session, db, model, seed);
  return {
    ...rate(total),
    askedPerByte: written.askedBytes / payloadBytes,
    dirtiedPerByte: written.dirtiedBytes / payloadBytes,
    spacePerLiveByte: diskBytes / liveBytes,
    overwrittenTimes: total.ops / sizes.overwriteKeys,
    ...(figures === undefined ? {} : { figures }),
  };
}
