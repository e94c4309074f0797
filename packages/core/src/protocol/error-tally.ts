/** Error replies by their code, such as `ERR` or `WRONGTYPE`: what INFO shows as errorstats. */

const CODE = 'ERR';
/** Codes told apart: scripts can make up as many as they like. */
const CODES_MAX = 128;

export class ErrorTally {
  total = 0;
  /** The text of the last one. */
  last = '';
  /** The errors that have been put down to a command. */
  blamed = 0;
  private readonly counts = new Map<string, number>();

  get byCode(): ReadonlyMap<string, number> {
    return this.counts;
  }

  /** An error was written; `text` as `ReplyWriter.error` takes it. */
  note(text: string): void {
    this.total++;
    this.last = text;
    const end = text.indexOf(' ');
    const code = text.startsWith('-') ? text.slice(1, end < 0 ? undefined : end) : CODE;
    const count = this.counts.get(code) ?? 0;
    if (count > 0 || this.counts.size < CODES_MAX) this.counts.set(code, count + 1);
  }

  reset(): void {
    this.total = 0;
    this.blamed = 0;
    this.counts.clear();
  }
}
