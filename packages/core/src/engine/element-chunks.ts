/**
 * The directory of a list's chunks: in the order of their keys, with how many elements each holds; in typed arrays.
 *
 * Blocks of up to 512 entries follow each other, each with the sum of its elements: an index is found by passing over
 * blocks, from the end that is nearer, then over entries. Four million elements of 10 bytes are 24 blocks. Both ends grow
 * and shrink at no cost; within a block entries are shifted.
 *
 * An entry: address of the chunk's record (0 never), its key, bytes `[from, until)` of its value that hold elements, and
 * how many these are: one or more. What always holds: keys ascend; `count` is the sum over all entries.
 *
 * One cursor stands at an entry (`seekFirst`, `seekIndex`, ...). Whatever adds or removes entries may move it.
 */

const ENTRIES_FIRST = 2;
const ENTRIES_MAX = 512;
/** An end that is full moves to where there is room in the block, if at least a quarter of the block is free. */
const FULL_SHARE = 0.75;
/** Of a block: its object, and two typed arrays. */
const BLOCK_BYTES = 300;
const ENTRY_BYTES = 24;
/** Words of an entry: where its elements begin in the low 17 bits and their number above, and where they end. */
const FROM_BITS = 17;
const FROM_MASK = 2 ** FROM_BITS - 1;

class Block {
  /** Address and key of each entry. */
  numbers = new Float64Array(2 * ENTRIES_FIRST);
  words = new Int32Array(2 * ENTRIES_FIRST);
  start = 0;
  end = 0;
  /** Elements. */
  count = 0;

  get capacity(): number {
    return this.words.length >>> 1;
  }

  /** Moves all entries so that they begin at `start`, in arrays for `capacity` of them. */
  shift(start: number, capacity: number): void {
    const { numbers, words } = this;
    const size = this.end - this.start;
    const from = this.start;
    if (capacity !== this.capacity) {
      this.numbers = new Float64Array(2 * capacity);
      this.words = new Int32Array(2 * capacity);
      this.numbers.set(numbers.subarray(2 * from, 2 * this.end), 2 * start);
      this.words.set(words.subarray(2 * from, 2 * this.end), 2 * start);
    } else {
      numbers.copyWithin(2 * start, 2 * from, 2 * this.end);
      words.copyWithin(2 * start, 2 * from, 2 * this.end);
    }
    this.start = start;
    this.end = start + size;
  }

  /** Opens a gap before entry `slot`, for which there is room at the end. */
  open(slot: number): void {
    this.numbers.copyWithin(2 * slot + 2, 2 * slot, 2 * this.end);
    this.words.copyWithin(2 * slot + 2, 2 * slot, 2 * this.end);
    this.end++;
  }

  close(slot: number): void {
    this.numbers.copyWithin(2 * slot, 2 * slot + 2, 2 * this.end);
    this.words.copyWithin(2 * slot, 2 * slot + 2, 2 * this.end);
    this.end--;
  }

  /** First entry whose key is not below `key`; `end` if there is none. */
  lowerBound(key: number): number {
    let low = this.start;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.numbers[2 * middle + 1] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class ElementChunks {
  /** Elements of the list. */
  count = 0;
  /** Entries. */
  chunkCount = 0;
  /** All elements were taken: the key goes next, and the entries with it. */
  isOver = false;
  // The record of the list that was written last, and where its newest one of kind CUT is (`elements.ts`).
  newest = 0;
  cutAddress = 0;
  /** Key of the chunk that was noted for undo when that cut was written first; 0 for none. */
  notedKey = 0;
  private readonly blocks: Block[] = [];
  private blockIndex = 0;
  private block = new Block();
  private slot = 0;

  // Of the entry that the cursor stands at.

  get address(): number {
    return this.block.numbers[2 * this.slot];
  }

  get key(): number {
    return this.block.numbers[2 * this.slot + 1];
  }

  get from(): number {
    return this.block.words[2 * this.slot] & FROM_MASK;
  }

  get until(): number {
    return this.block.words[2 * this.slot + 1];
  }

  get elements(): number {
    return this.block.words[2 * this.slot] >>> FROM_BITS;
  }

  /** Keys of the outermost chunks, where there are any. */
  get firstKey(): number {
    const block = this.blocks[0];
    return block.numbers[2 * block.start + 1];
  }

  get lastKey(): number {
    const block = this.blocks[this.blocks.length - 1];
    return block.numbers[2 * block.end - 1];
  }

  seekFirst(): void {
    this.blockIndex = 0;
    this.block = this.blocks[0];
    this.slot = this.block.start;
  }

  seekLast(): void {
    this.blockIndex = this.blocks.length - 1;
    this.block = this.blocks[this.blockIndex];
    this.slot = this.block.end - 1;
  }

  /** Stands at the chunk that has element `index`, which there is; returns which of the chunk's elements it is. */
  seekIndex(index: number): number {
    const { blocks } = this;
    let before = 0;
    let i = 0;
    if (index < this.count / 2) while (before + blocks[i].count <= index) before += blocks[i++].count;
    else {
      i = blocks.length - 1;
      before = this.count - blocks[i].count;
      while (before > index) before -= blocks[--i].count;
    }
    const block = blocks[i];
    const { words } = block;
    let slot: number;
    if (index - before < block.count / 2) {
      slot = block.start;
      for (; before + (words[2 * slot] >>> FROM_BITS) <= index; slot++) before += words[2 * slot] >>> FROM_BITS;
    } else {
      slot = block.end - 1;
      before += block.count - (words[2 * slot] >>> FROM_BITS);
      while (before > index) before -= words[2 * --slot] >>> FROM_BITS;
    }
    this.blockIndex = i;
    this.block = block;
    this.slot = slot;
    return index - before;
  }

  /** Stands at the chunk with this key; false if there is none. */
  seekKey(key: number): boolean {
    const i = this.blockOf(key);
    if (i < 0) return false;
    const block = this.blocks[i];
    const slot = block.lowerBound(key);
    if (slot === block.end || block.numbers[2 * slot + 1] !== key) return false;
    this.blockIndex = i;
    this.block = block;
    this.slot = slot;
    return true;
  }

  /** Stands at the first chunk whose key is not below `key`; false if there is none. */
  seekFrom(key: number): boolean {
    if (this.chunkCount === 0) return false;
    const i = Math.max(0, this.blockOf(key));
    const block = this.blocks[i];
    this.stand(i, block, block.lowerBound(key));
    if (this.slot < block.end) return true;
    this.slot--;
    return this.next();
  }

  /** The last block that begins at or before `key`, -1 if there is none. */
  private blockOf(key: number): number {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = this.blocks[middle];
      if (block.numbers[2 * block.start + 1] <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Goes to the next chunk; false at the last one. */
  next(): boolean {
    if (this.slot + 1 < this.block.end) {
      this.slot++;
      return true;
    }
    if (this.blockIndex + 1 >= this.blocks.length) return false;
    this.block = this.blocks[++this.blockIndex];
    this.slot = this.block.start;
    return true;
  }

  /** Goes to the one before; false at the first one. */
  previous(): boolean {
    if (this.slot > this.block.start) {
      this.slot--;
      return true;
    }
    if (this.blockIndex === 0) return false;
    this.block = this.blocks[--this.blockIndex];
    this.slot = this.block.end - 1;
    return true;
  }

  /** Other elements of the chunk at hand are the list's. */
  setRange(from: number, until: number, elements: number): void {
    const { block, slot } = this;
    const more = elements - (block.words[2 * slot] >>> FROM_BITS);
    block.words[2 * slot] = from | (elements << FROM_BITS);
    block.words[2 * slot + 1] = until;
    block.count += more;
    this.count += more;
  }

  /** The chunk at hand has one more element, and ends at byte `until`. */
  addOne(until: number): void {
    const { block, slot } = this;
    block.words[2 * slot] += 1 << FROM_BITS;
    block.words[2 * slot + 1] = until;
    block.count++;
    this.count++;
  }

  /** The chunk at hand is in another record. */
  setAddress(address: number): void {
    this.block.numbers[2 * this.slot] = address;
  }

  /** Adds a chunk, or replaces the one with this key; the cursor stands at it. */
  put(key: number, address: number, from: number, until: number, elements: number): void {
    if (!this.seekKey(key)) this.insert(key);
    this.setAddress(address);
    this.setRange(from, until, elements);
  }

  private insert(key: number): void {
    const { blocks } = this;
    this.chunkCount++;
    if (blocks.length === 0) {
      // The one that was taken out last, if any was.
      this.block.start = this.block.end = 0;
      blocks.push(this.block);
    }
    const i = Math.max(0, this.blockOf(key));
    const block = blocks[i];
    const slot = block.lowerBound(key);
    if (slot === block.end) this.append(i, block);
    else if (slot === block.start) this.prepend(i, block);
    else this.insertWithin(i, block, key);
    const word = 2 * this.slot;
    this.block.numbers[word + 1] = key;
    this.block.words[word] = 0;
    this.block.words[word + 1] = 0;
  }

  private append(i: number, block: Block): void {
    if (block.end === block.capacity && !makeRoom(block, 0)) {
      block = new Block();
      this.blocks.splice(++i, 0, block);
    }
    this.stand(i, block, block.end++);
  }

  private prepend(i: number, block: Block): void {
    if (block.start === 0 && !makeRoom(block, 1)) {
      block = new Block();
      block.start = block.end = ENTRIES_FIRST;
      this.blocks.splice(i, 0, block);
    }
    this.stand(i, block, --block.start);
  }

  private insertWithin(i: number, block: Block, key: number): void {
    if (block.end - block.start === ENTRIES_MAX) {
      const other = halve(block);
      this.blocks.splice(i + 1, 0, other);
      if (other.numbers[2 * other.start + 1] < key) {
        block = other;
        i++;
      }
    }
    if (block.end === block.capacity) {
      const size = block.end - block.start;
      block.shift(0, size < block.capacity ? block.capacity : Math.min(ENTRIES_MAX, 2 * block.capacity));
    }
    const slot = block.lowerBound(key);
    block.open(slot);
    this.stand(i, block, slot);
  }

  private stand(blockIndex: number, block: Block, slot: number): void {
    this.blockIndex = blockIndex;
    this.block = block;
    this.slot = slot;
  }

  /** Takes out the chunk at hand. The cursor stands nowhere. */
  remove(): void {
    this.setRange(0, 0, 0);
    const { block, slot } = this;
    if (slot === block.start) block.start++;
    else if (slot === block.end - 1) block.end--;
    else block.close(slot);
    if (block.start === block.end) this.blocks.splice(this.blockIndex, 1);
    this.chunkCount--;
  }

  /** Takes out the chunk with this key, if there is one. */
  removeKey(key: number): void {
    if (this.seekKey(key)) this.remove();
  }

  /** Takes out the chunks before `key` (`atHead`), or after it. */
  removeBeyond(key: number, atHead: boolean): void {
    while (this.chunkCount > 0) {
      if (atHead) this.seekFirst();
      else this.seekLast();
      if (atHead ? this.key >= key : this.key <= key) return;
      this.remove();
    }
  }

  get blockCount(): number {
    return this.blocks.length;
  }

  /** Visits the chunks of the block with that number; returns the next one's. */
  forSome(blockIndex: number, visit: (address: number, until: number) => void): number {
    const { numbers, words, start, end } = this.blocks[blockIndex];
    for (let slot = start; slot < end; slot++) visit(numbers[2 * slot], words[2 * slot + 1]);
    return blockIndex + 1;
  }

  /** Whether `isSo` of the addresses of all chunks, in their order. */
  every(isSo: (address: number) => boolean): boolean {
    return this.blocks.every((block) => {
      for (let slot = block.start; slot < block.end; slot++) if (!isSo(block.numbers[2 * slot])) return false;
      return true;
    });
  }

  get bytesHeld(): number {
    return this.blocks.length * BLOCK_BYTES + this.chunkCount * ENTRY_BYTES;
  }
}

/** Makes room at an end of a block: at its last entry, or, with `side` 1, before its first one. False: it is full. */
function makeRoom(block: Block, side: 0 | 1): boolean {
  const size = block.end - block.start;
  let { capacity } = block;
  if (size >= capacity * FULL_SHARE) {
    if (capacity === ENTRIES_MAX) return false;
    capacity *= 2;
  }
  block.shift(side === 0 ? 0 : capacity - size, capacity);
  return true;
}

/** Moves the upper half of a full block to a new one, which is returned. */
function halve(block: Block): Block {
  const other = new Block();
  const middle = (block.start + block.end) >>> 1;
  const size = block.end - middle;
  other.numbers = new Float64Array(2 * ENTRIES_MAX);
  other.words = new Int32Array(2 * ENTRIES_MAX);
  other.numbers.set(block.numbers.subarray(2 * middle, 2 * block.end));
  other.words.set(block.words.subarray(2 * middle, 2 * block.end));
  other.end = size;
  block.end = middle;
  for (let i = 0; i < size; i++) other.count += other.words[2 * i] >>> FROM_BITS;
  block.count -= other.count;
  return other;
}
