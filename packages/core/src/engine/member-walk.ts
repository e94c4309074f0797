/**
 * A walk through all members of a collection that goes step by step while the collection changes, in about the order in
 * which their records lie in the log: for what is made of them after an open (`score-build.ts`, `stream-build.ts`).
 *
 * First the slots are gathered in the order of hashes, as SCAN does, and put into parts by their addresses; then part after
 * part is visited. So a collection larger than memory is read about once from front to end, and one in memory line by line.
 * What always holds:
 *
 * 1. Each member that is there all the time is visited, as it is then, at least once. One that was moved meanwhile is found
 *    by its hash; whoever is called may meet it, and others with that hash, twice.
 * 2. A member that came meanwhile need not be visited.
 * 3. A step that throws can be repeated.
 */
import { COLD_BASE, isCold, joinAddress } from './address.ts';
import { type HashTable, POSITION_END, SliceCopy } from './hash-table.ts';
import type { LargeValue } from './large-values.ts';
import { membersOf } from './members.ts';
import type { Store } from './store.ts';
import { TableScan } from './table-scan.ts';

/** What one step takes: some 100 us each. */
const GATHERED_PER_STEP = 1024;
const BUCKETS_PER_STEP = 1024;
const VISITED_PER_STEP = 256;
const PARTS_MAX = 2048;
/** A part is at least so long: 64 KiB. */
const PART_UNITS_MIN = 8192;
/** Entries of a part lie together in blocks of 64, each a hash and an address in two words. */
const BLOCK_ENTRIES = 64;
const ENTRY_WORDS = 3;
const BLOCK_WORDS = BLOCK_ENTRIES * ENTRY_WORDS;
const CHUNK_BLOCKS = 256;
const NONE = -1;

/** The parts of one log. */
class Parts {
  private readonly from: number;
  private readonly units: number;
  /** By part its last block, and how many entries that has. */
  readonly last: Int32Array;
  readonly filled: Int32Array;

  constructor(from: number, until: number) {
    const span = Math.max(until - from, 1);
    this.from = from;
    this.units = Math.max(PART_UNITS_MIN, Math.ceil(span / PARTS_MAX));
    this.last = new Int32Array(Math.ceil(span / this.units)).fill(NONE);
    this.filled = new Int32Array(this.last.length);
  }

  partOf(address: number): number {
    return Math.max(0, Math.min(this.last.length - 1, Math.floor((address - this.from) / this.units)));
  }
}

export class MemberWalk {
  private readonly table: HashTable;
  private readonly scan: TableScan;
  private readonly copy = new SliceCopy();
  private readonly main: Parts;
  private readonly cold: Parts;
  private readonly chunks: Int32Array[] = [];
  /** By block the one of the same part that was filled before. */
  private readonly before: number[] = [];
  private readonly hashes = new Int32Array(VISITED_PER_STEP);
  private position = 0;
  /** How many parts of both logs have been visited. */
  private visited = 0;
  private found: number[] = [];

  constructor(store: Store, object: LargeValue) {
    const { log, cold, pages } = store;
    this.table = membersOf(object);
    this.scan = new TableScan(store);
    this.main = new Parts(pages === null ? log.begin : 0, pages === null ? log.tail : log.memory.ringUnits);
    this.cold = new Parts(COLD_BASE, cold?.tail ?? COLD_BASE);
  }

  /** Goes a little further: calls `visit` with members located. True at the end. */
  step(visit: () => void): boolean {
    if (this.table.loadNext()) return false;
    if (this.position !== POSITION_END) {
      this.gather();
      return false;
    }
    const { main, cold } = this;
    for (; this.visited < main.last.length + cold.last.length; this.visited++) {
      const isMain = this.visited < main.last.length;
      const parts = isMain ? main : cold;
      const part = isMain ? this.visited : this.visited - main.last.length;
      if (parts.last[part] === NONE) continue;
      this.visitSome(parts, part, visit);
      return false;
    }
    return true;
  }

  private gather(): void {
    const { copy, table } = this;
    copy.count = 0;
    let bucketsLeft = BUCKETS_PER_STEP;
    do this.position = table.copyBucketAt(this.position, copy);
    while (this.position !== POSITION_END && copy.count < GATHERED_PER_STEP && --bucketsLeft > 0);
    for (let i = 0; i < copy.count; i++) this.add(copy.hashes[i], copy.lows[i], copy.highs[i]);
  }

  private add(hash: number, low: number, high: number): void {
    const address = joinAddress(high, low);
    const parts = isCold(address) ? this.cold : this.main;
    const part = parts.partOf(address);
    if (parts.last[part] === NONE || parts.filled[part] === BLOCK_ENTRIES) {
      const block = this.before.push(parts.last[part]) - 1;
      if (block % CHUNK_BLOCKS === 0) this.chunks.push(new Int32Array(CHUNK_BLOCKS * BLOCK_WORDS));
      parts.last[part] = block;
      parts.filled[part] = 0;
    }
    const words = this.chunks[Math.floor(parts.last[part] / CHUNK_BLOCKS)];
    const at = (parts.last[part] % CHUNK_BLOCKS) * BLOCK_WORDS + parts.filled[part]++ * ENTRY_WORDS;
    words[at] = hash;
    words[at + 1] = low;
    words[at + 2] = high;
  }

  /** Visits some blocks of a part, which are done with then. */
  private visitSome(parts: Parts, part: number, visit: () => void): void {
    this.found.length = 0;
    let block = parts.last[part];
    let filled = parts.filled[part];
    for (let entries = 0; block !== NONE && entries < VISITED_PER_STEP; entries += BLOCK_ENTRIES) {
      this.findAll(block, filled);
      block = this.before[block];
      filled = BLOCK_ENTRIES;
    }
    this.scan.take(this.found);
    this.scan.forEach(visit);
    parts.last[part] = block;
    parts.filled[part] = filled;
  }

  private findAll(block: number, count: number): void {
    const { table, hashes } = this;
    const words = this.chunks[Math.floor(block / CHUNK_BLOCKS)];
    const base = (block % CHUNK_BLOCKS) * BLOCK_WORDS;
    for (let i = 0; i < count; i++) hashes[i] = words[base + i * ENTRY_WORDS];
    table.touched ^= table.touchAll(hashes, count);
    for (let i = 0; i < count; i++) {
      const at = base + i * ENTRY_WORDS;
      this.find(words[at], joinAddress(words[at + 2], words[at + 1]));
    }
  }

  private find(hash: number, address: number): void {
    const { table, found } = this;
    if (table.findAddress(hash, address)) found.push(address);
    else for (let other = table.find(hash); other !== 0; other = table.next(hash)) found.push(other);
  }
}
