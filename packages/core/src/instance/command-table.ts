/** Commands by name, found from the bytes of a request without making a string of them. */
import type { CommandRow } from '../commands/command.ts';

const NAME_LENGTH_MAX = 32;
/** Names of up to so many bytes fit a word; those met last are found by it, as they were written. */
const SHORT_LENGTH_MAX = 4;
const SHORT_SLOTS = 64;

export class CommandTable {
  readonly rows: readonly CommandRow[];
  private readonly slots: (CommandRow | undefined)[];
  /** What the row in the same slot is called. */
  private readonly names: string[];
  private readonly mask: number;
  private readonly shortWords = new Int32Array(SHORT_SLOTS);
  private readonly shortLengths = new Int32Array(SHORT_SLOTS);
  private readonly shortRows: (CommandRow | undefined)[] = new Array(SHORT_SLOTS).fill(undefined);

  /** `renamed` gives commands another name, or none. Throws if two rows have one name. */
  constructor(rows: readonly CommandRow[], renamed: ReadonlyMap<string, string>) {
    this.rows = rows.filter(({ name }) => renamed.get(name) !== '');
    this.mask = 2 ** Math.ceil(Math.log2(rows.length * 4 + 1)) - 1;
    this.slots = new Array(this.mask + 1).fill(undefined);
    this.names = new Array(this.mask + 1).fill('');
    for (const row of this.rows) this.add(row, renamed.get(row.name) ?? row.name);
  }

  private add(row: CommandRow, name: string): void {
    const bytes = Buffer.from(name, 'latin1');
    let slot = hashOf(bytes, 0, bytes.length) & this.mask;
    for (; this.slots[slot] !== undefined; slot = (slot + 1) & this.mask) {
      if (this.names[slot] === name) throw new Error(`two commands are called ${name}`);
    }
    this.slots[slot] = row;
    this.names[slot] = name;
  }

  /** The command that `bytes[start, end)` names, in letters of either case. */
  find(bytes: Uint8Array, start: number, end: number): CommandRow | undefined {
    const length = end - start;
    if (length > SHORT_LENGTH_MAX) return this.findByHash(bytes, start, end);
    let word = 0;
    for (let i = start; i < end; i++) word = (word << 8) | bytes[i];
    const slot = (word ^ (word >>> 7)) & (SHORT_SLOTS - 1);
    const known = this.shortRows[slot];
    if (known !== undefined && this.shortWords[slot] === word && this.shortLengths[slot] === length) return known;
    const found = this.findByHash(bytes, start, end);
    this.shortRows[slot] = found;
    this.shortWords[slot] = word;
    this.shortLengths[slot] = length;
    return found;
  }

  private findByHash(bytes: Uint8Array, start: number, end: number): CommandRow | undefined {
    if (end - start > NAME_LENGTH_MAX) return undefined;
    let slot = hashOf(bytes, start, end) & this.mask;
    for (;;) {
      const row = this.slots[slot];
      if (row === undefined || isName(this.names[slot], bytes, start, end)) return row;
      slot = (slot + 1) & this.mask;
    }
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] | 0x20), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

function isName(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i];
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== name.charCodeAt(i)) return false;
  }
  return true;
}
