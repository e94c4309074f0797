/** Question: the same after SIGKILL, with nothing lost; for Ferrite with its replay debt and its checkpoint's size. */
import { fill, firstGet } from './reopen.mjs';

export const question = '1 M keys to the first get, after SIGKILL';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'rocksdb'];
export const quickEngineNames = ['ferrite', 'lmdb'];
export const phases = [(session) => fill(session, 'kill'), firstGet];
