/**
 * Which namespace a database has. What clients and programs call database 0 to 15 is a place; what a record carries, and a
 * table belongs to, is a namespace, whose number never changes. So SWAPDB exchanges two numbers, whatever lies in the log.
 *
 * In the engine, but here, `database` means the number in the records, the namespace. Who has one by a client's name for
 * it asks `of` first.
 *
 * Kept in META records, and in checkpoints once it was changed: for each database 16 bytes, namespace u32, zero u32, and
 * the address of the SWAP that gave it (u48 in 8), 0 for none.
 */

import { readWide, writeWide } from './record.ts';

export const DATABASES = 16;
/** The namespace of what features keep for themselves: no database has it. */
export const OWN_NAMESPACE = 16;
const ENTRY_WORDS = 4;

export class Namespaces {
  private readonly map = Uint8Array.from({ length: DATABASES }, (_, database) => database);
  /** Where in the main log each database got the namespace it has; 0: it has had no other. */
  private readonly swapped = new Float64Array(DATABASES);

  /** The namespace of a database. */
  of(database: number): number {
    return this.map[database];
  }

  /** The database that has a namespace; -1 where none can. */
  databaseOf(namespace: number): number {
    return this.map.indexOf(namespace);
  }

  swappedAt(database: number): number {
    return this.swapped[database];
  }

  swap(one: number, other: number, oneAddress: number, otherAddress: number): void {
    const { map, swapped } = this;
    const namespace = map[one];
    map[one] = map[other];
    map[other] = namespace;
    swapped[one] = oneAddress;
    swapped[other] = otherAddress;
  }

  /** Whether no database was ever swapped. */
  get isPlain(): boolean {
    return this.swapped.every((address) => address === 0);
  }

  encode(): Int32Array {
    const words = new Int32Array(DATABASES * ENTRY_WORDS);
    for (let database = 0; database < DATABASES; database++) {
      words[database * ENTRY_WORDS] = this.map[database];
      writeWide(words, database * ENTRY_WORDS + 2, this.swapped[database]);
    }
    return words;
  }

  decode(words: Int32Array): void {
    for (let database = 0; database < DATABASES; database++) {
      this.map[database] = words[database * ENTRY_WORDS];
      this.swapped[database] = readWide(words, database * ENTRY_WORDS + 2);
    }
  }
}
