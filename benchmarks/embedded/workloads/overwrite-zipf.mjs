/** Question: the same when some keys are popular; `interval` may let their updates meet in memory. */
import { zipfIds } from '../lib/samplers.mjs';
import { overwrite } from './overwrite.mjs';

export const question =
  'Steady overwrite, zipf 0.99: bytes written per byte of payload, once the store has found its size';
export const engineNames = ['ferrite', 'ferrite-interval', 'lmdb', 'sqlite', 'level', 'rocksdb'];
export const quickEngineNames = ['ferrite', 'ferrite-interval', 'lmdb'];
export const phases = [(session) => overwrite(session, zipfIds)];
export const isSynced = true;
