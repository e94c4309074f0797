/** What COMMAND DOCS says of the commands of the group sorted-set. */
import type { CommandDocs } from '../command-docs.ts';

const RANGE = 'O(log N + M) with M members in the range';
const REPLACED = { since: '6.2.0' };
const ALGEBRA = 'key:k0+';
const WEIGHTED = '[WEIGHTS=weight:i+] [AGGREGATE=aggregate(sum(SUM)|min(MIN)|max(MAX))]';

export const sortedSetDocs: CommandDocs = {
  zadd: {
    summary: 'Gives members of a sorted set their scores, or makes it.',
    since: '1.2.0',
    complexity: 'O(log N) for each member',
    syntax:
      'key:k0 [condition(nx(NX)|xx(XX))@3.0.2] [comparison(gt(GT)|lt(LT))@6.2.0] [change(CH)@3.0.2] [increment(INCR)@3.0.2] data{score:d member}+',
    history: [
      ['2.4.0', 'Takes several members.'],
      ['3.0.2', 'Has the options XX, NX, CH and INCR.'],
      ['6.2.0', 'Has the options GT and LT.'],
    ],
  },
  zincrby: {
    summary: 'Adds to the score of a member; one that is missing counts as 0.',
    since: '1.2.0',
    complexity: 'O(log N)',
    syntax: 'key:k0 increment:i member',
  },
  zrem: {
    summary: 'Removes members, and with the last one the sorted set.',
    since: '1.2.0',
    complexity: 'O(log N) for each member',
    syntax: 'key:k0 member+',
    history: [['2.4.0', 'Takes several members.']],
  },
  zcard: { summary: 'Counts the members of a sorted set.', since: '1.2.0', complexity: 'O(1)', syntax: 'key:k0' },
  zscore: {
    summary: 'Answers with the score of a member.',
    since: '1.2.0',
    complexity: 'O(1)',
    syntax: 'key:k0 member',
  },
  zmscore: {
    summary: 'Answers with the scores of members.',
    since: '6.2.0',
    complexity: 'O(1) for each member',
    syntax: 'key:k0 member+',
  },
  zrank: {
    summary: 'Answers with how many members come before one, by score.',
    since: '2.0.0',
    complexity: 'O(log N)',
    syntax: 'key:k0 member [withscore(WITHSCORE)]',
    history: [['7.2.0', 'Has the option WITHSCORE.']],
  },
  zrevrank: {
    summary: 'Answers with how many members come after one, by score.',
    since: '2.0.0',
    complexity: 'O(log N)',
    syntax: 'key:k0 member [withscore(WITHSCORE)]',
    history: [['7.2.0', 'Has the option WITHSCORE.']],
  },
  zcount: {
    summary: 'Counts the members with scores in a range.',
    since: '2.0.0',
    complexity: 'O(log N)',
    syntax: 'key:k0 min:d max:d',
  },
  zlexcount: {
    summary: 'Counts the members in a range, where all have the same score.',
    since: '2.8.9',
    complexity: 'O(log N)',
    syntax: 'key:k0 min max',
  },
  zrange: {
    summary: 'Answers with the members in a range of ranks, scores or members.',
    since: '1.2.0',
    complexity: RANGE,
    syntax:
      'key:k0 start stop [sortby(byscore(BYSCORE)|bylex(BYLEX))@6.2.0] [rev(REV)@6.2.0] [LIMIT=limit{offset:i count:i}@6.2.0] [withscores(WITHSCORES)]',
    history: [['6.2.0', 'Has the options REV, BYSCORE, BYLEX and LIMIT.']],
  },
  zrevrange: {
    summary: 'Answers with the members in a range of ranks, the highest score first.',
    since: '1.2.0',
    complexity: RANGE,
    syntax: 'key:k0 start:i stop:i [withscores(WITHSCORES)]',
    deprecated: { ...REPLACED, replacedBy: '`ZRANGE` with the `REV` argument' },
  },
  zrangebyscore: {
    summary: 'Answers with the members with scores in a range.',
    since: '1.0.5',
    complexity: RANGE,
    syntax: 'key:k0 min:d max:d [withscores(WITHSCORES)@2.0.0] [LIMIT=limit{offset:i count:i}]',
    history: [['2.0.0', 'Has the option WITHSCORES.']],
    deprecated: { ...REPLACED, replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
  },
  zrevrangebyscore: {
    summary: 'Answers with the members with scores in a range, the highest score first.',
    since: '2.2.0',
    complexity: RANGE,
    syntax: 'key:k0 max:d min:d [withscores(WITHSCORES)] [LIMIT=limit{offset:i count:i}]',
    history: [['2.1.6', 'Bounds may be left out themselves.']],
    deprecated: { ...REPLACED, replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
  },
  zrangebylex: {
    summary: 'Answers with the members in a range, where all have the same score.',
    since: '2.8.9',
    complexity: RANGE,
    syntax: 'key:k0 min max [LIMIT=limit{offset:i count:i}]',
    deprecated: { ...REPLACED, replacedBy: '`ZRANGE` with the `BYLEX` argument' },
  },
  zrevrangebylex: {
    summary: 'Answers with the members in a range, the last one first, where all have the same score.',
    since: '2.8.9',
    complexity: RANGE,
    syntax: 'key:k0 max min [LIMIT=limit{offset:i count:i}]',
    deprecated: { ...REPLACED, replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
  },
  zrangestore: {
    summary: 'Stores the members in a range of a sorted set as another one.',
    since: '6.2.0',
    complexity: RANGE,
    syntax: 'dst:k0 src:k1 min max [sortby(byscore(BYSCORE)|bylex(BYLEX))] [rev(REV)] [LIMIT=limit{offset:i count:i}]',
  },
  zremrangebyrank: {
    summary: 'Removes the members in a range of ranks.',
    since: '2.0.0',
    complexity: 'O(M log N) with M members in the range',
    syntax: 'key:k0 start:i stop:i',
  },
  zremrangebyscore: {
    summary: 'Removes the members with scores in a range.',
    since: '1.2.0',
    complexity: 'O(M log N) with M members in the range',
    syntax: 'key:k0 min:d max:d',
  },
  zremrangebylex: {
    summary: 'Removes the members in a range, where all have the same score.',
    since: '2.8.9',
    complexity: 'O(M log N) with M members in the range',
    syntax: 'key:k0 min max',
  },
  zpopmin: {
    summary: 'Removes the members with the lowest scores, and answers with them.',
    since: '5.0.0',
    complexity: 'O(M log N) with M members removed',
    syntax: 'key:k0 [count:i]',
  },
  zpopmax: {
    summary: 'Removes the members with the highest scores, and answers with them.',
    since: '5.0.0',
    complexity: 'O(M log N) with M members removed',
    syntax: 'key:k0 [count:i]',
  },
  zmpop: {
    summary: 'Removes the members with the lowest or highest scores of the first key that has any.',
    since: '7.0.0',
    complexity: 'O(K + M log N) with K keys and M members removed',
    syntax: 'numkeys:i key:k0+ where(min(MIN)|max(MAX)) [COUNT=count:i]',
  },
  bzpopmin: {
    summary: 'Removes the member with the lowest score of the first key that has any, or waits for one.',
    since: '5.0.0',
    complexity: 'O(log N)',
    syntax: 'key:k0+ timeout:d',
    history: [['6.0.0', 'The timeout may be a fraction of a second.']],
  },
  bzpopmax: {
    summary: 'Removes the member with the highest score of the first key that has any, or waits for one.',
    since: '5.0.0',
    complexity: 'O(log N)',
    syntax: 'key:k0+ timeout:d',
    history: [['6.0.0', 'The timeout may be a fraction of a second.']],
  },
  bzmpop: {
    summary: 'Removes the members with the lowest or highest scores of the first key that has any, or waits for some.',
    since: '7.0.0',
    complexity: 'O(K + M log N) with K keys and M members removed',
    syntax: 'timeout:d numkeys:i key:k0+ where(min(MIN)|max(MAX)) [COUNT=count:i]',
  },
  zunion: {
    summary: 'Answers with the members that any of several sorted sets has.',
    since: '6.2.0',
    complexity: 'O(N + M log M) with N members of all of them and M of the result',
    syntax: `numkeys:i ${ALGEBRA} ${WEIGHTED} [withscores(WITHSCORES)]`,
  },
  zinter: {
    summary: 'Answers with the members that all of several sorted sets have.',
    since: '6.2.0',
    complexity: 'O(N K + M log M) with N members of the smallest of K and M of the result',
    syntax: `numkeys:i ${ALGEBRA} ${WEIGHTED} [withscores(WITHSCORES)]`,
  },
  zdiff: {
    summary: 'Answers with the members of a sorted set that no other one has.',
    since: '6.2.0',
    complexity: 'O(N K + M log M) with N members of the first of K and M of the result',
    syntax: `numkeys:i ${ALGEBRA} [withscores(WITHSCORES)]`,
  },
  zunionstore: {
    summary: 'Stores the members that any of several sorted sets has.',
    since: '2.0.0',
    complexity: 'O(N + M log M) with N members of all of them and M of the result',
    syntax: `destination:k0 numkeys:i key:k1+ ${WEIGHTED}`,
  },
  zinterstore: {
    summary: 'Stores the members that all of several sorted sets have.',
    since: '2.0.0',
    complexity: 'O(N K + M log M) with N members of the smallest of K and M of the result',
    syntax: `destination:k0 numkeys:i key:k1+ ${WEIGHTED}`,
  },
  zdiffstore: {
    summary: 'Stores the members of a sorted set that no other one has.',
    since: '6.2.0',
    complexity: 'O(N K + M log M) with N members of the first of K and M of the result',
    syntax: 'destination:k0 numkeys:i key:k1+',
  },
  zintercard: {
    summary: 'Counts the members that all of several sorted sets have.',
    since: '7.0.0',
    complexity: 'O(N K) with N members of the smallest of K',
    syntax: `numkeys:i ${ALGEBRA} [LIMIT=limit:i]`,
  },
  zscan: {
    summary: 'Walks through the members of a sorted set in steps.',
    since: '2.8.0',
    complexity: 'O(1) for each step, O(N) for a whole walk',
    syntax: 'key:k0 cursor:i [MATCH=pattern:p] [COUNT=count:i]',
  },
  zrandmember: {
    summary: 'Answers with members drawn at random.',
    since: '6.2.0',
    complexity: 'O(N) in the number of members asked for',
    syntax: 'key:k0 [options{count:i [withscores(WITHSCORES)]}]',
  },
};
