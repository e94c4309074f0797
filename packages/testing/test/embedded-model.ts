/**
 * What the embedded database should hold: a plain map with its keys sorted on demand, the reference of the fuzz.
 *
 * Every change is one step of a history that can be taken back from its end, because a killed process leaves a prefix of
 * the history: all of it that was acknowledged, and perhaps more. A batch is one step. Times are judged when asked, as the
 * engine does it; a key whose time is over is kept as a ghost until somebody looks, because `stats().keys` may count it.
 */

/** Bytes as a latin1 text: a key of a JavaScript map, in the order of the bytes. */
export type KeyText = string;

export interface ModelEntry {
  value: Buffer;
  /** ms since the epoch, 0 for never. */
  expiresAtMs: number;
}

interface Change {
  key: KeyText;
  before: ModelEntry | undefined;
  after: ModelEntry | undefined;
}

export class Model {
  readonly entries = new Map<KeyText, ModelEntry>();
  /** Told of each key that is removed or replaced after its time was over: an iterator need not give it any more. */
  onGone: ((key: KeyText) => void) | undefined;
  private history: Change[][] = [];
  /** Steps taken before the oldest one of `history`. */
  private forgotten = 0;
  private group: Change[] | null = null;
  private sorted: KeyText[] | null = null;

  /** Steps so far; the state after each can be a state after a kill. */
  get steps(): number {
    return this.forgotten + this.history.length;
  }

  isLive(entry: ModelEntry | undefined, nowMs: number): entry is ModelEntry {
    return entry !== undefined && (entry.expiresAtMs === 0 || entry.expiresAtMs > nowMs);
  }

  get(key: KeyText, nowMs: number): ModelEntry | undefined {
    const entry = this.entries.get(key);
    return this.isLive(entry, nowMs) ? entry : undefined;
  }

  /** Stores or removes (`after` undefined). A deadline that is over is a removal. */
  put(key: KeyText, after: ModelEntry | undefined, nowMs: number): void {
    const before = this.entries.get(key);
    const kept = this.isLive(after, nowMs) ? after : undefined;
    if (before !== undefined && (kept === undefined || !this.isLive(before, nowMs))) this.onGone?.(key);
    this.replace(key, kept);
    const change = { key, before, after: kept };
    if (this.group !== null) this.group.push(change);
    else this.history.push([change]);
  }

  /** Everything `run` puts is one step. */
  atomically(run: () => void): void {
    this.group = [];
    run();
    this.history.push(this.group);
    this.group = null;
  }

  private replace(key: KeyText, entry: ModelEntry | undefined): void {
    if (entry === undefined ? this.entries.delete(key) : !this.entries.has(key)) this.sorted = null;
    if (entry !== undefined) this.entries.set(key, entry);
  }

  /** The first `steps` steps are there for good. */
  keep(steps: number): void {
    const drop = steps - this.forgotten;
    if (drop <= 0) return;
    this.history.splice(0, drop);
    this.forgotten = steps;
  }

  /**
   * Takes steps back until the live entries are those of `found`, as few as possible. Returns how many, or the keys that
   * differ at the oldest state allowed.
   */
  rollBackTo(found: ReadonlyMap<KeyText, ModelEntry>, nowMs: number): number | KeyText[] {
    const wrong = new Set<KeyText>();
    const check = (key: KeyText) => {
      if (sameEntry(this.get(key, nowMs), found.get(key))) wrong.delete(key);
      else wrong.add(key);
    };
    for (const key of this.entries.keys()) check(key);
    for (const key of found.keys()) check(key);
    let taken = 0;
    while (wrong.size > 0) {
      const step = this.history.pop();
      if (step === undefined) return [...wrong];
      taken++;
      for (const { key, before } of step.reverse()) {
        this.replace(key, before);
        check(key);
      }
    }
    return taken;
  }

  /** Live keys in order. */
  keys(nowMs: number): KeyText[] {
    this.sorted ??= [...this.entries.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return this.sorted.filter((key) => this.get(key, nowMs) !== undefined);
  }

  /** Keys whose time is over and that are not removed yet. */
  ghosts(nowMs: number): KeyText[] {
    return [...this.entries.keys()].filter((key) => this.get(key, nowMs) === undefined);
  }
}

export function sameEntry(a: ModelEntry | undefined, b: ModelEntry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.expiresAtMs === b.expiresAtMs && a.value.equals(b.value);
}
