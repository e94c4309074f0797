/**
 * What a program asked of a store, operation by operation, and so what the store must hold after any prefix of it.
 *
 * A batch is one operation. `find` answers the question of every power cut: of which prefix is this content the result?
 * Values are unique, so that an old value cannot pass for a new one. Used by the power-cut and replay suites.
 */

export interface Expected {
  value: string;
  /** ms since the epoch, 0 for never. */
  expiresAtMs: number;
}

export interface Change {
  key: string;
  /** undefined: the key is gone. */
  to: Expected | undefined;
}

export type Contents = Map<string, Expected>;

export class History {
  readonly #base: Contents;
  readonly #operations: Change[][] = [];
  /** State after everything so far. */
  readonly now: Contents;
  /** Every key that ever was. */
  readonly keys: Set<string>;

  constructor(base: Contents = new Map(), keys: Iterable<string> = base.keys()) {
    this.#base = base;
    this.now = new Map(base);
    this.keys = new Set(keys);
  }

  /** Operations so far. */
  get count(): number {
    return this.#operations.length;
  }

  /** Adds one operation, whole or not at all; returns how many there are now. */
  add(changes: Change[]): number {
    this.#operations.push(changes);
    for (const change of changes) {
      this.keys.add(change.key);
      set(this.now, change);
    }
    return this.#operations.length;
  }

  /** A key's entry, unless its time is over. */
  live(key: string, nowMs: number): Expected | undefined {
    const found = this.now.get(key);
    return found !== undefined && !isOver(found, nowMs) ? found : undefined;
  }

  /** State after the first `count` operations. */
  stateAfter(count: number): Contents {
    const state = new Map(this.#base);
    for (const changes of this.#operations.slice(0, count)) for (const change of changes) set(state, change);
    return state;
  }

  /** The first `count` operations alone: the rest never happened. */
  prefix(count: number): History {
    const prefix = new History(this.#base, this.keys);
    for (const changes of this.#operations.slice(0, count)) prefix.add(changes);
    return prefix;
  }

  /** The longest prefix, of `low` to `high` operations, that leaves this content at `nowMs`; -1 when none does. */
  find(content: Contents, low: number, high: number, nowMs: number): number {
    const state = this.stateAfter(low);
    const wrong = new Set<string>();
    const judge = (key: string): void => {
      const asked = state.get(key);
      const live = asked !== undefined && !isOver(asked, nowMs) ? asked : undefined;
      if (isSame(live, content.get(key))) wrong.delete(key);
      else wrong.add(key);
    };
    for (const key of this.keys) judge(key);
    let found = wrong.size === 0 ? low : -1;
    for (let count = low + 1; count <= high; count++) {
      for (const change of this.#operations[count - 1]) {
        set(state, change);
        judge(change.key);
      }
      if (wrong.size === 0) found = count;
    }
    return found;
  }

  /** Where the content differs from the state after `count` operations, for messages. */
  differences(content: Contents, count: number, nowMs: number): string[] {
    const state = this.stateAfter(count);
    const texts: string[] = [];
    for (const key of this.keys) {
      const asked = state.get(key);
      const live = asked !== undefined && !isOver(asked, nowMs) ? asked : undefined;
      const got = content.get(key);
      if (!isSame(live, got)) texts.push(`${key}: ${show(live)} expected, ${show(got)} found`);
    }
    return texts;
  }
}

function set(state: Contents, change: Change): void {
  if (change.to === undefined) state.delete(change.key);
  else state.set(change.key, change.to);
}

function isOver(entry: Expected, nowMs: number): boolean {
  return entry.expiresAtMs !== 0 && entry.expiresAtMs <= nowMs;
}

function isSame(a: Expected | undefined, b: Expected | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.value === b.value && a.expiresAtMs === b.expiresAtMs;
}

function show(entry: Expected | undefined): string {
  if (entry === undefined) return 'nothing';
  const expiry = entry.expiresAtMs === 0 ? '' : ` until ${entry.expiresAtMs}`;
  return `'${entry.value.slice(0, 12)}' of ${entry.value.length}${expiry}`;
}
