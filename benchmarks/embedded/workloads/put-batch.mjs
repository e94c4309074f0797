/** Question: how fast does a store take a million keys in atomic batches of 1000, and how many bytes does it write? */
import { join } from 'node:path';
import { rate } from '../lib/measure.mjs';
import { bytesWritten, bytesWrittenSince, directorySize } from '../lib/process-figures.mjs';
import { load, Model, verifySample, verifyStored } from './common.mjs';

export const question = 'Batches of 1000 puts, atomic: loading 1 M new keys';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'rocksdb', 'map'];
export const quickEngineNames = ['ferrite', 'lmdb', 'sqlite', 'rocksdb'];
export const phases = [putBatch];

async function putBatch(session) {
  const { sizes, seed } = session;
  const warm = await session.open(join(session.path, 'warm'));
  await load(warm, new Model(sizes.warmOps));
  await warm.close();

  const path = join(session.path, 'measured');
  const before = bytesWritten();
  const db = await session.open(path);
  const model = new Model(sizes.keys);
  const total = await load(db, model);
  await verifySample(db, model, seed);
  const figures = db.figures?.().flash;
  await db.close();
  const written = bytesWrittenSince(before);
  const { diskBytes } = directorySize(path);
  await verifyStored({ ...session, path }, model, seed);
  return {
    ...rate(total),
    turnMaxMs: total.turnMaxMs,
    askedPerByte: written.askedBytes / model.payloadBytes,
    dirtiedPerByte: written.dirtiedBytes / model.payloadBytes,
    diskPerByte: diskBytes / model.payloadBytes,
    ...(figures === undefined ? {} : { flash: figures }),
  };
}
