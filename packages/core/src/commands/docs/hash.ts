/** What COMMAND DOCS says of the commands of the group hash. */
import type { CommandDocs } from '../command-docs.ts';

/** How the fields are named that a command is about. */
const FIELDS = 'FIELDS=fields{numfields:i field+}';

export const hashDocs: CommandDocs = {
  hset: {
    summary: 'Sets fields of a hash, or makes it.',
    since: '2.0.0',
    complexity: 'O(1) for each field',
    syntax: 'key:k0 data{field value}+',
    history: [['4.0.0', 'Takes several fields.']],
  },
  hmset: {
    summary: 'Sets fields of a hash.',
    since: '2.0.0',
    complexity: 'O(1) for each field',
    syntax: 'key:k0 data{field value}+',
  },
  hsetnx: {
    summary: 'Sets a field of a hash that is not there yet.',
    since: '2.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 field value',
  },
  hget: { summary: 'Answers with the value of a field.', since: '2.0.0', complexity: 'O(1)', syntax: 'key:k0 field' },
  hmget: {
    summary: 'Answers with the values of fields.',
    since: '2.0.0',
    complexity: 'O(1) for each field',
    syntax: 'key:k0 field+',
  },
  hgetall: {
    summary: 'Answers with all fields and their values.',
    since: '2.0.0',
    complexity: 'O(N) in the number of fields',
    syntax: 'key:k0',
  },
  hkeys: {
    summary: 'Answers with all fields.',
    since: '2.0.0',
    complexity: 'O(N) in the number of fields',
    syntax: 'key:k0',
  },
  hvals: {
    summary: 'Answers with the values of all fields.',
    since: '2.0.0',
    complexity: 'O(N) in the number of fields',
    syntax: 'key:k0',
  },
  hlen: { summary: 'Counts the fields of a hash.', since: '2.0.0', complexity: 'O(1)', syntax: 'key:k0' },
  hexists: {
    summary: 'Answers whether a hash has a field.',
    since: '2.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 field',
  },
  hstrlen: {
    summary: 'Answers with the length of a fields value.',
    since: '3.2.0',
    complexity: 'O(1)',
    syntax: 'key:k0 field',
  },
  hdel: {
    summary: 'Removes fields, and with the last one the hash.',
    since: '2.0.0',
    complexity: 'O(1) for each field',
    syntax: 'key:k0 field+',
    history: [['2.4.0', 'Takes several fields.']],
  },
  hincrby: {
    summary: 'Adds to the integer in a field; one that is missing counts as 0.',
    since: '2.0.0',
    complexity: 'O(1)',
    syntax: 'key:k0 field increment:i',
  },
  hincrbyfloat: {
    summary: 'Adds to the number in a field; one that is missing counts as 0.',
    since: '2.6.0',
    complexity: 'O(1)',
    syntax: 'key:k0 field increment:d',
  },
  hscan: {
    summary: 'Walks through the fields of a hash in steps.',
    since: '2.8.0',
    complexity: 'O(1) for each step, O(N) for a whole walk',
    syntax: 'key:k0 cursor:i [MATCH=pattern:p] [COUNT=count:i] [NOVALUES]',
  },
  hrandfield: {
    summary: 'Answers with fields drawn at random.',
    since: '6.2.0',
    complexity: 'O(N) in the number of fields asked for',
    syntax: 'key:k0 [options{count:i [withvalues(WITHVALUES)]}]',
  },
  hexpire: {
    summary: 'Lets fields of a hash expire after so many seconds.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 seconds:i [condition(NX|XX|GT|LT)] ${FIELDS}`,
  },
  hpexpire: {
    summary: 'Lets fields of a hash expire after so many milliseconds.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 milliseconds:i [condition(NX|XX|GT|LT)] ${FIELDS}`,
  },
  hexpireat: {
    summary: 'Lets fields of a hash expire at a Unix time in seconds.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 unix-time-seconds:t [condition(NX|XX|GT|LT)] ${FIELDS}`,
  },
  hpexpireat: {
    summary: 'Lets fields of a hash expire at a Unix time in milliseconds.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 unix-time-milliseconds:t [condition(NX|XX|GT|LT)] ${FIELDS}`,
  },
  httl: {
    summary: 'Tells how many seconds fields of a hash have left.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 ${FIELDS}`,
  },
  hpttl: {
    summary: 'Tells how many milliseconds fields of a hash have left.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 ${FIELDS}`,
  },
  hexpiretime: {
    summary: 'Tells at which Unix time in seconds fields of a hash expire.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 ${FIELDS}`,
  },
  hpexpiretime: {
    summary: 'Tells at which Unix time in milliseconds fields of a hash expire.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 ${FIELDS}`,
  },
  hpersist: {
    summary: 'Takes the expiry off fields of a hash.',
    since: '7.4.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 ${FIELDS}`,
  },
  hgetex: {
    summary: 'Answers with the values of fields, and changes their expiry.',
    since: '8.0.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 [expiration(EX=seconds:i|PX=milliseconds:i|EXAT=unix-time-seconds:t|PXAT=unix-time-milliseconds:t|PERSIST)] ${FIELDS}`,
  },
  hsetex: {
    summary: 'Sets fields of a hash together with their expiry.',
    since: '8.0.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 [condition(FNX|FXX)] [expiration(EX=seconds:i|PX=milliseconds:i|EXAT=unix-time-seconds:t|PXAT=unix-time-milliseconds:t|KEEPTTL)] FIELDS=fields{numfields:i data{field value}+}`,
  },
  hgetdel: {
    summary: 'Answers with the values of fields, and removes them.',
    since: '8.0.0',
    complexity: 'O(1) for each field',
    syntax: `key:k0 ${FIELDS}`,
  },
};
