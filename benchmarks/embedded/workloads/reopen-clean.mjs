/** Question: how long from a fresh process to the first get from a million keys, after a clean close? */
import { fill, firstGet } from './reopen.mjs';

export const question = '1 M keys to the first get, after a clean close';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'rocksdb'];
export const quickEngineNames = ['ferrite', 'lmdb'];
export const phases = [(session) => fill(session, 'close'), firstGet];
