/** Commands that wait for EXEC: their arguments copied once, one after the other, into one buffer. */
import type { Call } from '../commands/call.ts';
import type { CommandRow } from '../commands/command.ts';

/** As much as redis lets a client send without running it (`client-query-buffer-limit`). */
const SIZE_MAX_BYTES = 1024 * 1024 * 1024;
const SIZE_FIRST_BYTES = 256;
const ARGUMENTS_AT_FIRST = 16;

export class CommandQueue {
  readonly rows: CommandRow[] = [];
  /** Flags that any of them has. */
  flags = 0;
  sizeBytes = 0;
  /** A command was refused when it should have been queued: EXEC will fail. */
  isSpoiled = false;
  private bytes = Buffer.allocUnsafeSlow(SIZE_FIRST_BYTES);
  private starts = new Int32Array(ARGUMENTS_AT_FIRST);
  private ends = new Int32Array(ARGUMENTS_AT_FIRST);
  /** Number of the first argument of each command, and of all arguments. */
  private readonly firsts: number[] = [0];

  get size(): number {
    return this.rows.length;
  }

  /** Memory held. */
  get heldBytes(): number {
    return this.bytes.length + this.starts.byteLength * 2;
  }

  /** Adds the command at hand. False: it does not fit. */
  push(call: Call): boolean {
    const length = lengthOf(call);
    if (this.sizeBytes + length > SIZE_MAX_BYTES) return false;
    const first = this.firsts[this.size];
    this.reserve(length, first + call.argc);
    let at = this.sizeBytes;
    for (let i = 0; i < call.argc; i++) {
      this.starts[first + i] = at;
      at += call.bytes.copy(this.bytes, at, call.starts[i], call.ends[i]);
      this.ends[first + i] = at;
    }
    this.sizeBytes = at;
    this.rows.push(call.row);
    this.firsts.push(first + call.argc);
    this.flags |= call.row.flags;
    return true;
  }

  private reserve(bytes: number, argumentsNeeded: number): void {
    const needed = this.sizeBytes + bytes;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.sizeBytes);
      this.bytes = larger;
    }
    if (argumentsNeeded > this.starts.length) {
      this.starts = grown(this.starts, argumentsNeeded);
      this.ends = grown(this.ends, argumentsNeeded);
    }
  }

  /** Makes command `i` the call. */
  load(i: number, call: Call): void {
    const first = this.firsts[i];
    call.row = this.rows[i];
    call.bytes = this.bytes;
    call.argc = this.firsts[i + 1] - first;
    call.starts = this.starts.subarray(first, first + call.argc);
    call.ends = this.ends.subarray(first, first + call.argc);
  }
}

function lengthOf(call: Call): number {
  let length = 0;
  for (let i = 0; i < call.argc; i++) length += call.ends[i] - call.starts[i];
  return length;
}

function grown(offsets: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, offsets.length * 2));
  larger.set(offsets);
  return larger;
}
