/** What COMMAND DOCS says of the commands of the group string. */
import type { CommandDocs } from '../command-docs.ts';

export const stringDocs: CommandDocs = {
  get: { summary: 'Answers with the string at a key.', since: '1.0.0', complexity: 'O(1)', syntax: 'key:k0' },
  set: {
    summary: 'Stores a string at a key, whatever was there.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax:
      'key:k0 value [condition(NX|XX)@2.6.12] [GET@6.2.0] [expiration(EX=seconds:i@2.6.12|PX=milliseconds:i@2.6.12|EXAT=unix-time-seconds:t@6.2.0|PXAT=unix-time-milliseconds:t@6.2.0|KEEPTTL@6.0.0)]',
    history: [
      ['2.6.12', 'Takes EX, PX, NX and XX.'],
      ['6.0.0', 'Takes KEEPTTL.'],
      ['6.2.0', 'Takes GET, EXAT and PXAT.'],
      ['7.0.0', 'Takes NX and GET together.'],
    ],
  },
  setnx: {
    summary: 'Stores a string at a key that is not there yet.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 value',
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `NX` argument' },
  },
  setex: {
    summary: 'Stores a string that expires after so many seconds.',
    since: '2.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 seconds:i value',
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `EX` argument' },
  },
  psetex: {
    summary: 'Stores a string that expires after so many milliseconds.',
    since: '2.6.0',
    complexity: 'O(1)',
    syntax: 'key:k0 milliseconds:i value',
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `PX` argument' },
  },
  getset: {
    summary: 'Stores a string, and answers with the one before.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 value',
    deprecated: { since: '6.2.0', replacedBy: '`SET` with the `GET` argument' },
  },
  getdel: {
    summary: 'Answers with the string at a key, and deletes the key.',
    since: '6.2.0',
    complexity: 'O(1)',
    syntax: 'key:k0',
  },
  getex: {
    summary: 'Answers with the string at a key, and changes its expiry.',
    since: '6.2.0',
    complexity: 'O(1)',
    syntax:
      'key:k0 [expiration(EX=seconds:i|PX=milliseconds:i|EXAT=unix-time-seconds:t|PXAT=unix-time-milliseconds:t|PERSIST)]',
  },
  mget: {
    summary: 'Answers with the strings at several keys.',
    since: '1.0.0',
    complexity: 'O(N) in the keys',
    syntax: 'key:k0+',
  },
  mset: {
    summary: 'Stores strings at several keys, all at once.',
    since: '1.0.1',
    complexity: 'O(N) in the keys',
    syntax: 'data{key:k0 value}+',
  },
  msetnx: {
    summary: 'Stores strings at several keys, all at once, if none of the keys is there.',
    since: '1.0.1',
    complexity: 'O(N) in the keys',
    syntax: 'data{key:k0 value}+',
  },
  incr: {
    summary: 'Adds one to the integer at a key, which begins at 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0',
  },
  decr: {
    summary: 'Takes one from the integer at a key, which begins at 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0',
  },
  incrby: {
    summary: 'Adds to the integer at a key, which begins at 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 increment:i',
  },
  decrby: {
    summary: 'Takes from the integer at a key, which begins at 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 decrement:i',
  },
  incrbyfloat: {
    summary: 'Adds to the floating-point number at a key, which begins at 0.',
    since: '2.6.0',
    complexity: 'O(1)',
    syntax: 'key:k0 increment:d',
  },
  append: {
    summary: 'Adds to the end of the string at a key, or makes it.',
    since: '2.0.0',
    complexity: 'O(1) for what is short',
    syntax: 'key:k0 value',
  },
  strlen: { summary: 'Tells the length of the string at a key.', since: '2.2.0', complexity: 'O(1)', syntax: 'key:k0' },
  getrange: {
    summary: 'Answers with a part of the string at a key.',
    since: '2.4.0',
    complexity: 'O(N) in the length of the part',
    syntax: 'key:k0 start:i end:i',
  },
  substr: {
    summary: 'Answers with a part of the string at a key.',
    since: '1.0.0',
    complexity: 'O(N) in the length of the part',
    syntax: 'key:k0 start:i end:i',
    deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
  },
  setrange: {
    summary: 'Overwrites a part of the string at a key, or makes it.',
    since: '2.2.0',
    complexity: 'O(N) in the length of the part',
    syntax: 'key:k0 offset:i value',
  },
  lcs: {
    summary: 'Finds the longest subsequence that two strings have in common.',
    since: '7.0.0',
    complexity: 'O(N*M) in the lengths of the strings',
    syntax: 'key1:k0 key2:k0 [LEN] [IDX] [MINMATCHLEN=min-match-len:i] [WITHMATCHLEN]',
  },
};
