/** What `bench` can measure: by name, the command of a server, and, where the embedded door has it, the call. */
import type { Database } from '@ferrite/core';

export interface BenchTest {
  readonly name: string;
  /** `{key}` and `{value}` are put in. */
  readonly words: readonly string[];
  readonly call?: (db: Database<Buffer>, key: string, value: Buffer) => void;
}

export const benchTests: readonly BenchTest[] = [
  { name: 'ping', words: ['PING'] },
  { name: 'set', words: ['SET', '{key}', '{value}'], call: (db, key, value) => void db.set(key, value) },
  { name: 'get', words: ['GET', '{key}'], call: (db, key) => void db.get(key) },
  { name: 'incr', words: ['INCR', 'counter:{key}'], call: (db, key) => void db.incrBy(`counter:${key}`) },
  { name: 'lpush', words: ['LPUSH', 'list', '{value}'] },
  { name: 'rpush', words: ['RPUSH', 'list', '{value}'] },
  { name: 'lpop', words: ['LPOP', 'list'] },
  { name: 'rpop', words: ['RPOP', 'list'] },
  { name: 'sadd', words: ['SADD', 'set', 'member:{key}'] },
  { name: 'hset', words: ['HSET', 'hash', 'field:{key}', '{value}'] },
  { name: 'zadd', words: ['ZADD', 'zset', '1', 'member:{key}'] },
  { name: 'mset', words: ['MSET', ...Array.from({ length: 10 }, () => ['{key}', '{value}']).flat()] },
];
