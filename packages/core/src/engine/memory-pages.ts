/**
 * Pages of a memory-only store: handed out to the log, measured for garbage, taken back when compacted.
 *
 * Page 0 is never used, so that no record has address 0. `take` never refuses: what a limit on memory means is decided
 * between operations, by eviction and compaction, not in the middle of one.
 */

import { UNIT_BYTES } from './address.ts';
import type { PageMemory } from './page-memory.ts';

export class MemoryPages {
  private readonly memory: PageMemory;
  private readonly free: number[] = [];
  /** Per page: end of its records, and dead units among them. -1 for a free page. */
  private readonly ends: number[] = [-1];
  private readonly dead: number[] = [0];
  /** How often a page was given out: part of a record's version. */
  private readonly turns: number[] = [0];
  private current = 0;
  deadUnits = 0;

  constructor(memory: PageMemory) {
    this.memory = memory;
  }

  /** Start address of an empty page; `tail` ends the page in use so far. */
  take(tail: number): number {
    if (this.current !== 0) this.ends[this.current] = tail;
    const pageUnits = this.memory.pageUnits;
    const page = this.free.pop() ?? this.memory.grow() / pageUnits;
    this.ends[page] = (page + 1) * pageUnits;
    this.dead[page] = 0;
    this.turns[page] = ((this.turns[page] ?? 0) + 1) & 0xffff;
    this.current = page;
    return page * pageUnits;
  }

  pageOf(address: number): number {
    return Math.floor(address / this.memory.pageUnits);
  }

  /** Address and turn of the page in one number: two records at one address, one after the other, differ. */
  versionOf(address: number): number {
    return this.turns[this.pageOf(address)] * 2 ** 37 + address;
  }

  addDead(address: number, units: number): void {
    this.dead[this.pageOf(address)] += units;
    this.deadUnits += units;
  }

  /** The page with the most garbage, apart from the one in use; 0 for none with any. */
  worst(): number {
    let worst = 0;
    for (let page = 1; page < this.ends.length; page++) {
      if (page !== this.current && this.ends[page] > 0 && this.dead[page] > this.dead[worst]) worst = page;
    }
    return worst;
  }

  startOf(page: number): number {
    return page * this.memory.pageUnits;
  }

  endOf(page: number): number {
    return this.ends[page];
  }

  /** Nothing in the page is needed any more. */
  release(page: number): void {
    this.deadUnits -= this.dead[page];
    this.dead[page] = 0;
    this.ends[page] = -1;
    this.free.push(page);
  }

  /** Nothing of what was written so far is needed any more. `tail` ends the page in use. */
  releaseAll(tail: number): void {
    for (let page = 1; page < this.ends.length; page++) {
      if (page !== this.current && this.ends[page] >= 0) this.release(page);
    }
    if (this.current === 0) return;
    const units = tail - this.startOf(this.current);
    this.deadUnits += units - this.dead[this.current];
    this.dead[this.current] = units;
  }

  /** How often each page was given out. */
  turnsNow(): readonly number[] {
    return this.turns.slice();
  }

  /** Whether the page at an address has not been emptied since `turnsNow`. */
  isAsOf(turns: readonly number[], address: number): boolean {
    const page = this.pageOf(address);
    return this.ends[page] >= 0 && this.turns[page] === turns[page];
  }

  get freePages(): number {
    return this.free.length;
  }

  get usedPages(): number {
    return this.ends.length - 1 - this.free.length;
  }

  get usedBytes(): number {
    return this.usedPages * this.memory.pageUnits * UNIT_BYTES;
  }
}
