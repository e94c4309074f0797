/** What COMMAND DOCS says of the commands of the group list. */
import type { CommandDocs } from '../command-docs.ts';

const AT_ENDS = 'O(1) for each element';
const TO_INDEX = 'O(N) in the number of chunks up to the element; O(1) at the ends';
const ALL = 'O(N) in the number of elements';
const MOVES = 'O(1)';

export const listDocs: CommandDocs = {
  lpush: {
    summary: 'Adds elements before the head of a list, or makes it.',
    since: '1.0.0',
    complexity: AT_ENDS,
    syntax: 'key:k0 element+',
    history: [['2.4.0', 'Takes several elements.']],
  },
  rpush: {
    summary: 'Adds elements behind the tail of a list, or makes it.',
    since: '1.0.0',
    complexity: AT_ENDS,
    syntax: 'key:k0 element+',
    history: [['2.4.0', 'Takes several elements.']],
  },
  lpushx: {
    summary: 'Adds elements before the head of a list that is there.',
    since: '2.2.0',
    complexity: AT_ENDS,
    syntax: 'key:k0 element+',
    history: [['4.0.0', 'Takes several elements.']],
  },
  rpushx: {
    summary: 'Adds elements behind the tail of a list that is there.',
    since: '2.2.0',
    complexity: AT_ENDS,
    syntax: 'key:k0 element+',
    history: [['4.0.0', 'Takes several elements.']],
  },
  lpop: {
    summary: 'Takes elements off the head of a list, and with the last one the list.',
    since: '1.0.0',
    complexity: AT_ENDS,
    syntax: 'key:k0 [count:i]@6.2.0',
    history: [['6.2.0', 'Takes `count`.']],
  },
  rpop: {
    summary: 'Takes elements off the tail of a list, and with the last one the list.',
    since: '1.0.0',
    complexity: AT_ENDS,
    syntax: 'key:k0 [count:i]@6.2.0',
    history: [['6.2.0', 'Takes `count`.']],
  },
  llen: {
    summary: 'Answers how many elements a list has.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0',
  },
  lrange: {
    summary: 'Answers the elements of a list from one index to another.',
    since: '1.0.0',
    complexity: 'O(N) in the number of elements answered, and of chunks up to the first one',
    syntax: 'key:k0 start:i stop:i',
  },
  lindex: {
    summary: 'Answers the element of a list at an index.',
    since: '1.0.0',
    complexity: TO_INDEX,
    syntax: 'key:k0 index:i',
  },
  lset: {
    summary: 'Replaces the element of a list at an index.',
    since: '1.0.0',
    complexity: TO_INDEX,
    syntax: 'key:k0 index:i element',
  },
  linsert: {
    summary: 'Adds an element before or after the first one that equals another.',
    since: '2.2.0',
    complexity: 'O(N) in the number of elements up to that one',
    syntax: 'key:k0 where(BEFORE|AFTER) pivot element',
  },
  lrem: {
    summary: 'Removes elements that equal one, from either end on.',
    since: '1.0.0',
    complexity: ALL,
    syntax: 'key:k0 count:i element',
  },
  ltrim: {
    summary: 'Keeps the elements of a list from one index to another.',
    since: '1.0.0',
    complexity: 'O(N) in the number of elements that go',
    syntax: 'key:k0 start:i stop:i',
  },
  lpos: {
    summary: 'Answers at which indexes a list has an element.',
    since: '6.0.6',
    complexity: ALL,
    syntax: 'key:k0 element [RANK=rank:i] [COUNT=num-matches:i] [MAXLEN=len:i]',
  },
  lmove: {
    summary: 'Moves an element from an end of a list to an end of another one, or of the same.',
    since: '6.2.0',
    complexity: MOVES,
    syntax: 'source:k0 destination:k1 wherefrom(LEFT|RIGHT) whereto(LEFT|RIGHT)',
  },
  rpoplpush: {
    summary: 'Moves the last element of a list to the head of another one, or of the same.',
    since: '1.2.0',
    complexity: MOVES,
    syntax: 'source:k0 destination:k1',
    deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
  },
  lmpop: {
    summary: 'Takes elements off the first of several lists that has any.',
    since: '7.0.0',
    complexity: 'O(N + M) for N keys and M elements taken',
    syntax: 'numkeys:i key:k0+ where(LEFT|RIGHT) [COUNT=count:i]',
  },
  blpop: {
    summary: 'Takes the head off the first of several lists that has any, and waits for one.',
    since: '2.0.0',
    complexity: 'O(N) in the number of keys',
    syntax: 'key:k0+ timeout:d',
    history: [['6.0.0', 'Takes fractions of a second.']],
  },
  brpop: {
    summary: 'Takes the tail off the first of several lists that has any, and waits for one.',
    since: '2.0.0',
    complexity: 'O(N) in the number of keys',
    syntax: 'key:k0+ timeout:d',
    history: [['6.0.0', 'Takes fractions of a second.']],
  },
  blmove: {
    summary: 'Moves an element from an end of a list to an end of another one, and waits for one.',
    since: '6.2.0',
    complexity: MOVES,
    syntax: 'source:k0 destination:k1 wherefrom(LEFT|RIGHT) whereto(LEFT|RIGHT) timeout:d',
  },
  brpoplpush: {
    summary: 'Moves the last element of a list to the head of another one, and waits for one.',
    since: '2.2.0',
    complexity: MOVES,
    syntax: 'source:k0 destination:k1 timeout:d',
    deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
    history: [['6.0.0', 'Takes fractions of a second.']],
  },
  blmpop: {
    summary: 'Takes elements off the first of several lists that has any, and waits for one.',
    since: '7.0.0',
    complexity: 'O(N + M) for N keys and M elements taken',
    syntax: 'timeout:d numkeys:i key:k0+ where(LEFT|RIGHT) [COUNT=count:i]',
  },
};
