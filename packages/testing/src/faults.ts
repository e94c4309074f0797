/**
 * The errors and short writes that a test plans for a simulated disk.
 */
import type { Prng } from '@ferrite/core/module';

export type SimOperation =
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'open'
  | 'create'
  | 'rename'
  | 'remove'
  | 'syncDirectory';

export interface Fault {
  operation: SimOperation;
  /** Only for this file; without it for any. */
  name?: string;
  /** How many such operations succeed first; 0 without it. */
  after?: number;
  /** How many fail then; 1 without it, `Infinity` for a disk that stays broken. */
  times?: number;
  /** `EIO` without it. */
  code?: string;
}

interface PlannedFault extends Fault {
  after: number;
  times: number;
  code: string;
}

export class Faults {
  readonly #prng: Prng;
  readonly #planned: PlannedFault[] = [];
  #shortOneIn = 0;
  #lateOneIn = 0;

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  plan(fault: Fault): void {
    this.#planned.push({ after: 0, times: 1, code: 'EIO', ...fault });
  }

  /** Forgets planned errors, short and late writes: the disk works again. */
  clear(): void {
    this.#planned.length = 0;
    this.#shortOneIn = 0;
    this.#lateOneIn = 0;
  }

  shortWrites(oneIn: number): void {
    this.#shortOneIn = oneIn;
  }

  lateWrites(oneIn: number): void {
    this.#lateOneIn = oneIn;
  }

  /** Whether the asynchronous write at hand happens only when it settles. */
  isLate(): boolean {
    return this.#lateOneIn > 0 && this.#prng.nextBelow(this.#lateOneIn) === 0;
  }

  /** The error planned for this operation, which counts as made. */
  next(operation: SimOperation, name: string): NodeJS.ErrnoException | undefined {
    let code: string | undefined;
    for (const fault of this.#planned) {
      if (fault.operation !== operation || (fault.name !== undefined && fault.name !== name)) continue;
      if (fault.after > 0) fault.after--;
      else if (fault.times > 0 && code === undefined) {
        fault.times--;
        code = fault.code;
      }
    }
    return code === undefined ? undefined : systemError(code, operation, name);
  }

  /** How many of `length` bytes a write takes, at least one. */
  shorten(length: number): number {
    if (this.#shortOneIn === 0 || length < 2 || this.#prng.nextBelow(this.#shortOneIn) > 0) return length;
    return 1 + this.#prng.nextBelow(length - 1);
  }
}

/** An error as the platform makes it. */
export function systemError(code: string, call: string, name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated, ${call} '${name}'`), { code, syscall: call });
}
