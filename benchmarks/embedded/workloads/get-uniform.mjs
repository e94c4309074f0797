/** Question: how fast is one get of a random key, when everything is in memory? */
import { uniformIds } from '../lib/samplers.mjs';
import { hotGets } from './hot-gets.mjs';

export const question = 'Hot get: 1 M keys, uniform, single synchronous calls';
export const engineNames = ['ferrite', 'lmdb', 'sqlite', 'level', 'map'];
export const quickEngineNames = ['ferrite', 'lmdb', 'sqlite', 'map'];
export const phases = [(session) => hotGets(session, uniformIds)];
