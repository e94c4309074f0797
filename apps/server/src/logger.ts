/**
 * The server's log, in redis's style or as JSON, one object a line:
 *
 *     4711:M 27 Nov 2026 20:37:57.123 * Ready to accept connections
 *     {"time":"2026-11-27T20:37:57.123Z","level":"notice","pid":4711,"message":"Ready to accept connections"}
 *
 * Lines are written at once, so that the last ones before a crash are there.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Log, LogLevel } from '@ferrite/core/server';

export type LogFormat = 'redis' | 'json';

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
const MARKS: Record<LogLevel, string> = { debug: '.', verbose: '-', notice: '*', warning: '#' };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const STDOUT = 1;

export interface LoggerOptions {
  format: LogFormat;
  /** Whether lines of a level are written: asked each time, for it may change. */
  isLogged: (level: LogLevel) => boolean;
  /** Empty: standard output. */
  file: string;
}

/** Writes a line for each call. A file is opened anew each time, so that it may be moved away. */
export function makeLog({ format, isLogged, file }: LoggerOptions, now: () => Date = () => new Date()): Log {
  return (level, text) => {
    if (!isLogged(level)) return;
    const line = format === 'json' ? jsonLine(level, text, now()) : redisLine(level, text, now());
    append(file, `${line}\n`);
  };
}

/** Whether a level is logged where `lowest` is asked for: redis's `loglevel`, of which `nothing` is above all. */
export function isLogged(level: LogLevel, lowest: string): boolean {
  return lowest !== 'nothing' && LEVELS.indexOf(level) >= LEVELS.indexOf(lowest as LogLevel);
}

export function redisLine(level: LogLevel, text: string, at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${process.pid}:M ${day} ${time}.${ms} ${MARKS[level]} ${text}`;
}

export function jsonLine(level: LogLevel, text: string, at: Date): string {
  return JSON.stringify({ time: at.toISOString(), level, pid: process.pid, message: text });
}

/** What cannot be logged is lost: a full disk under the log must not stop the server. */
function append(file: string, line: string): void {
  try {
    if (file === '') writeSync(STDOUT, line);
    else {
      const descriptor = openSync(file, 'a');
      try {
        writeSync(descriptor, line);
      } finally {
        closeSync(descriptor);
      }
    }
  } catch {
    // Nobody is left to tell.
  }
}
