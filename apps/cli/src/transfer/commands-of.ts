/** The commands that make an entry anew, whatever was at its key before. */
import type { Word } from '../client/encode.ts';
import type { Entry } from './entry.ts';

/** Members that one command carries. */
const MEMBERS_MAX = 500;

export function commandsOf(entry: Entry): Word[][] {
  const { key, expiresAtMs } = entry;
  if (entry.type === 'string') {
    return [expiresAtMs === undefined ? ['SET', key, entry.value] : ['SET', key, entry.value, 'PXAT', expiresAtMs]];
  }
  if (entry.type === 'dump') {
    return [
      ['RESTORE', key, expiresAtMs ?? 0, entry.value, 'REPLACE', ...(expiresAtMs === undefined ? [] : ['ABSTTL'])],
    ];
  }
  const commands: Word[][] = [['DEL', key]];
  if (entry.type === 'list') commands.push(...inParts('RPUSH', key, entry.value, (each) => [each]));
  if (entry.type === 'set') commands.push(...inParts('SADD', key, entry.value, (each) => [each]));
  if (entry.type === 'hash') commands.push(...inParts('HSET', key, entry.value, (pair) => pair));
  if (entry.type === 'zset') commands.push(...inParts('ZADD', key, entry.value, ([member, score]) => [score, member]));
  if (expiresAtMs !== undefined) commands.push(['PEXPIREAT', key, expiresAtMs]);
  return commands;
}

function inParts<T>(name: string, key: Buffer, members: readonly T[], words: (member: T) => readonly Word[]): Word[][] {
  const commands: Word[][] = [];
  for (let at = 0; at < members.length; at += MEMBERS_MAX) {
    commands.push([name, key, ...members.slice(at, at + MEMBERS_MAX).flatMap(words)]);
  }
  return commands;
}
