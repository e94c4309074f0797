/**
 * What is done to a collection of `n` members, by type: `[title, run, what]`. `run(server)` gets `{ connection, n, pump }`, see `bounds.mjs`.
 * `what`: `linear` where the command takes as long as the collection is large, by contract; `kill`: the server is killed
 * and started again first; `settle`: afterwards the background work is waited for.
 */
const scanCount = 100;
const fewTimes = 2000;

const at = (i) => `member:${String(i).padStart(10, '0')}`;
const scattered = (i, n) => (i * 7919) % n;

/** Steps that all types have: it goes, in each way. `fill` makes it anew. */
function endings(fill) {
  return [
    ['RENAME', ({ connection }) => connection.ask('RENAME', 'c', 'd')],
    [
      'PEXPIRE, PERSIST',
      async ({ connection }) => {
        await connection.ask('PEXPIRE', 'd', 1e9);
        await connection.ask('PERSIST', 'd');
      },
    ],
    ['COPY', ({ connection }) => connection.ask('COPY', 'd', 'c'), 'linear'],
    ['DEL', ({ connection }) => connection.ask('DEL', 'd')],
    ['after DEL', rest, 'settle'],
    [
      'expiry',
      async ({ connection }) => {
        await connection.ask('PEXPIRE', 'c', 1);
        await wait(1000);
      },
      'settle',
    ],
    ['create again', fill],
    ['overwritten by SET', ({ connection }) => connection.ask('SET', 'c', 'short'), 'settle'],
    ['DEL of a string', ({ connection }) => connection.ask('DEL', 'c')],
    ['create again', fill],
    ['FLUSHALL', ({ connection }) => connection.ask('FLUSHALL'), 'settle'],
  ];
}

const save = [
  'BGSAVE',
  async ({ connection }) => {
    const field = async () => /rdb_bgsave_in_progress:(\d)/.exec(await connection.ask('INFO', 'persistence'))?.[1];
    await connection.ask('BGSAVE');
    while ((await field()) === '1') await wait(20);
  },
];
const compact = [
  'BGREWRITEAOF',
  async ({ connection }) => {
    const field = async () => /aof_rewrite_in_progress:(\d)/.exec(await connection.ask('INFO', 'persistence'))?.[1];
    await connection.ask('BGREWRITEAOF');
    await wait(50);
    while ((await field()) === '1') await wait(20);
  },
];

async function rest() {
  await wait(1000);
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks for the next part until there is none. */
async function scan({ connection, n }, command) {
  let cursor = '0';
  for (let i = 0; i < n / scanCount / 2 && (i === 0 || cursor !== '0'); i++) {
    [cursor] = await connection.ask(command, 'c', cursor, 'COUNT', scanCount);
  }
}

const fillHash = ({ pump, n }) => pump(n, (i) => ['HSET', 'c', at(i), 'value']);
const fillSet = ({ pump, n }) => pump(n, (i) => ['SADD', 'c', at(i)]);
const fillSorted = ({ pump, n }) => pump(n, (i) => ['ZADD', 'c', scattered(i, n), at(i)]);
const fillList = ({ pump, n }) => pump(n, (i) => [i & 1 ? 'LPUSH' : 'RPUSH', 'c', at(i)]);
const fillStream = ({ pump, n }) => pump(n, (i) => ['XADD', 'c', `${i + 1}-0`, 'field', at(i)]);

export const stepsByType = {
  hash: [
    ['create by HSET', fillHash],
    ['HGET', ({ pump, n }) => pump(fewTimes, (i) => ['HGET', 'c', at(scattered(i, n))])],
    ['HSET of all again', fillHash, 'settle'],
    ['HSCAN', (server) => scan(server, 'HSCAN')],
    ['HRANDFIELD', ({ pump }) => pump(fewTimes, () => ['HRANDFIELD', 'c', '10'])],
    save,
    ['HSET of all once more', fillHash],
    compact,
    ['HLEN after a kill', ({ connection }) => connection.ask('HLEN', 'c'), 'kill'],
    ['HGET after a kill', ({ connection, n }) => connection.ask('HGET', 'c', at(n >> 1)), 'kill'],
    ['HSET after a kill', ({ connection }) => connection.ask('HSET', 'c', 'new', 'v'), 'kill'],
    ['HSCAN after a kill', (server) => scan(server, 'HSCAN'), 'kill'],
    ['HDEL of all', ({ pump, n }) => pump(n, (i) => ['HDEL', 'c', at(scattered(i, n))]), 'settle'],
    ['create again', fillHash],
    ...endings(fillHash),
  ],
  set: [
    ['create by SADD', fillSet],
    ['SISMEMBER', ({ pump, n }) => pump(fewTimes, (i) => ['SISMEMBER', 'c', at(scattered(i, n))])],
    ['SSCAN', (server) => scan(server, 'SSCAN')],
    ['SRANDMEMBER', ({ pump }) => pump(fewTimes, () => ['SRANDMEMBER', 'c', '10'])],
    save,
    ['SCARD after a kill', ({ connection }) => connection.ask('SCARD', 'c'), 'kill'],
    ['SPOP after a kill', ({ connection }) => connection.ask('SPOP', 'c'), 'kill'],
    ['SADD after a kill', ({ connection }) => connection.ask('SADD', 'c', 'new'), 'kill'],
    ['SPOP, one by one', ({ pump, n }) => pump(n * 0.9, () => ['SPOP', 'c']), 'settle'],
    ['SRANDMEMBER of the rest', ({ pump }) => pump(fewTimes, () => ['SRANDMEMBER', 'c', '10'])],
    ['DEL', ({ connection }) => connection.ask('DEL', 'c'), 'settle'],
    ['create again', fillSet],
    ['SMOVE', ({ pump, n }) => pump(fewTimes, (i) => ['SMOVE', 'c', 'other', at(scattered(i, n))])],
    ...endings(fillSet),
  ],
  zset: [
    ['create by ZADD', fillSorted],
    ['ZRANK', ({ pump, n }) => pump(fewTimes, (i) => ['ZRANK', 'c', at(scattered(i, n))])],
    ['ZRANGE of 100', ({ pump, n }) => pump(fewTimes, (i) => ['ZRANGE', 'c', scattered(i, n), scattered(i, n) + 99])],
    ['ZINCRBY of all', ({ pump, n }) => pump(n, (i) => ['ZINCRBY', 'c', 7, at(scattered(i, n))]), 'settle'],
    ['ZSCAN', (server) => scan(server, 'ZSCAN')],
    save,
    ['ZRANGE after a kill', ({ connection }) => connection.ask('ZRANGE', 'c', 500, 599), 'kill'],
    ['ZCARD after a kill', ({ connection }) => connection.ask('ZCARD', 'c'), 'kill'],
    ['ZADD after a kill', ({ connection }) => connection.ask('ZADD', 'c', 1, 'new'), 'kill'],
    ['ZPOPMIN after a kill', ({ connection }) => connection.ask('ZPOPMIN', 'c'), 'kill'],
    ['ZREMRANGEBYRANK of 1000', ({ connection }) => connection.ask('ZREMRANGEBYRANK', 'c', 0, 999)],
    ['ZPOPMIN, one by one', ({ pump, n }) => pump(n * 0.9, () => ['ZPOPMIN', 'c']), 'settle'],
    ['DEL', ({ connection }) => connection.ask('DEL', 'c'), 'settle'],
    ['create again', fillSorted],
    ...endings(fillSorted),
  ],
  list: [
    ['create by LPUSH and RPUSH', fillList],
    ['LINDEX', ({ pump, n }) => pump(fewTimes, (i) => ['LINDEX', 'c', scattered(i, n)])],
    ['LRANGE of 100', ({ pump, n }) => pump(fewTimes, (i) => ['LRANGE', 'c', scattered(i, n), scattered(i, n) + 99])],
    ['LSET', ({ pump, n }) => pump(fewTimes, (i) => ['LSET', 'c', scattered(i, n), at(i)])],
    [
      'LINSERT in the middle',
      ({ connection, n }) => connection.ask('LINSERT', 'c', 'BEFORE', at(n / 2), 'new'),
      'linear',
    ],
    ['LTRIM of one', ({ pump }) => pump(fewTimes, () => ['LTRIM', 'c', '0', '-2'])],
    [
      'LPUSH and LTRIM',
      ({ pump, n }) => pump(fewTimes, (i) => (i & 1 ? ['LTRIM', 'c', '0', n] : ['LPUSH', 'c', at(i)])),
    ],
    ['LMOVE', ({ pump }) => pump(fewTimes, () => ['LMOVE', 'c', 'c', 'LEFT', 'RIGHT'])],
    save,
    ['LLEN after a kill', ({ connection }) => connection.ask('LLEN', 'c'), 'kill'],
    ['LRANGE after a kill', ({ connection, n }) => connection.ask('LRANGE', 'c', n / 2, n / 2 + 99), 'kill'],
    ['LPUSH after a kill', ({ connection }) => connection.ask('LPUSH', 'c', 'new'), 'kill'],
    ['LTRIM to half', ({ connection, n }) => connection.ask('LTRIM', 'c', 0, n >> 1), 'linear'],
    ['LPOP and RPOP, one by one', ({ pump, n }) => pump(n * 0.45, (i) => [i & 1 ? 'LPOP' : 'RPOP', 'c']), 'settle'],
    ['DEL', ({ connection }) => connection.ask('DEL', 'c'), 'settle'],
    ['create again', fillList],
    ...endings(fillList),
  ],
  stream: [
    ['create by XADD', fillStream],
    ['XRANGE of 100', ({ pump, n }) => pump(fewTimes, (i) => ['XRANGE', 'c', scattered(i, n), '+', 'COUNT', 100])],
    [
      'XADD with MAXLEN ~',
      ({ pump, n }) => pump(n / 10, (i) => ['XADD', 'c', 'MAXLEN', '~', n, `${n + i + 1}-0`, 'field', at(i)]),
    ],
    ['XDEL', ({ pump, n }) => pump(fewTimes, (i) => ['XDEL', 'c', `${scattered(i, n)}-0`])],
    ['XGROUP CREATE', ({ connection }) => connection.ask('XGROUP', 'CREATE', 'c', 'g', '0')],
    [
      'XREADGROUP of 100',
      ({ pump, n }) => pump(n / 200, () => ['XREADGROUP', 'GROUP', 'g', 'me', 'COUNT', '100', 'STREAMS', 'c', '>']),
    ],
    ['XPENDING', ({ connection }) => connection.ask('XPENDING', 'c', 'g')],
    save,
    ['XLEN after a kill', ({ connection }) => connection.ask('XLEN', 'c'), 'kill'],
    ['XRANGE after a kill', ({ connection }) => connection.ask('XRANGE', 'c', '5000', '+', 'COUNT', 100), 'kill'],
    ['XADD after a kill', ({ connection }) => connection.ask('XADD', 'c', '*', 'field', 'new'), 'kill'],
    ['XGROUP DESTROY', ({ connection }) => connection.ask('XGROUP', 'DESTROY', 'c', 'g'), 'linear'],
    ['XTRIM of 100', ({ connection, n }) => connection.ask('XTRIM', 'c', 'MAXLEN', n - fewTimes - 100)],
    ['XTRIM ~ to half', ({ connection, n }) => connection.ask('XTRIM', 'c', 'MAXLEN', '~', n >> 1), 'linear'],
    ['DEL', ({ connection }) => connection.ask('DEL', 'c'), 'settle'],
    ['create again', fillStream],
    ...endings(fillStream),
  ],
};
