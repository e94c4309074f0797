/**
 * What replay met, until the index takes it: of each record, in order, its hash, its address and what it does to the slot;
 * and a chain through the notes of each slice.
 *
 * Notes lie in small pieces, so that nothing is copied as they grow. Small also because this runs once, just after the
 * start of the process: a path that is taken for the first time after the compiler has optimised the code around it
 * makes it begin again.
 *
 * A note is five words: hash, low word of the address, its high half and three bits of what the record is, its units, and
 * the next note of the slice. One `ReplayNotes` for each log and table; called by `IndexLoader`.
 */

import { highOf, joinAddress, lowOf } from './address.ts';
import { sliceOf } from './hash-table.ts';

const OVER = 0x10000;
const TOMBSTONE = 0x20000;
const DROPPED = 0x40000;
const NOTE_WORDS = 5;
const ADDRESS_WORD = 1;
const HIGH_WORD = 2;
const UNITS_WORD = 3;
const NEXT_WORD = 4;
const PIECE_SHIFT = 8;
/** Of the table of a collection, of which there may be very many. */
const PIECE_SHIFT_SMALL = 4;
const NONE = -1;

export class ReplayNotes {
  count = 0;
  /** Notes of keys that had no slot before. */
  freshCount = 0;
  private sliceMask = 0;
  private readonly pieceShift: number;
  private readonly pieceMask: number;
  private readonly pieces: Int32Array[] = [];
  /** Of relocations, by note: where the record was. */
  private readonly froms: number[] = [];
  /** By slice: its first and last note. */
  private firsts = new Int32Array(0);
  private lasts = new Int32Array(0);

  constructor(sliceMask: number, isOfMany = false) {
    this.pieceShift = isOfMany ? PIECE_SHIFT_SMALL : PIECE_SHIFT;
    this.pieceMask = (1 << this.pieceShift) - 1;
    this.cut(sliceMask);
  }

  /** A record of `units` that makes a slot, or changes one if `over`; a tombstone takes one away. */
  push(hash: number, address: number, units: number, over: boolean, tombstone: boolean): void {
    const note = this.count++;
    const word = (note & this.pieceMask) * NOTE_WORDS;
    if (word === 0) this.pieces.push(new Int32Array((this.pieceMask + 1) * NOTE_WORDS));
    const piece = this.pieces[note >>> this.pieceShift];
    piece[word] = hash;
    piece[word + ADDRESS_WORD] = lowOf(address);
    piece[word + HIGH_WORD] = highOf(address) | (over ? OVER : 0) | (tombstone ? TOMBSTONE : 0);
    piece[word + UNITS_WORD] = units;
    if (!over) this.freshCount++;
    this.link(note, sliceOf(hash, this.sliceMask));
  }

  /** A copy, in the cold log, of the record that was at `from`. */
  pushCopy(hash: number, address: number, units: number, from: number): void {
    this.push(hash, address, units, true, false);
    this.froms.push(from);
  }

  private link(note: number, slice: number): void {
    const last = this.lasts[slice];
    this.lasts[slice] = note;
    if (last === NONE) this.firsts[slice] = note;
    else this.pieces[last >>> this.pieceShift][(last & this.pieceMask) * NOTE_WORDS + NEXT_WORD] = note;
    this.pieces[note >>> this.pieceShift][(note & this.pieceMask) * NOTE_WORDS + NEXT_WORD] = NONE;
  }

  /** Cuts the notes into slices. */
  cut(sliceMask: number): void {
    this.sliceMask = sliceMask;
    this.firsts = new Int32Array(sliceMask + 1).fill(NONE);
    this.lasts = new Int32Array(sliceMask + 1).fill(NONE);
    for (let note = 0; note < this.count; note++) this.link(note, sliceOf(this.hashOf(note), sliceMask));
  }

  /** The first note of a slice; negative for none. */
  first(slice: number): number {
    return this.firsts[slice];
  }

  /** The note of the same slice after `note`; negative for none. */
  next(note: number): number {
    return this.wordOf(note, NEXT_WORD);
  }

  hashOf(note: number): number {
    return this.wordOf(note, 0);
  }

  addressOf(note: number): number {
    return joinAddress(this.wordOf(note, HIGH_WORD) & 0xffff, this.wordOf(note, ADDRESS_WORD));
  }

  fromOf(note: number): number {
    return this.froms[note];
  }

  unitsOf(note: number): number {
    return this.wordOf(note, UNITS_WORD);
  }

  isOver(note: number): boolean {
    return (this.wordOf(note, HIGH_WORD) & OVER) !== 0;
  }

  isTombstone(note: number): boolean {
    return (this.wordOf(note, HIGH_WORD) & TOMBSTONE) !== 0;
  }

  /** Its group turned out not to be whole. */
  isDropped(note: number): boolean {
    return (this.wordOf(note, HIGH_WORD) & DROPPED) !== 0;
  }

  /** Notes from `first` on are of a group that is not whole. */
  dropFrom(first: number): void {
    for (let note = first; note < this.count; note++) {
      this.pieces[note >>> this.pieceShift][(note & this.pieceMask) * NOTE_WORDS + HIGH_WORD] |= DROPPED;
    }
  }

  private wordOf(note: number, word: number): number {
    return this.pieces[note >>> this.pieceShift][(note & this.pieceMask) * NOTE_WORDS + word];
  }
}
