/** A JS Map: nothing is stored, nothing is ordered. It shows what a key-value store in JavaScript could reach at most. */
export const packageName = null;

export async function connect() {
  return () => {
    const map = new Map();
    return {
      putWaits: false,
      get: (key) => map.get(key),
      getMany: (keys) => keys.map((key) => map.get(key)),
      put: (key, value) => {
        map.set(key, value);
      },
      batch: (keys, values, count) => {
        for (let at = 0; at < count; at += 1) map.set(keys[at], values[at]);
      },
      close: () => map.clear(),
    };
  };
}
