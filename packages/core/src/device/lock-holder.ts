/**
 * Who holds a store's lock, and what can be proved about it.
 *
 * A process id alone proves little: ids are used again, containers have their own, another machine may share the
 * directory. So a holder is written down with its start time, boot, pid namespace and host, and it counts as dead
 * only when all of that fits together. Everything not provable counts as alive, since two writers destroy a store.
 *
 * The lock file is one line of JSON, at most 4 KiB:
 *
 * | field              | meaning                                                                                |
 * |--------------------|----------------------------------------------------------------------------------------|
 * | `pid`              | process id, in its own pid namespace                                                   |
 * | `startTicks`       | when the process started, in clock ticks since boot; null where there is no /proc      |
 * | `threadId`         | the kernel's id of the thread that opened the store; null without /proc                |
 * | `threadStartTicks` | when that thread started: a terminated worker's lock is stale though its process lives |
 * | `bootId`           | the kernel's random id of this boot; null without /proc                                |
 * | `pidNamespace`     | such as `pid:[4026531836]`; null without /proc                                         |
 * | `host`             | host name                                                                              |
 * | `nonce`            | 32 hex digits, never used again: how a holder knows its own lock                       |
 *
 * Called by `lock-file.ts` only.
 */
import fs from 'node:fs';
import os from 'node:os';

const PROC_BYTES_MAX = 1024;

export interface LockHolder {
  readonly pid: number;
  readonly startTicks: number | null;
  readonly threadId: number | null;
  readonly threadStartTicks: number | null;
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
  readonly host: string;
  readonly nonce: string;
}

/**
 * `dead`: proved. `thread`: alive, and it is this very process. `process`: alive on this machine. `unprovable`: another
 * host, container or platform, of which nothing can be said from here.
 */
export type Verdict = 'dead' | 'thread' | 'process' | 'unprovable';

interface TaskStatus {
  state: string;
  threads: number;
  startTicks: number;
}

export function describeSelf(nonce: string, procRoot: string): LockHolder {
  const usable = readLink(`${procRoot}/self`) === String(process.pid);
  // Another namespace's /proc would answer for somebody else; below a file nothing is found.
  const root = usable ? procRoot : '/dev/null';
  const thread = readLink(`${root}/thread-self`)?.split('/').at(-1);
  return {
    pid: process.pid,
    startTicks: readStatus(`${root}/self/stat`)?.startTicks ?? null,
    threadId: thread === undefined ? null : Number(thread),
    threadStartTicks: readStatus(`${root}/thread-self/stat`)?.startTicks ?? null,
    bootId: readText(`${root}/sys/kernel/random/boot_id`) ?? null,
    pidNamespace: readLink(`${root}/self/ns/pid`) ?? null,
    host: os.hostname(),
    nonce,
  };
}

/** The holder written in a lock file, or undefined for anything else. */
export function parseHolder(text: string): LockHolder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const holder = value as Record<keyof LockHolder, unknown>;
  const valid =
    Number.isSafeInteger(holder.pid) &&
    Number(holder.pid) > 0 &&
    isNullOr('number', holder.startTicks) &&
    isNullOr('number', holder.threadId) &&
    isNullOr('number', holder.threadStartTicks) &&
    isNullOr('string', holder.bootId) &&
    isNullOr('string', holder.pidNamespace) &&
    typeof holder.host === 'string' &&
    typeof holder.nonce === 'string' &&
    /^[0-9a-f]{32}$/.test(holder.nonce);
  return valid ? (value as LockHolder) : undefined;
}

/** What `self` can prove about `holder`. */
export function judge(holder: LockHolder, self: LockHolder, procRoot: string): Verdict {
  if (holder.host !== self.host) return 'unprovable';
  if (holder.bootId !== self.bootId) {
    return holder.bootId !== null && self.bootId !== null ? 'dead' : 'unprovable';
  }
  if (holder.pidNamespace !== self.pidNamespace) return 'unprovable';
  if (holder.pid === self.pid) return judgeOwnProcess(holder, self, procRoot);
  if (!isRunning(holder.pid)) return 'dead';
  // Without /proc, or where it hides other users' processes, a running pid has to be taken for the holder.
  const status = self.startTicks === null ? undefined : readStatus(`${procRoot}/${holder.pid}/stat`);
  if (status === undefined) return 'process';
  if (holder.startTicks !== null && status.startTicks !== holder.startTicks) return 'dead';
  // A zombie writes no more, once the last of its threads has left the kernel.
  const ended = (status.state === 'Z' || status.state === 'X') && status.threads <= 1;
  return ended ? 'dead' : 'process';
}

/** Our own pid: an earlier process had it, or a thread of ours that has ended, or one that runs. */
function judgeOwnProcess(holder: LockHolder, self: LockHolder, procRoot: string): Verdict {
  if (holder.startTicks === null || self.startTicks === null) return 'thread';
  if (holder.startTicks !== self.startTicks) return 'dead';
  if (holder.threadId === null || holder.threadStartTicks === null) return 'thread';
  const status = readStatus(`${procRoot}/self/task/${holder.threadId}/stat`);
  return status?.startTicks === holder.threadStartTicks ? 'thread' : 'dead';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Fields 3, 20 and 22 of `/proc/<pid>/stat`; the name in field 2 may hold blanks and brackets. */
function readStatus(file: string): TaskStatus | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const startTicks = Number(fields[19]);
  if (fields.length < 20 || !Number.isFinite(startTicks)) return undefined;
  return { state: fields[0], threads: Number(fields[17]), startTicks };
}

/** What one read brings is all there is of these files. */
function readText(file: string): string | undefined {
  try {
    const fd = fs.openSync(file, 'r');
    try {
      const bytes = Buffer.allocUnsafe(PROC_BYTES_MAX);
      return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, PROC_BYTES_MAX, 0)).trim();
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function readLink(file: string): string | undefined {
  try {
    return fs.readlinkSync(file);
  } catch {
    return undefined;
  }
}

function isNullOr(type: 'number' | 'string', value: unknown): boolean {
  return value === null || typeof value === type;
}
