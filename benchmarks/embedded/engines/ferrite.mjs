/** Ferrite itself, through the package that its users install. */
export const packageName = '@ferrite/lite';

export async function connect(options) {
  const { open } = await import('@ferrite/lite');
  return (path) => handle(open({ path, ...options }), options);
}

function handle(db, options) {
  return {
    putWaits: false,
    get: (key) => db.get(key),
    getMany: (keys) => db.getMany(keys),
    put: (key, value) => {
      db.set(key, value);
    },
    batch: (keys, values, count) => {
      const batch = db.batch();
      for (let at = 0; at < count; at += 1) batch.set(keys[at], values[at]);
      batch.commit();
    },
    putDurable: options.durability === 'always' ? (key, value) => db.setAsync(key, value) : undefined,
    scan:
      options.ordered === false ? undefined : (prefix, limit, keys, values) => scan(db, prefix, limit, keys, values),
    commit: () => db.commit(),
    figures: () => db.stats(),
    close: () => db.close(),
  };
}

function scan(db, prefix, limit, keys, values) {
  for (const found of db.scanPrefix(prefix, { limit })) {
    keys.push(found[0]);
    values.push(found[1]);
  }
}
