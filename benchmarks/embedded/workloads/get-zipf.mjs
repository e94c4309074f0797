/** Question: how fast is one get when some keys are popular (zipf, theta 0.99)? */
import { zipfIds } from '../lib/samplers.mjs';
import { hotGets } from './hot-gets.mjs';

export const question = 'Hot get: 1 M keys, zipf 0.99, single synchronous calls';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'map'];
export const quickEngineNames = ['ferrite', 'lmdb'];
export const phases = [(session) => hotGets(session, zipfIds)];
