/** What COMMAND DOCS says of the commands of the group set. */
import type { CommandDocs } from '../command-docs.ts';

const INTERSECTION = 'O(N * M) for N members in the smallest of M sets, at worst';
const ALL_MEMBERS = 'O(N) in the number of members of all sets';

export const setDocs: CommandDocs = {
  sadd: {
    summary: 'Adds members to a set, or makes it.',
    since: '1.0.0',
    complexity: 'O(1) for each member',
    syntax: 'key:k0 member+',
    history: [['2.4.0', 'Takes several members.']],
  },
  srem: {
    summary: 'Removes members, and with the last one the set.',
    since: '1.0.0',
    complexity: 'O(1) for each member',
    syntax: 'key:k0 member+',
    history: [['2.4.0', 'Takes several members.']],
  },
  sismember: {
    summary: 'Answers whether a set has a member.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 member',
  },
  smismember: {
    summary: 'Answers which of several members a set has.',
    since: '6.2.0',
    complexity: 'O(1) for each member',
    syntax: 'key:k0 member+',
  },
  scard: { summary: 'Counts the members of a set.', since: '1.0.0', complexity: 'O(1)', syntax: 'key:k0' },
  smembers: {
    summary: 'Answers with all members of a set.',
    since: '1.0.0',
    complexity: 'O(N) in the number of members',
    syntax: 'key:k0',
  },
  smove: {
    summary: 'Moves a member from one set to another.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'source:k0 destination:k1 member',
  },
  sscan: {
    summary: 'Walks through the members of a set in steps.',
    since: '2.8.0',
    complexity: 'O(1) for each step, O(N) for a whole walk',
    syntax: 'key:k0 cursor:i [MATCH=pattern:p] [COUNT=count:i]',
  },
  srandmember: {
    summary: 'Answers with members drawn at random.',
    since: '1.0.0',
    complexity: 'O(N) in the number of members asked for',
    syntax: 'key:k0 [count:i@2.6.0]',
    history: [['2.6.0', 'Takes a count.']],
  },
  spop: {
    summary: 'Removes members drawn at random, and answers with them.',
    since: '1.0.0',
    complexity: 'O(N) in the number of members asked for',
    syntax: 'key:k0 [count:i@3.2.0]',
    history: [['3.2.0', 'Takes a count.']],
  },
  sinter: {
    summary: 'Answers with the members that all of several sets have.',
    since: '1.0.0',
    complexity: INTERSECTION,
    syntax: 'key:k0+',
  },
  sintercard: {
    summary: 'Counts the members that all of several sets have.',
    since: '7.0.0',
    complexity: INTERSECTION,
    syntax: 'numkeys:i key:k0+ [LIMIT=limit:i]',
  },
  sinterstore: {
    summary: 'Stores the members that all of several sets have.',
    since: '1.0.0',
    complexity: INTERSECTION,
    syntax: 'destination:k0 key:k1+',
  },
  sunion: {
    summary: 'Answers with the members that any of several sets has.',
    since: '1.0.0',
    complexity: ALL_MEMBERS,
    syntax: 'key:k0+',
  },
  sunionstore: {
    summary: 'Stores the members that any of several sets has.',
    since: '1.0.0',
    complexity: ALL_MEMBERS,
    syntax: 'destination:k0 key:k1+',
  },
  sdiff: {
    summary: 'Answers with the members of a set that no other has.',
    since: '1.0.0',
    complexity: ALL_MEMBERS,
    syntax: 'key:k0+',
  },
  sdiffstore: {
    summary: 'Stores the members of a set that no other has.',
    since: '1.0.0',
    complexity: ALL_MEMBERS,
    syntax: 'destination:k0 key:k1+',
  },
};
