/**
 * Who reads the change feed, and from where: readers at work, and named cursors that outlive them.
 *
 * `heldFrom` says which main segments compaction must leave alone. A reader, or a cursor as it was last saved, holds the
 * log back as long as it is no more than the retention behind; after that it is cut, and told so when it comes back.
 *
 * Named cursors are kept in the file `feed-cursors`, replaced as a whole. A text: one line `<sum> <bytes>`, then one line
 * per cursor: `<token> <name as JSON>`; the sum is the word mix of all bytes after the first line. A file that does
 * not hold is as good as none: its readers are then told to take a snapshot or begin with the whole history.
 *
 * A cursor is saved at most once a second and when its reader ends, so a killed process gets the last second's changes
 * again: delivery is at least once.
 */

import { FerriteError } from '../base/errors.ts';
import type { Device, DeviceFile } from '../device/device.ts';
import { UNIT_BYTES } from './address.ts';
import { toFerriteError, writeFully } from './device-io.ts';
import { parseToken } from './feed-token.ts';
import { mixWord } from './record.ts';
import type { Store } from './store.ts';
import type { StoreIdentity } from './store-file.ts';

export const CURSORS_FILE = 'feed-cursors';
const TEMPORARY = 'feed-cursors.tmp';
const SAVE_INTERVAL_MS = 1000;
const CURSORS_MAX = 64;
const NAME_LENGTH_MAX = 200;
/** With a limit on disk, the most of it that readers may hold. */
const DISK_SHARE_HELD = 1 / 8;

interface Cursor {
  /** Dealt with so far. */
  token: string;
  savedToken: string;
  /** The log is needed from here on, as saved. */
  savedFrom: number;
  inUse: boolean;
}

/** A reader's place in the log. */
export interface FeedHold {
  from: number;
}

export class FeedCursors {
  private readonly store: Store;
  private readonly cursors = new Map<string, Cursor>();
  private readonly holds = new Set<FeedHold>();
  private waiting: (() => void)[] = [];
  private saving: Promise<void> | null = null;
  private lastSaveMs = Number.NEGATIVE_INFINITY;

  /** `names`: the files of the store. */
  constructor(store: Store, names: readonly string[]) {
    this.store = store;
    if (store.options.device !== null && names.includes(CURSORS_FILE)) this.load(store.options.device);
  }

  /** Main segments that end past this are still to be read by somebody. */
  heldFrom(): number {
    const { log, options, diskLimit } = this.store;
    if (diskLimit?.isUrgent) return Number.POSITIVE_INFINITY;
    const shareOfDisk = diskLimit === null ? Number.POSITIVE_INFINITY : diskLimit.maxBytes * DISK_SHARE_HELD;
    const least = log.tail - Math.min(options.feedRetentionBytes, shareOfDisk) / UNIT_BYTES;
    let held = Number.POSITIVE_INFINITY;
    for (const hold of this.holds) if (hold.from >= least) held = Math.min(held, hold.from);
    for (const cursor of this.cursors.values()) if (cursor.savedFrom >= least) held = Math.min(held, cursor.savedFrom);
    return held;
  }

  /** Bytes of log that `heldFrom` keeps. */
  get heldBytes(): number {
    return Math.max(0, this.store.log.tail - this.heldFrom()) * UNIT_BYTES;
  }

  hold(from: number): FeedHold {
    const hold = { from };
    this.holds.add(hold);
    return hold;
  }

  letGo(hold: FeedHold): void {
    this.holds.delete(hold);
  }

  /** Calls back once when more is durable, or the store is closed. */
  onMore(wake: () => void): void {
    this.waiting.push(wake);
    this.store.log.onDurable = () => this.wakeAll();
  }

  wakeAll(): void {
    const waiting = this.waiting;
    this.waiting = [];
    this.store.log.onDurable = null;
    for (const wake of waiting) wake();
  }

  /** Takes a named cursor for one reader; returns its token, undefined for a new one. */
  take(name: unknown): string | undefined {
    if (typeof name !== 'string' || name.length === 0 || name.length > NAME_LENGTH_MAX) {
      throw new FerriteError(
        'FERRITE_INVALID_ARGUMENT',
        `a reader's name is a text of 1 to ${NAME_LENGTH_MAX} characters`,
      );
    }
    if (this.store.identity.readOnly) {
      throw new FerriteError(
        'FERRITE_READ_ONLY',
        `a named reader is remembered in the store, and ${this.store.path} was opened read-only`,
      );
    }
    const cursor = this.cursors.get(name);
    if (cursor?.inUse)
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', `changes are being read under the name '${name}' already`);
    if (cursor === undefined && this.cursors.size >= CURSORS_MAX) {
      throw new FerriteError('FERRITE_INVALID_ARGUMENT', `there are at most ${CURSORS_MAX} named readers`);
    }
    return cursor?.token;
  }

  /** The reader of `name` begins at `token`. */
  begin(name: string, token: string, from: number): void {
    this.cursors.set(name, { token, savedToken: '', savedFrom: from, inUse: true });
    this.saveSoon();
  }

  /** Everything before `token` has been dealt with. */
  advance(name: string, token: string): void {
    (this.cursors.get(name) as Cursor).token = token;
    if (this.store.clock.monotonicMs() - this.lastSaveMs >= SAVE_INTERVAL_MS) this.saveSoon();
  }

  /** The reader of `name` has ended. */
  end(name: string): void {
    (this.cursors.get(name) as Cursor).inUse = false;
    if (!this.store.closed) this.saveSoon();
  }

  private get isDirty(): boolean {
    for (const cursor of this.cursors.values()) if (cursor.token !== cursor.savedToken) return true;
    return false;
  }

  private saveSoon(): void {
    const { device } = this.store.options;
    if (this.saving !== null || device === null || !this.isDirty) return;
    this.lastSaveMs = this.store.clock.monotonicMs();
    this.saving = this.save(device)
      .catch((error) => this.store.emitError(toFerriteError(error, `saving the cursors of ${this.store.path}`)))
      .finally(() => {
        this.saving = null;
      });
  }

  private async save(device: Device): Promise<void> {
    const tokens = this.tokens();
    const file = this.write(device, tokens);
    try {
      await file.sync();
    } finally {
      file.closeSync();
    }
    if (this.store.closed) return;
    device.renameSync(TEMPORARY, CURSORS_FILE);
    await device.syncDirectory();
    this.store.flash.fsyncs += 2;
    this.saved(tokens);
  }

  /** At close. */
  saveSync(): void {
    const { device } = this.store.options;
    if (device === null || !this.isDirty) return;
    const tokens = this.tokens();
    const file = this.write(device, tokens);
    file.syncSync();
    file.closeSync();
    device.renameSync(TEMPORARY, CURSORS_FILE);
    device.syncDirectorySync();
    this.store.flash.fsyncs += 2;
    this.saved(tokens);
  }

  private tokens(): Map<string, string> {
    const tokens = new Map<string, string>();
    for (const [name, cursor] of this.cursors) tokens.set(name, cursor.token);
    return tokens;
  }

  private write(device: Device, tokens: Map<string, string>): DeviceFile {
    const bytes = encode(tokens, this.store.identity.salt);
    if (device.listSync().includes(TEMPORARY)) device.removeSync(TEMPORARY);
    const file = device.openSync(TEMPORARY, 'create');
    writeFully(file, bytes, 0, bytes.length, 0);
    this.store.flash.writtenBytes += bytes.length;
    return file;
  }

  /** Only what is on disk lets compaction go on: after a crash the reader comes back to it. */
  private saved(tokens: Map<string, string>): void {
    for (const [name, token] of tokens) {
      const cursor = this.cursors.get(name);
      if (cursor === undefined) continue;
      cursor.savedToken = token;
      cursor.savedFrom = parseToken(token, this.store.identity).place.address;
    }
  }

  private load(device: Device): void {
    const file = device.openSync(CURSORS_FILE, 'read');
    const bytes = Buffer.alloc(file.sizeSync());
    const length = file.readSync(bytes, 0, bytes.length, 0);
    file.closeSync();
    for (const [name, token] of decode(bytes.subarray(0, length), this.store.identity.salt)) {
      const savedFrom = parseToken(token, this.store.identity).place.address;
      this.cursors.set(name, { token, savedToken: token, savedFrom, inUse: false });
    }
  }
}

/** Whether the file, which is there, matches its sum. */
export function cursorsHold(device: Device, identity: StoreIdentity): boolean {
  const file = device.openSync(CURSORS_FILE, 'read');
  const bytes = Buffer.alloc(file.sizeSync());
  const length = file.readSync(bytes, 0, bytes.length, 0);
  file.closeSync();
  return bodyOf(bytes.subarray(0, length), identity.salt) !== undefined;
}

function sumOf(bytes: Uint8Array, salt: number): number {
  let sum = mixWord(salt, bytes.length);
  for (const byte of bytes) sum = mixWord(sum, byte);
  return sum >>> 0;
}

function encode(tokens: Map<string, string>, salt: number): Buffer {
  let text = '';
  for (const [name, token] of tokens) text += `${token} ${JSON.stringify(name)}\n`;
  const body = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from(`${sumOf(body, salt)} ${body.length}\n`), body]);
}

/** What follows the first line; undefined when it does not match its sum. */
function bodyOf(bytes: Buffer, salt: number): Buffer | undefined {
  const bodyAt = bytes.indexOf('\n') + 1;
  const body = bytes.subarray(bodyAt);
  return bytes.toString('latin1', 0, bodyAt) === `${sumOf(body, salt)} ${body.length}\n` ? body : undefined;
}

function decode(bytes: Buffer, salt: number): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const line of bodyOf(bytes, salt)?.toString('utf8').split('\n') ?? []) {
    const space = line.indexOf(' ');
    if (space > 0) tokens.set(JSON.parse(line.slice(space + 1)) as string, line.slice(0, space));
  }
  return tokens;
}
