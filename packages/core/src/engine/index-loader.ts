/**
 * Fills one table after open, slice by slice: entries of the checkpoint, then what the logs say happened since.
 *
 * Replay only notes (hash, address, kind) of each record; the work on the table is done when its slice is first touched, so
 * that the first key of a store of any size is there at once. Relocations (cold log) are applied before the main log's
 * records: whatever a relocation got wrong, because the key changed while it ran, the main log says later.
 */

import { FerriteError } from '../base/errors.ts';
import { highOf, isCold, joinAddress, lowOf } from './address.ts';
import { readSection, type Section, sectionSum } from './checkpoint-format.ts';
import type { DeviceFile } from '../device/device.ts';
import { type HashTable, SLICE_SHIFT, type SliceLoader, sliceOf } from './hash-table.ts';
import { KeyScratch, sameKey } from './key-scratch.ts';
import { locate, locateWhole } from './locate.ts';
import { keyLengthOf, keyOffsetOf } from './record.ts';
import type { Store } from './store.ts';

const OVER = 1;
const TOMBSTONE = 2;
const UNITS_SHIFT = 4;
/** Entries of replay that one slice should have when there is no checkpoint to say how tables are cut. */
const REPLAY_PER_SLICE = 8192;
const SLICE_BITS_MAX = 16;

/** Records met in replay, in order, as flat growing arrays. */
class Notes {
  count = 0;
  hashes = new Int32Array(1024);
  lows = new Int32Array(1024);
  highs = new Uint16Array(1024);
  details = new Int32Array(1024);
  froms = new Float64Array(0);
  /** A chain through the notes of each slice, in order: its first and last note, and the note after each; -1 for none. */
  firsts: Int32Array;
  lasts: Int32Array;
  nexts = new Int32Array(1024);
  private sliceMask: number;
  private readonly withFrom: boolean;

  constructor(sliceMask: number, withFrom: boolean) {
    this.sliceMask = sliceMask;
    this.firsts = new Int32Array(sliceMask + 1).fill(-1);
    this.lasts = new Int32Array(sliceMask + 1).fill(-1);
    this.withFrom = withFrom;
    if (withFrom) this.froms = new Float64Array(1024);
  }

  push(hash: number, address: number, detail: number, from: number): void {
    const at = this.count++;
    if (at === this.hashes.length) this.grow();
    this.hashes[at] = hash;
    this.lows[at] = lowOf(address);
    this.highs[at] = highOf(address);
    this.details[at] = detail;
    if (this.withFrom) this.froms[at] = from;
    this.link(at, sliceOf(hash, this.sliceMask));
  }

  private link(at: number, slice: number): void {
    const last = this.lasts[slice];
    if (last < 0) this.firsts[slice] = at;
    else this.nexts[last] = at;
    this.nexts[at] = -1;
    this.lasts[slice] = at;
  }

  /** Cuts the notes into other slices. */
  cut(sliceMask: number): void {
    this.sliceMask = sliceMask;
    this.firsts = new Int32Array(sliceMask + 1).fill(-1);
    this.lasts = new Int32Array(sliceMask + 1).fill(-1);
    for (let at = 0; at < this.count; at++) this.link(at, sliceOf(this.hashes[at], sliceMask));
  }

  address(at: number): number {
    return joinAddress(this.highs[at], this.lows[at]);
  }

  grow(): void {
    const size = this.hashes.length * 2;
    const grow = <T extends { set(from: T): void }>(made: T, old: T): T => {
      made.set(old);
      return made;
    };
    this.hashes = grow(new Int32Array(size), this.hashes);
    this.lows = grow(new Int32Array(size), this.lows);
    this.highs = grow(new Uint16Array(size), this.highs);
    this.details = grow(new Int32Array(size), this.details);
    this.nexts = grow(new Int32Array(size), this.nexts);
    if (this.withFrom) this.froms = grow(new Float64Array(size), this.froms);
  }
}

export class IndexLoader implements SliceLoader {
  sliceMask = 0;
  private readonly store: Store;
  private readonly database: number;
  private readonly file: DeviceFile | null;
  private readonly onDamage: () => void;
  private readonly bySlice: Section[];
  /** By slice: where the logs ended when it was taken; what lies before is in it. */
  private readonly asOfMain: Float64Array;
  private readonly asOfCold: Float64Array;
  private readonly main: Notes;
  private readonly cold: Notes;
  private mainCommitted = 0;
  private coldCommitted = 0;
  private readonly key: KeyScratch;
  private readonly keysInCheckpoint: number;
  /**
   * Segments were retired since the checkpoint. A slot of it that points into one, and that no copy swings, is of a key
   * that was gone before: it may have expired, of which the log says nothing.
   */
  hasRetired = false;
  /** Of a record that only a slice of the checkpoint names: what it is taken to have left when it was flushed. */
  meanUnits = 0;
  // The last flush: how many records of the main log were noted before it, where it is, and where the cold log ended then.
  private flushedNotes = 0;
  private flushedMain = -1;
  private flushedCold = 0;
  private stagedFlush: { notes: number; address: number; coldTail: number } | null = null;

  /** `onDamage`: a slice of the checkpoint does not match its sum. */
  constructor(store: Store, database: number, sections: Section[], file: DeviceFile | null, onDamage: () => void) {
    this.onDamage = onDamage;
    this.store = store;
    this.database = database;
    this.file = file;
    this.bySlice = [];
    this.key = new KeyScratch(store.identity);
    let keys = 0;
    for (const section of sections) {
      this.bySlice[section.slice] = section;
      this.sliceMask = 2 ** section.sliceBits - 1;
      keys += section.count;
    }
    this.keysInCheckpoint = keys;
    this.main = new Notes(this.sliceMask, false);
    this.cold = new Notes(this.sliceMask, true);
    this.asOfMain = new Float64Array(this.sliceMask + 1);
    this.asOfCold = new Float64Array(this.sliceMask + 1);
    for (const section of sections) {
      this.asOfMain[section.slice] = section.asOfMain;
      this.asOfCold[section.slice] = section.asOfCold;
    }
  }

  /** A key's record, or tombstone, of the main log. */
  noteMain(hash: number, address: number, over: boolean, tombstone: boolean, units: number): void {
    if (address < this.asOfMain[sliceOf(hash, this.sliceMask)]) return;
    this.main.push(hash, address, (over ? OVER : 0) | (tombstone ? TOMBSTONE : 0) | (units << UNITS_SHIFT), 0);
  }

  /** A string's record of the main log; `over` 1 when it replaced a slot. Written out, see `Recovery.replayRecords`. */
  noteString(hash: number, address: number, units: number, over: number): void {
    const slice = (hash >>> SLICE_SHIFT) & this.sliceMask;
    if (address < this.asOfMain[slice]) return;
    const { main } = this;
    if (main.count === main.hashes.length) main.grow();
    const at = main.count++;
    const last = main.lasts[slice];
    if (last < 0) main.firsts[slice] = at;
    else main.nexts[last] = at;
    main.nexts[at] = -1;
    main.lasts[slice] = at;
    main.hashes[at] = hash;
    main.lows[at] = address | 0;
    main.highs[at] = address / 4294967296;
    main.details[at] = over | (units << UNITS_SHIFT);
  }

  noteCold(hash: number, address: number, from: number, units: number): void {
    if (address < this.asOfCold[sliceOf(hash, this.sliceMask)]) return;
    this.cold.push(hash, address, units << UNITS_SHIFT, from);
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

  /** Ends noting: makes the table, which asks for its slices from now on. */
  attach(): void {
    const notes = this.mainCommitted + this.coldCommitted;
    if (this.bySlice.length === 0) {
      const bits = Math.min(SLICE_BITS_MAX, Math.ceil(Math.log2(Math.max(1, notes / REPLAY_PER_SLICE))));
      this.sliceMask = 2 ** bits - 1;
      this.main.cut(this.sliceMask);
      this.cold.cut(this.sliceMask);
    }
    const table = this.store.makeTable(this.database, this.keysInCheckpoint, this.sliceMask + 1);
    table.attachLoader(this);
  }

  load(table: HashTable, slice: number): void {
    const start = this.store.clock.monotonicMs();
    const section = this.bySlice[slice];
    const isFlushed = section !== undefined && section.asOfMain <= this.flushedMain;
    if (section !== undefined) this.loadSection(table, section);
    if (isFlushed) this.dropSection(table, section);
    const { cold, main } = this;
    for (let i = cold.firsts[slice]; i >= 0 && i < this.coldCommitted; i = cold.nexts[i]) this.applyCold(table, i);
    for (let i = main.firsts[slice]; i >= 0 && i < this.mainCommitted; i = main.nexts[i]) this.applyMain(table, i);
    if (this.hasRetired && section !== undefined) this.dropUnheld(table, section);
    const held = this.store.clock.monotonicMs() - start;
    const counters = this.store.counters;
    if (held > counters.longestLoadStepMs) counters.longestLoadStepMs = held;
  }

  private loadSection(table: HashTable, section: Section): void {
    const words = readSection(this.file as DeviceFile, section);
    if (words === undefined || sectionSum(words, section.length, this.store.identity.salt) !== section.sum) {
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
    const hash = this.cold.hashes[note];
    const address = this.cold.address(note);
    const from = this.cold.froms[note];
    if (address < this.flushedCold) {
      this.store.addDead(address, this.cold.details[note] >>> UNITS_SHIFT);
      return;
    }
    if (table.findAddress(hash, from)) {
      table.setAddress(address);
      this.store.addDead(from, this.cold.details[note] >>> UNITS_SHIFT);
    } else if (this.bySlice.length === 0) {
      // Without a checkpoint the copy may be all that is left of the record.
      this.insertOrReplace(table, hash, address);
    } else {
      this.store.addDead(address, this.cold.details[note] >>> UNITS_SHIFT);
    }
  }

  private applyMain(table: HashTable, note: number): void {
    const hash = this.main.hashes[note];
    const address = this.main.address(note);
    const detail = this.main.details[note];
    const units = detail >>> UNITS_SHIFT;
    if (note < this.flushedNotes) {
      this.store.addDead(address, units);
      return;
    }
    const matches = table.matchesUpToTwo(hash);
    const tombstone = (detail & TOMBSTONE) !== 0;
    if (tombstone) this.store.addDead(address, units);
    if (matches === 0) {
      if (!tombstone) table.insert(hash, address);
      return;
    }
    const sure = matches === 1 && (detail & OVER) !== 0;
    let old = sure ? table.find(hash) : this.findSameKey(table, hash, address);
    // Its key had a slot: one whose record is gone, and of those with this hash one is as good as another.
    if (old === 0 && (detail & OVER) !== 0 && this.hasRetired) old = this.findUnheld(table, hash);
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
    const { store, key } = this;
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
