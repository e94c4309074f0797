/**
 * The names that the core has itself: commands, sections of INFO, parameters of the configuration. A feature cannot add those.
 *
 * They are known here as texts, so that `open` can refuse a feature whose names clash without the tables they stand in,
 * which the embedded entry does without. `core-names.test.ts` holds the lists equal to the tables. Called by `FeatureSet`.
 */

const COMMANDS = `
  acl append auth bgrewriteaof bgsave bitcount bitfield bitfield_ro bitop bitpos client command config copy dbsize
  debug decr decrby del discard dump echo exec exists expire expireat expiretime flushall flushdb function get
  getbit getdel getex getrange getset hdel hello hexists hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset
  hexpire hexpireat hexpiretime hgetdel hgetex hpersist hpexpire hpexpireat hpexpiretime hpttl hsetex httl
  hrandfield hscan hset hsetnx hstrlen hvals incr incrby incrbyfloat info keys lastsave latency lcs lolwut memory
  mget module monitor move mset msetnx multi object persist pexpire pexpireat pexpiretime pfadd pfcount pfdebug
  pfmerge pfselftest ping psetex psubscribe pttl publish pubsub punsubscribe quit randomkey rename renamenx
  replicaof reset restore role save scan select set setbit setex setnx setrange shutdown slaveof slowlog sort sort_ro spublish
  ssubscribe strlen subscribe substr sunsubscribe swapdb time touch ttl type unlink unsubscribe unwatch wait
  waitaof watch
  blmove blmpop blpop brpop brpoplpush lindex linsert llen lmove lmpop lpop lpos lpush lpushx lrange lrem lset ltrim rpop rpoplpush rpush rpushx
  sadd scard sdiff sdiffstore sinter sintercard sinterstore sismember smembers smismember smove spop srandmember srem
  sscan sunion sunionstore
  geoadd geodist geohash geopos georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch
  geosearchstore
  bzmpop bzpopmax bzpopmin
  zadd zcard zcount zdiff zdiffstore zincrby zinter zintercard zinterstore zlexcount zmpop zmscore zpopmax zpopmin
  zrandmember zrange zrangebylex zrangebyscore zrangestore zrank zrem zremrangebylex zremrangebyrank
  zremrangebyscore zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion zunionstore
  xack xadd xautoclaim xclaim xdel xgroup xinfo xlen xpending xrange xread xreadgroup xrevrange xsetid xtrim`;

const INFO_SECTIONS = `
  server clients memory persistence stats replication cpu modules commandstats errorstats latencystats cluster
  keyspace ferrite`;

/** Those that change nothing without a feature are missing here: a feature may take their names, see `ConfigKey.alias`. */
const PARAMETERS = `
  bind port unixsocket unixsocketperm tcp-backlog tcp-keepalive timeout maxclients protected-mode requirepass
  client-query-buffer-limit client-output-buffer-limit proto-max-bulk-len hll-sparse-max-bytes databases maxmemory
  maxmemory-policy maxmemory-samples lfu-log-factor lfu-decay-time appendonly appendfsync auto-aof-rewrite-min-size
  dir pidfile logfile loglevel min-replicas-to-write min-slaves-to-write notify-keyspace-events
  slowlog-log-slower-than slowlog-max-len latency-monitor-threshold latency-tracking
  latency-tracking-info-percentiles tracking-table-max-keys enable-protected-configs enable-debug-command daemonize
  cluster-enabled replicaof slaveof aclfile durability mutable-region-size read-only-region-size read-cache-size
  metrics-port metrics-bind log-format features
  set-max-intset-entries set-max-listpack-entries set-max-listpack-value
  hash-max-listpack-entries hash-max-listpack-value hash-max-ziplist-entries hash-max-ziplist-value
  zset-max-listpack-entries zset-max-listpack-value zset-max-ziplist-entries zset-max-ziplist-value
  stream-node-max-entries`;

export const coreNames: { readonly [What in 'command' | 'INFO section' | 'configuration key']: ReadonlySet<string> } = {
  command: setOf(COMMANDS),
  'INFO section': setOf(INFO_SECTIONS),
  'configuration key': setOf(PARAMETERS),
};

function setOf(names: string): ReadonlySet<string> {
  return new Set(names.trim().split(/\s+/));
}
