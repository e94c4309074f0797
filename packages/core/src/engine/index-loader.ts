/**
 * Fills one table after open, slice by slice: entries of the checkpoint, then what the logs say happened since.
 *
 * Replay only notes (hash, address, kind) of each record; the work on the table is done when its slice is first touched, so
 * that the first key of a store of any size is there at once. Relocations (cold log) are applied before the main log's
 * records: whatever a relocation got wrong, because the key changed while it ran, the main log says later.
 */

import { FerriteError } from '../base/errors.ts';
import { isCold } from './address.ts';
import { type Directory, readSectionInto, type Section, type SliceTable, sectionSum } from './checkpoint-format.ts';
import type { DeviceFile } from '../device/device.ts';
import { type HashTable, type SliceLoader, sliceOf } from './hash-table.ts';
import { KeyScratch } from './key-scratch.ts';
import { OBJECT_TABLES } from './large-values.ts';
import { sameKey } from './same-key.ts';
import { locate, locateWhole } from './locate.ts';
import { type Memory, makeMemory } from './page-memory.ts';
import { keyLengthOf, keyOffsetOf } from './record.ts';
import { ReplayNotes } from './replay-notes.ts';
import { runInSlices } from './slices.ts';
import type { Store } from './store.ts';

/** Entries of replay that one slice should have when there is no checkpoint to say how tables are cut. */
const REPLAY_PER_SLICE = 2048;
const SLICE_BITS_MAX = 16;

export class IndexLoader implements SliceLoader {
  sliceMask = 0;
  private readonly store: Store;
  private readonly database: number;
  private readonly file: DeviceFile | null;
  private readonly onDamage: () => void;
  private readonly directory: Directory | null;
  private readonly slices: SliceTable | null;
  private readonly main: ReplayNotes;
  private readonly cold: ReplayNotes;
  private mainCommitted = 0;
  private coldCommitted = 0;
  /** The entries of a slice, as the checkpoint has them. */
  private buffer: Memory | null = null;
  /**
   * Segments were retired since the checkpoint. A slot of it that points into one, and that no copy swings, is of a key
   * that was gone before: it may have expired, of which the log says nothing.
   */
  hasRetired = false;
  /** Of a record that only a slice of the checkpoint names: what it is taken to have left when it was flushed. */
  meanUnits = 0;
  /** Something was noted since the last whole group; kept by who notes, where there are many. */
  isTouched = false;
  // The last flush: how many records of the main log were noted before it, where it is, and where the cold log ended then.
  private flushedNotes = 0;
  private flushedMain = -1;
  private flushedCold = 0;
  private stagedFlush: { notes: number; address: number; coldTail: number } | null = null;

  /** `directory` and `file` are of the checkpoint, if it knows the table, `first` its first entry. `onDamage`: a slice does not match its sum. */
  constructor(
    store: Store,
    database: number,
    directory: Directory | null,
    first: number,
    file: DeviceFile | null,
    onDamage: () => void,
  ) {
    this.onDamage = onDamage;
    this.store = store;
    this.database = database;
    this.directory = directory;
    this.file = file;
    this.slices = directory?.slicesFrom(first) ?? null;
    this.sliceMask = this.slices?.sliceMask ?? 0;
    const isOfMany = database >= OBJECT_TABLES;
    this.main = new ReplayNotes(this.sliceMask, isOfMany);
    this.cold = new ReplayNotes(this.sliceMask, isOfMany);
  }

  /** A key's record, or tombstone, of the main log. */
  noteMain(hash: number, address: number, over: boolean, tombstone: boolean, units: number): void {
    const { slices } = this;
    if (slices !== null && address < slices.asOfMain[sliceOf(hash, slices.sliceMask)]) return;
    this.main.push(hash, address, units, over, tombstone);
  }

  noteCold(hash: number, address: number, from: number, units: number): void {
    const { slices } = this;
    if (slices !== null && address < slices.asOfCold[sliceOf(hash, slices.sliceMask)]) return;
    this.cold.pushCopy(hash, address, units, from);
  }

  /** What was noted so far belongs to whole groups. */
  commit(): void {
    this.mainCommitted = this.main.count;
    this.coldCommitted = this.cold.count;
    if (this.stagedFlush === null) return;
    this.flushedNotes = this.stagedFlush.notes;
    this.flushedMain = this.stagedFlush.address;
    this.flushedCold = this.stagedFlush.coldTail;
    this.stagedFlush = null;
  }

  /** All keys are gone that were there before the META record at `address`. */
  noteFlush(address: number, coldTail: number): void {
    this.stagedFlush = { notes: this.main.count, address, coldTail };
  }

  /** What was noted since the last whole group will not become one. */
  dropStaged(): void {
    this.main.dropFrom(this.mainCommitted);
    this.cold.dropFrom(this.coldCommitted);
    this.stagedFlush = null;
  }

  /** Ends noting: makes the table, which asks for its slices from now on. */
  attach(): void {
    const notes = this.mainCommitted + this.coldCommitted;
    if (this.slices === null) {
      const bits = Math.min(SLICE_BITS_MAX, Math.ceil(Math.log2(Math.max(1, notes / REPLAY_PER_SLICE))));
      this.sliceMask = 2 ** bits - 1;
      this.main.cut(this.sliceMask);
      this.cold.cut(this.sliceMask);
    }
    const keys = (this.slices?.keyCount ?? 0) + this.main.freshCount;
    const table = this.store.makeTable(this.database, keys, this.sliceMask + 1);
    table.attachLoader(this);
  }

  load(table: HashTable, slice: number): void {
    const start = this.store.clock.monotonicMs();
    const section = this.sectionOf(slice);
    const isFlushed = section !== undefined && section.asOfMain <= this.flushedMain;
    if (section !== undefined) this.loadSection(table, section);
    if (isFlushed) this.dropSection(table, section);
    const { cold, main } = this;
    for (let i = cold.first(slice); i >= 0 && i < this.coldCommitted; i = cold.next(i)) {
      if (!cold.isDropped(i)) this.applyCold(table, i);
    }
    for (let i = main.first(slice); i >= 0 && i < this.mainCommitted; i = main.next(i)) {
      if (!main.isDropped(i)) this.applyMain(table, i);
    }
    if (this.hasRetired && section !== undefined) this.dropUnheld(table, section);
    const held = this.store.clock.monotonicMs() - start;
    const counters = this.store.counters;
    if (held > counters.longestLoadStepMs) counters.longestLoadStepMs = held;
  }

  bringAll(table: HashTable): void {
    const { store, database } = this;
    const isWanted = () => store.tableOf(database) === table;
    store.gate.waitFor(() => {
      this.loading ??= runInSlices(store, isWanted, () => !table.loadNext()).finally(() => {
        this.loading = null;
      });
      return this.loading;
    });
  }
  private loading: Promise<void> | null = null;

  private sectionOf(slice: number): Section | undefined {
    const entry = this.slices?.entries[slice] ?? -1;
    return entry < 0 ? undefined : this.directory?.at(entry);
  }

  private loadSection(table: HashTable, section: Section): void {
    if (this.buffer === null || section.length > this.buffer.bytes.length) {
      this.buffer = makeMemory(Math.ceil(section.length / 4) * 8);
    }
    const { bytes, words } = this.buffer;
    const isRead = readSectionInto(this.file as DeviceFile, section, bytes);
    if (!isRead || sectionSum(words, section.length, this.store.identity.salt) !== section.sum) {
      this.onDamage();
      throw new FerriteError(
        'FERRITE_CORRUPT',
        `a part of the newest index checkpoint of ${this.store.path} is damaged. It has been set aside: close and reopen, and the index is made from the checkpoint before it and the log`,
      );
    }
    table.fillSlice(words, section.count, section.high);
  }

  /** The slice was taken before the last flush. */
  private dropSection(table: HashTable, section: Section): void {
    const gone: number[] = [];
    table.forEachInSlice(section.slice, section.sliceBits, (hash, address) => gone.push(hash, address));
    for (let i = 0; i < gone.length; i += 2) {
      if (table.findAddress(gone[i], gone[i + 1])) table.remove();
      this.store.addDead(gone[i + 1], this.meanUnits);
    }
  }

  /** Whether the record was in a segment that is gone. */
  private isUnheld(address: number): boolean {
    const { log, cold } = this.store;
    return (isCold(address) ? cold?.segments : log.segments)?.find(address) === undefined;
  }

  /** Takes out the slots that point where no segment is. */
  private dropUnheld(table: HashTable, section: Section): void {
    const unheld: number[] = [];
    table.forEachInSlice(section.slice, section.sliceBits, (hash, address) => {
      if (this.isUnheld(address)) unheld.push(hash, address);
    });
    for (let i = 0; i < unheld.length; i += 2) if (table.findAddress(unheld[i], unheld[i + 1])) table.remove();
  }

  private applyCold(table: HashTable, note: number): void {
    const hash = this.cold.hashOf(note);
    const address = this.cold.addressOf(note);
    const from = this.cold.fromOf(note);
    if (address < this.flushedCold) {
      this.store.addDead(address, this.cold.unitsOf(note));
      return;
    }
    if (table.findAddress(hash, from)) {
      table.setAddress(address);
      this.store.addDead(from, this.cold.unitsOf(note));
    } else if (this.slices === null) {
      // Without a checkpoint the copy may be all that is left of the record.
      this.insertOrReplace(table, hash, address);
    } else {
      this.store.addDead(address, this.cold.unitsOf(note));
    }
  }

  private applyMain(table: HashTable, note: number): void {
    const hash = this.main.hashOf(note);
    const address = this.main.addressOf(note);
    const units = this.main.unitsOf(note);
    const over = this.main.isOver(note);
    const tombstone = this.main.isTombstone(note);
    if (note < this.flushedNotes) {
      this.store.addDead(address, units);
      return;
    }
    const matches = table.matchesUpToTwo(hash);
    if (tombstone) this.store.addDead(address, units);
    if (matches === 0) {
      if (!tombstone) table.insert(hash, address);
      return;
    }
    const sure = matches === 1 && over;
    let old = sure ? table.find(hash) : this.findSameKey(table, hash, address);
    // Its key had a slot: one whose record is gone, and of those with this hash one is as good as another.
    if (old === 0 && over && this.hasRetired) old = this.findUnheld(table, hash);
    if (old === 0) {
      if (!tombstone) table.insert(hash, address);
      return;
    }
    // The old record's size is not known without reading it; the new one's is the best guess.
    this.store.addDead(old, units);
    if (tombstone) table.remove();
    else table.setAddress(address);
  }

  private findUnheld(table: HashTable, hash: number): number {
    let address = table.find(hash);
    while (address !== 0 && !this.isUnheld(address)) address = table.next(hash);
    return address;
  }

  private insertOrReplace(table: HashTable, hash: number, address: number): void {
    const old = table.find(hash) === 0 ? 0 : this.findSameKey(table, hash, address);
    if (old === 0) table.insert(hash, address);
    else table.setAddress(address);
  }

  /** Address in the slot whose record has the same key as the one at `address`; the table stands there. 0 for none. */
  private findSameKey(table: HashTable, hash: number, address: number): number {
    const { store } = this;
    const key = scratchOf(store);
    locate(store, address);
    const word1 = store.words[store.word + 1];
    const start = store.word * 4 + keyOffsetOf(word1);
    key.setFrom(store.bytes, start, keyLengthOf(store.words, store.word));
    let old = table.find(hash);
    for (; old !== 0; old = table.next(hash)) {
      // The slot of a damaged record stays: whoever asks for its key is told of the damage, and nobody else.
      if ((this.hasRetired && this.isUnheld(old)) || !locateWhole(store, old)) continue;
      const length = keyLengthOf(store.words, store.word);
      const keyWord = store.word + (keyOffsetOf(store.words[store.word + 1]) >>> 2);
      if (length === key.length && sameKey(store.words, keyWord, key.words, 0, length)) return old;
    }
    return 0;
  }
}

const scratches = new WeakMap<Store, KeyScratch>();

/** One for all tables of a store: slices are filled while another key is at hand. */
function scratchOf(store: Store): KeyScratch {
  let scratch = scratches.get(store);
  if (scratch === undefined) {
    scratch = new KeyScratch(store.identity);
    scratches.set(store, scratch);
  }
  return scratch;
}
