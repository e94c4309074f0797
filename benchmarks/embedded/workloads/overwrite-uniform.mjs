/** Question: how many bytes does a store write per byte of payload while all keys are overwritten again and again? */
import { uniformIds } from '../lib/samplers.mjs';
import { overwrite } from './overwrite.mjs';

export const question =
  'Steady overwrite, uniform: bytes written per byte of payload, once the store has found its size';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'rocksdb'];
export const quickEngineNames = ['ferrite', 'lmdb'];
export const phases = [(session) => overwrite(session, uniformIds)];
export const isSynced = true;
