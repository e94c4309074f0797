/**
 * What is measured of the data types: for each type the data that both servers get, the commands that are put on them by
 * redis-benchmark, and the targets `[must, aim]` for CPU time per operation, redis's divided by Ferrite's. `range` is what
 * redis-benchmark draws from; `before` runs ahead of each sample, outside of what is measured.
 */
const value = '0123456789';
const membersOfCommand = 100;

/** The name of a drawn one, as redis-benchmark writes it. */
const drawn = (prefix, id) => `${prefix}:${String(id).padStart(12, '0')}`;
const any = (prefix) => `${prefix}:__rand_int__`;

export const depths = { 16: { share: 0.5, targets: [0.9, 1.2] }, 64: { share: 1 } };

export function groups(members) {
  return [...hashes(members), ...sets(members), ...others(members)];
}

function hashes(members) {
  const small = members / 10;
  return [
    {
      name: 'hash',
      build: () => collection(['HSET', 'h'], members, (id) => [drawn('field', id), value]),
      cells: [
        cell('HSET', ['h', any('field'), value], members, [1.1, 1.4]),
        cell('HGET', ['h', any('field')], members, [1.1, 1.4]),
        cell('HSCAN', ['h', '0'], members, [1.2], { weight: 5 }),
      ],
    },
    {
      name: 'hash of 10',
      build: () => collections('HSET', 'small', small, 10, (id) => [drawn('field', id), value]),
      cells: [
        cell('HSET', [any('small'), drawn('field', 3), value], small, [1.2]),
        cell('HGET', [any('small'), drawn('field', 3)], small, [1.2]),
        cell('HGETALL', [any('small')], small, [1.2], { weight: 2 }),
      ],
    },
    {
      name: 'hash of 50',
      build: () => collections('HSET', 'middle', small / 10, 50, (id) => [`f${id}`, value]),
      cells: [cell('HGETALL', [any('middle')], small / 10, [1.15, 1.5], { weight: 8 })],
    },
    {
      name: 'hash of 50, over 1 KiB',
      build: () => collections('HSET', 'wide', small / 10, 50, (id) => [drawn('field', id), value]),
      cells: [cell('HGETALL', [any('wide')], small / 10, [], { weight: 8 })],
    },
  ];
}

function sets(members) {
  const small = members / 10;
  return [
    {
      name: 'set',
      build: () => collection(['SADD', 's'], members, (id) => [drawn('member', id)]),
      cells: [
        cell('SADD', ['new', any('member')], members, [1.1, 1.4], { before: [['UNLINK', 'new']] }),
        cell('SISMEMBER', ['s', any('member')], members, [1.1, 1.4]),
        cell('SRANDMEMBER', ['s'], members, [1.2]),
      ],
    },
    {
      name: 'set of up to 128',
      build: () => collections('SADD', 'fifty', small / 10, 50, (id) => [`member:${id}`]),
      cells: [
        cell('SADD', [any('set'), any('m')], small / 10, [1, 1.2], {
          before: [['FLUSHALL']],
          rebuilds: true,
          weight: 2,
        }),
        cell('SMEMBERS', [any('fifty')], small / 10, [1.5, 2.5], { weight: 8 }),
      ],
    },
  ];
}

function others(members) {
  return [
    {
      name: 'list',
      build: () => collection(['RPUSH', 'hundred'], 1000, () => [value]),
      cells: [
        cell('LPUSH', ['l', value], members, [1, 1.2], { before: [['UNLINK', 'l']] }),
        cell('RPOP', ['l'], members, [1, 1.2]),
        cell('LRANGE', ['hundred', '0', '99'], members, [1.15, 1.5], { weight: 8 }),
      ],
    },
    {
      name: 'sorted set',
      build: () => collection(['ZADD', 'z'], members, (id) => [String((id * 7919) % members), drawn('member', id)]),
      cells: [
        cell('ZSCORE', ['z', any('member')], members, [1.3, 1.6]),
        cell('ZRANK', ['z', any('member')], members, [1.3, 1.6]),
        cell('ZRANGE', ['z', '1000', '1099'], members, [1.15, 1.5], { weight: 8 }),
        cell('ZADD', ['z', '__rand_int__', any('member')], members, [1.3, 1.7], { weight: 2 }),
      ],
    },
    {
      name: 'sorted set with 4 scores',
      build: () => collection(['ZADD', 'four'], members, (id) => [String(id % 4), drawn('member', id)]),
      cells: [
        {
          ...cell('ZADD', [], members, [1], { weight: 2 }),
          commands: [1, 2, 3, 0].map((score) => ['ZADD', 'four', String(score), any('member')]),
        },
      ],
    },
    {
      name: 'stream',
      build: () => collection(['XADD', 'x'], 0, () => []),
      cells: [cell('XADD', ['x', '*', 'field', value], members, [1.2, 1.8], { before: [['UNLINK', 'x']] })],
    },
  ];
}

/** What memory is measured of: the data, and how many members it has; the targets are for redis's bytes, of which it may take a share. */
export function memoryCases(members) {
  const small = members / 10;
  const field = (id) => [drawn('field', id).slice(-16), value];
  const member = (id) => [drawn('member', id).slice(-16)];
  const scored = (id) => [String(id), drawn('member', id).slice(-16)];
  return [
    ['hash, fields of 16 and 10 B', members, [1, 0.85], () => collection(['HSET', 'h'], members, field)],
    ['hashes of 10, fields of 16 and 10 B', members, [1, 0.85], () => collections('HSET', 'h', small, 10, field)],
    ['set, members of 16 B', members, [1, 0.75], () => collection(['SADD', 's'], members, member)],
    ['sets of 10, members of 16 B', members, [1, 0.75], () => collections('SADD', 's', small, 10, member)],
    ['sorted set, members of 16 B', members, [1, 0.65], () => collection(['ZADD', 'z'], members, scored)],
    ['sorted sets of 10, members of 16 B', members, [1, 0.65], () => collections('ZADD', 'z', small, 10, scored)],
    ['list, elements of 10 B', members, [1.1], () => collection(['RPUSH', 'l'], members, () => [value])],
    [
      'list, elements of 10 B, pushed one by one',
      members,
      [1.1],
      () => singles(['RPUSH', 'l'], members, () => [value]),
    ],
    [
      'stream, entries of a field of 5 and a value of 10 B',
      members,
      [],
      () => singles(['XADD', 'x'], members, () => ['*', 'field', value]),
    ],
  ].map(([name, count, targets, build]) => ({ name, count, targets, build }));
}

function cell(name, args, range, targets, { before = [], weight = 1, rebuilds = false } = {}) {
  return { name, commands: [[name, ...args]], range, targets, before, weight, rebuilds };
}

/** One collection of so many members, a hundred to a command. */
function* collection(head, members, partsOf) {
  for (let first = 0; first < members; first += membersOfCommand) {
    const parts = [];
    for (let id = first; id < Math.min(first + membersOfCommand, members); id++) parts.push(...partsOf(id));
    yield [...head, ...parts];
  }
}

function* singles(head, members, partsOf) {
  for (let id = 0; id < members; id++) yield [...head, ...partsOf(id)];
}

function* collections(name, prefix, keys, members, partsOf) {
  for (let key = 0; key < keys; key++) yield* collection([name, drawn(prefix, key)], members, partsOf);
}
