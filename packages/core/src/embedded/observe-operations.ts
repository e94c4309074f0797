/**
 * Operations and batches of a `Database`, shown to the middleware of features (`around`).
 *
 * A handle is only changed where a feature asks for it: then each of these methods is one of its own, which calls the
 * class's through the middleware. Without such a feature nothing is done, and the methods are the class's. Iterators are
 * not shown: they go on long after the call that made them.
 */
import type { Around } from '../registry/middleware.ts';
import type { Batch } from './batch.ts';

type Method = (...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

/** How many keys a call is about. */
const KEYS: Record<string, (args: readonly unknown[]) => number> = {
  get: one,
  getBuffer: one,
  getMany: listed,
  getEntry: one,
  type: one,
  has: one,
  set: one,
  setAsync: one,
  del: one,
  incrBy: one,
  hset: one,
  hget: one,
  hexists: one,
  hgetall: one,
  hlen: one,
  hdel: one,
  hsetnx: one,
  hmget: one,
  hkeys: one,
  hvals: one,
  hrandfield: one,
  hexpire: one,
  hexpireat: one,
  httl: one,
  hexpiretime: one,
  hpersist: one,
  hgetex: one,
  hsetex: one,
  hgetdel: one,
  hstrlen: one,
  hincrby: one,
  hincrbyfloat: one,
  lpush: one,
  rpush: one,
  lpop: one,
  rpop: one,
  llen: one,
  lrange: one,
  lindex: one,
  lset: one,
  linsert: one,
  lrem: one,
  ltrim: one,
  lpushx: one,
  rpushx: one,
  lmpop: listed,
  lpos: one,
  lmove: () => 2,
  sadd: one,
  srem: one,
  sismember: one,
  smismember: one,
  scard: one,
  smembers: one,
  srandmember: one,
  spop: one,
  smove: () => 2,
  sinter: all,
  sintercard: listed,
  sinterstore: all,
  sunion: all,
  sunionstore: all,
  sdiff: all,
  sdiffstore: all,
  zadd: one,
  zincrby: one,
  zrem: one,
  zscore: one,
  zmscore: one,
  zcard: one,
  zrank: one,
  zrevrank: one,
  zrange: one,
  zrangeWithScores: one,
  zcount: one,
  zremrange: one,
  zpopmin: one,
  zpopmax: one,
  zmpop: listed,
  zrandmember: one,
  zrangestore: () => 2,
  zunion: listed,
  zinter: listed,
  zdiff: listed,
  zintercard: listed,
  zunionstore: target,
  zinterstore: target,
  zdiffstore: target,
  geoadd: one,
  geopos: one,
  geodist: one,
  geohash: one,
  geosearch: one,
  geosearchstore: () => 2,
  xadd: one,
  xlen: one,
  xrange: one,
  xrevrange: one,
  xread: streams,
  xdel: one,
  xtrim: one,
  xsetid: one,
  xinfoStream: one,
  xinfoGroups: one,
  xinfoConsumers: one,
  xgroupCreate: one,
  xgroupSetId: one,
  xgroupDestroy: one,
  xgroupCreateConsumer: one,
  xgroupDelConsumer: one,
  xreadgroup: ([, , ids]) => streams([ids]),
  xack: one,
  xpending: one,
  xclaim: one,
  xautoclaim: one,
  getbit: one,
  setbit: one,
  bitcount: one,
  bitpos: one,
  bitop: (args) => args.length - 1,
  pfadd: one,
  pfcount: all,
  pfmerge: all,
  sort: one,
  sortstore: () => 2,
  expire: one,
  ttl: one,
  persist: one,
  commit: none,
  commitSync: none,
  compact: none,
  backup: none,
};

/** Shows what is done through a handle; `batch` makes batches that are shown, too. */
export function observeOperations(db: object, around: Around): void {
  const methods = db as Methods;
  // A method that is made of others is one operation.
  let isInside = false;
  const wrap = (target: Methods, name: string, shown: string, keysOf: (args: readonly unknown[]) => number): void => {
    const method = target[name];
    target[name] = (...args) => {
      if (isInside) return method.apply(target, args);
      return around({ name: shown, keys: keysOf(args) }, () => {
        isInside = true;
        try {
          return method.apply(target, args);
        } finally {
          isInside = false;
        }
      });
    };
  };
  for (const [name, keysOf] of Object.entries(KEYS)) wrap(methods, name, name, keysOf);
  const { batch } = methods;
  methods.batch = () => {
    const made = batch.call(db) as Batch<unknown>;
    const size = (): number => made.size;
    wrap(made as unknown as Methods, 'commit', 'batch', size);
    wrap(made as unknown as Methods, 'commitAsync', 'batch', size);
    return made;
  };
}

function one(): number {
  return 1;
}

function all(args: readonly unknown[]): number {
  return args.length;
}

function listed([keys]: readonly unknown[]): number {
  return Array.isArray(keys) ? keys.length : 0;
}

/** With the key that the result is stored under. */
function target([, keys]: readonly unknown[]): number {
  return 1 + listed([keys]);
}

/** Pairs of keys and IDs, or an object of them; of pairs that come one by one it is not known yet. */
function streams([ids]: readonly unknown[]): number {
  if (Array.isArray(ids)) return ids.length;
  return typeof ids === 'object' && ids !== null ? Object.keys(ids).length : 0;
}

function none(): number {
  return 0;
}
