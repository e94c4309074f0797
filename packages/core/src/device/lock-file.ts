/**
 * The single-writer lock of a store: the file `lock` in its directory, naming the process that holds it.
 *
 * Node has no file locks of the kernel, so the lock is a file made exclusively, and a file outlives a SIGKILL. A lock
 * whose holder is provably dead is taken over; any other refuses with `FERRITE_LOCKED`, and a person may `steal` it.
 *
 * What always holds:
 * 1. `lock` appears whole: its text is written under a temporary name, then linked (`link(2)` fails if the name exists).
 *    Where a file system has no hard links it is created exclusively, written, and read again. Nothing is synced: after
 *    a power cut nobody holds the lock, whatever is left of it (3).
 * 2. Whoever replaces a stale lock first takes a claim, itself such a lock, whose name holds the stale lock's nonce
 *    (`lock.<nonce>`), and looks again at the lock under that claim. A nonce never comes back. So of any number of
 *    processes that saw the same dead holder, one replaces it, and a slower one finds another nonce and gives way.
 *    A claim left by a process that was killed inside that moment is taken over in the same way.
 * 3. A lock whose text is torn (empty, zeros, a cut line) counts as dead, after waiting for a writer that may just be
 *    busy. By 1 only a power cut tears it, and its holder went with the power; keeping to it would shut a device in
 *    the field out of its own data for ever. Text that is clearly of another program's making is not touched.
 * 4. The nonce comes from `entropy.ts`, not from the seeded prng of a simulation: two machines must never draw the
 *    same one, and no simulation runs this file (a simulated device has a lock of its own).
 *
 * A thief and a holder who releases in the same microseconds are not told apart; stealing is done by hand, rarely.
 * Called by `file-device.ts`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FerriteError } from '../base/errors.ts';
import type { DeviceLock } from './device.ts';
import { unpredictableBytes } from './entropy.ts';
import { describeSelf, judge, type LockHolder, parseHolder, type Verdict } from './lock-holder.ts';

const LOCK_NAME = 'lock';
const FILE_MODE = 0o600;
const ATTEMPTS_MAX = 16;
/** One claim upon another for each process that was killed while taking over; more than a few is no accident. */
const CLAIM_DEPTH_MAX = 8;
const TORN_READS_MAX = 20;
const TORN_WAIT_MS = 10;
const TEXT_BYTES_MAX = 4096;
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);

/** What a lock file says: `identity` differs for any two locks ever written; a torn one has no holder. */
interface Found {
  identity: string;
  holder: LockHolder | undefined;
  foreign: boolean;
}

/** One process trying to get the lock of one directory. */
interface Attempt {
  directory: string;
  procRoot: string;
  self: LockHolder;
  temporary: string;
}

export class LockFile implements DeviceLock {
  readonly #path: string;
  readonly #nonce: string;
  #released = false;

  /** `procRoot` is where the kernel's process files are; tests look at a platform without them. */
  static takeSync(directory: string, how: 'fail' | 'steal', procRoot = '/proc'): LockFile {
    const nonce = unpredictableBytes(16).toString('hex');
    const temporary = path.join(directory, `${LOCK_NAME}.${nonce}.new`);
    const attempt = { directory, procRoot, self: describeSelf(nonce, procRoot), temporary };
    try {
      if (how === 'steal') takeByForce(attempt);
      else take(attempt, LOCK_NAME, 0);
    } finally {
      removeIfThere(temporary);
    }
    sweep(directory);
    return new LockFile(path.join(directory, LOCK_NAME), nonce);
  }

  private constructor(file: string, nonce: string) {
    this.#path = file;
    this.#nonce = nonce;
  }

  isHeldSync(): boolean {
    return !this.#released && look(this.#path)?.identity === this.#nonce;
  }

  releaseSync(): void {
    if (this.isHeldSync()) removeIfThere(this.#path);
    this.#released = true;
  }
}

/** The lock and everything that is only there while it changes hands. */
export function isLockName(name: string): boolean {
  return name === LOCK_NAME || name.startsWith(`${LOCK_NAME}.`);
}

function takeByForce(attempt: Attempt): void {
  for (let i = 0; i < ATTEMPTS_MAX; i++) {
    if (placeOver(attempt, LOCK_NAME)) return;
  }
  throw changingHands(attempt);
}

/** Gets the lock `name`, the store's own or a claim, or throws `FERRITE_LOCKED`. */
function take(attempt: Attempt, name: string, depth: number): void {
  const file = path.join(attempt.directory, name);
  for (let i = 0; i < ATTEMPTS_MAX; i++) {
    if (place(attempt, file)) return;
    const found = lookPatiently(file);
    if (found === undefined) continue;
    const verdict = found.holder === undefined ? 'dead' : judge(found.holder, attempt.self, attempt.procRoot);
    if (found.foreign || verdict !== 'dead' || depth === CLAIM_DEPTH_MAX) throw locked(attempt, found, verdict);
    if (replaceStale(attempt, name, found, depth)) return;
  }
  throw changingHands(attempt);
}

/** Replaces the stale lock `found` unless somebody else was faster. */
function replaceStale(attempt: Attempt, name: string, found: Found, depth: number): boolean {
  const claim = `${LOCK_NAME}.${found.identity}`;
  take(attempt, claim, depth + 1);
  try {
    if (look(path.join(attempt.directory, name))?.identity !== found.identity) return false;
    return placeOver(attempt, name);
  } finally {
    removeIfThere(path.join(attempt.directory, claim));
  }
}

/** Puts our text at `file` if nothing is there. */
function place(attempt: Attempt, file: string): boolean {
  try {
    writeTemporary(attempt);
  } catch (error) {
    // On a full disk a lock that is there is judged all the same.
    if (NO_SPACE.has(String(codeOf(error))) && look(file) !== undefined) return false;
    throw error;
  }
  try {
    fs.linkSync(attempt.temporary, file);
    return true;
  } catch (error) {
    const code = codeOf(error);
    // ENOENT: the new holder has swept our temporary file away.
    return code === 'EEXIST' || code === 'ENOENT' ? false : placeWithoutLinks(attempt, file);
  }
}

/** For file systems without hard links. The second look is for a writer that slept until it was taken for dead. */
function placeWithoutLinks(attempt: Attempt, file: string): boolean {
  try {
    writeNew(file, JSON.stringify(attempt.self));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  return look(file)?.identity === attempt.self.nonce;
}

/** Puts our text in the place of whatever is there, in one step. */
function placeOver(attempt: Attempt, name: string): boolean {
  writeTemporary(attempt);
  try {
    fs.renameSync(attempt.temporary, path.join(attempt.directory, name));
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function writeTemporary(attempt: Attempt): void {
  try {
    writeNew(attempt.temporary, JSON.stringify(attempt.self));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function writeNew(file: string, text: string): void {
  const fd = fs.openSync(file, 'wx', FILE_MODE);
  try {
    fs.writeSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}

/** A torn text may be a writer at work on a file system without hard links: gives it time to finish. */
function lookPatiently(file: string): Found | undefined {
  let found = look(file);
  for (let i = 0; i < TORN_READS_MAX && found !== undefined && found.holder === undefined && !found.foreign; i++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TORN_WAIT_MS);
    found = look(file);
  }
  return found;
}

/** What the lock file says now; undefined if there is none. */
function look(file: string): Found | undefined {
  let fd: number;
  try {
    fd = fs.openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(TEXT_BYTES_MAX);
    const text = bytes.toString('utf8', 0, fs.readSync(fd, bytes, 0, TEXT_BYTES_MAX, 0));
    const holder = parseHolder(text);
    if (holder !== undefined) return { identity: holder.nonce, holder, foreign: false };
    const status = fs.fstatSync(fd, { bigint: true });
    return { identity: `torn-${status.ino}-${status.mtimeNs}`, holder, foreign: !isTorn(text) };
  } finally {
    fs.closeSync(fd);
  }
}

/** The beginning of our line, with or without zeros where the rest never reached the disk. */
function isTorn(text: string): boolean {
  const zerosAt = text.indexOf('\0');
  const written = zerosAt === -1 ? text : text.slice(0, zerosAt);
  const intro = '{"pid":';
  const ours = written.length < intro.length ? intro.startsWith(written) : written.startsWith(intro);
  return ours && !written.endsWith('}');
}

function locked(attempt: Attempt, found: Found, verdict: Verdict): FerriteError {
  const { directory } = attempt;
  const holder = found.holder;
  if (holder === undefined || found.foreign) {
    const message = `The file 'lock' in ${directory} was not written by this version of Ferrite. Look what uses it; `;
    return new FerriteError('FERRITE_LOCKED', `${message}if nothing does, open the store with { lock: 'steal' }.`);
  }
  const who = {
    dead: `process ${holder.pid}, which has ended, but taking its lock over keeps failing`,
    thread: `another thread of this process (${holder.pid}), or another copy of this library in it`,
    process: `process ${holder.pid} on this machine`,
    unprovable: `process ${holder.pid} on host '${holder.host}', of which nothing can be seen from here`,
  }[verdict];
  const advice =
    'Only one may write: close it there or, when you are sure that it is not in use any more, open it with';
  return new FerriteError(
    'FERRITE_LOCKED',
    `The store in ${directory} is open in ${who}. ${advice} { lock: 'steal' }.`,
  );
}

function changingHands(attempt: Attempt): FerriteError {
  return new FerriteError('FERRITE_LOCKED', `The lock of ${attempt.directory} keeps changing hands; try again.`);
}

/** The holder clears away what killed processes left. By rule 2 no claim that is still of use can be among it. */
function sweep(directory: string): void {
  try {
    for (const name of fs.readdirSync(directory)) {
      if (name !== LOCK_NAME && isLockName(name)) removeIfThere(path.join(directory, name));
    }
  } catch {
    // It is litter, not the lock: the next holder tries again.
  }
}

/** `fs.rmSync` would do, but loads what removes directories first. */
function removeIfThere(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
