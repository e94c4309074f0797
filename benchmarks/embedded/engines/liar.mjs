/**
 * A broken engine, so that the workloads' own checks can be tested: it answers every read at once with a value that
 * looks right. With `forgets` it is a real store until it is closed, and empty when it is opened again.
 */
import { valueOf } from '../lib/dataset.mjs';

export const packageName = null;

export async function connect({ forgets }) {
  return () => {
    const map = new Map();
    const find = (key) => (forgets ? map.get(key) : valueOf(0));
    const keep = (key, value) => {
      if (forgets) map.set(key, value);
    };
    return {
      putWaits: false,
      get: find,
      getMany: (keys) => keys.map(find),
      put: keep,
      batch: (keys, values, count) => {
        for (let at = 0; at < count; at += 1) keep(keys[at], values[at]);
      },
      putDurable: async (key, value) => keep(key, value),
      scan: (prefix, limit, keys, values) => {
        const found = forgets ? [...map.keys()].filter((key) => key.startsWith(prefix)).sort() : [prefix];
        for (const key of found.slice(0, limit)) {
          keys.push(key);
          values.push(find(key));
        }
      },
      close: () => map.clear(),
    };
  };
}
