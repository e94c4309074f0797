/**
 * Turns keys and values that are ASCII into texts, several records with one call of the platform.
 *
 * Such a call costs more than what it does: a record that lies right behind the one before joins its group, and the group
 * is made one text of which keys and values are slices. So a text that the program keeps may keep up to `GROUP_MAX_BYTES`
 * in memory; longer records are made texts of their own.
 *
 * Called by the reader of entries, while a chunk of a scan is read: the records must stay where they are until `flush`.
 */

import type { FastBuffer } from '../engine/page-memory.ts';
import {
  FLAG_KEY_ASCII,
  FLAG_LONG_KEY,
  FLAG_VALUE_ASCII,
  keyOffsetOf,
  KIND_STRING,
  valueLengthOf,
} from '../engine/record.ts';
import type { Store } from '../engine/store.ts';

const GROUP_MAX_BYTES = 1024;
const GROUP_MAX = 64;
/** Most bytes between two records of a group. */
const GAP_MAX_BYTES = 40;
/** What the second header word of a string says if its key is short, and key and value are ASCII. */
const TEXTS = (KIND_STRING << 16) | (FLAG_KEY_ASCII << 24) | (FLAG_VALUE_ASCII << 24);
const TEXTS_MASK = TEXTS | (0xf << 16) | (FLAG_LONG_KEY << 24);

export class TextGroup {
  private entries: unknown[] = [];
  /** Place in `entries` of the first record. */
  private first = 0;
  private count = 0;
  private bytes: FastBuffer | null = null;
  // Byte offsets of each record: key, value, end.
  private readonly keys = new Int32Array(GROUP_MAX);
  private readonly values = new Int32Array(GROUP_MAX);
  private readonly ends = new Int32Array(GROUP_MAX);

  /** Has the located record's key and value put at `entries[at]` by the next `flush`; false if it is not for this. */
  tryAdd(store: Store, entries: unknown[], at: number): boolean {
    const { words, word, bytes } = store;
    const word1 = words[word + 1];
    if ((word1 & TEXTS_MASK) !== TEXTS) return false;
    const key = word * 4 + keyOffsetOf(word1);
    const value = key + (word1 & 0xffff);
    const end = value + valueLengthOf(words[word + 2]);
    if (end - key > GROUP_MAX_BYTES) return false;
    const { count, first } = this;
    if (count > 0) {
      const last = this.ends[count - 1];
      const isNext = key >= last && key - last <= GAP_MAX_BYTES && bytes === this.bytes;
      const hasRoom = count < GROUP_MAX && end - this.keys[0] <= GROUP_MAX_BYTES;
      if (!isNext || !hasRoom || at !== first + count || entries !== this.entries) this.flush();
    }
    if (this.count === 0) {
      this.entries = entries;
      this.first = at;
      this.bytes = bytes;
    }
    const i = this.count++;
    this.keys[i] = key;
    this.values[i] = value;
    this.ends[i] = end;
    return true;
  }

  flush(): void {
    const { count, bytes, keys, values, ends, entries, first } = this;
    if (count === 0 || bytes === null) return;
    this.count = 0;
    const start = keys[0];
    const text = bytes.latin1Slice(start, ends[count - 1]);
    for (let i = 0; i < count; i++) {
      const middle = values[i] - start;
      entries[first + i] = [text.slice(keys[i] - start, middle), text.slice(middle, ends[i] - start)];
    }
  }
}
