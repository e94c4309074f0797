/**
 * The request parser against a naive one that sees the whole stream as a string. However the stream is cut into chunks,
 * and wherever parsing is parked, the same commands and the same error must come out; and nothing may be read from a
 * chunk after it was given back.
 */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { COMMAND, NEED_MORE, PROTOCOL_ERROR, RequestParser } from './request-parser.ts';

const SEEDS = Array.from({ length: 5 }, (_, i) => i + 1);
const STREAMS = 150;
const BULK_LENGTH_MAX = 100_000;
const LINE_LENGTH_MAX = 65_536;

interface Outcome {
  commands: string[][];
  error: string;
  /** Bytes that belong to no finished command. */
  pending: number;
}

/** What the stream means: slow, and written another way. */
class NaiveParser {
  readonly commands: string[][] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Outcome {
    for (;;) {
      const start = this.#at;
      const verdict = this.#text[start] === '*' ? this.#multibulk() : this.#inline();
      if (verdict === 'more') return { commands: this.commands, error: '', pending: this.#text.length - start };
      if (verdict !== '') return { commands: this.commands, error: `Protocol error: ${verdict}`, pending: 0 };
    }
  }

  #multibulk(): string {
    const header = this.#line('\r', 1);
    if (header === undefined) return this.#tooLong('\r') ? 'too big mbulk count string' : 'more';
    const count = number(header.slice(1));
    if (count === undefined || count > 2_147_483_647n) return 'invalid multibulk length';
    const words: string[] = [];
    for (let left = count; left > 0; left--) {
      const first = this.#text[this.#at];
      const line = this.#line('\r', 1);
      if (line === undefined) return this.#tooLong('\r') ? 'too big bulk count string' : 'more';
      if (first !== '$') return `expected '$', got '${first.replace(/[\r\n]/, ' ')}'`;
      const length = number(line.slice(1));
      if (length === undefined || length < 0 || length > BULK_LENGTH_MAX) return 'invalid bulk length';
      if (this.#text.length < this.#at + Number(length) + 2) return 'more';
      words.push(this.#text.substr(this.#at, Number(length)));
      this.#at += Number(length) + 2;
    }
    if (words.length > 0) this.commands.push(words);
    return '';
  }

  #inline(): string {
    const line = this.#line('\n', 0);
    if (line === undefined) return this.#tooLong('\n') ? 'too big inline request' : 'more';
    const words: string[] = [];
    let rest = line.replace(/\r$/, '').replace(/^[ \t-\r]+/, '');
    while (rest !== '') {
      const token =
        /^([^ \t\r\n"']*)(?:"((?:\\.|[^"\\])*)"(?=[ \t-\r]|$)|'((?:\\'|[^'\\]|\\(?!'))*)'(?=[ \t-\r]|$)|(?=[ \t\r\n]|$))/s.exec(
          rest,
        );
      if (token === null) return 'unbalanced quotes in request';
      words.push(token[1] + unescapeDouble(token[2] ?? '') + (token[3] ?? '').replaceAll("\\'", "'"));
      rest = rest.slice(token[0].length).replace(/^[ \t-\r]+/, '');
    }
    if (words.length > 0) this.commands.push(words);
    return '';
  }

  /** The line at hand without its end, after which `skip` bytes more are dropped; undefined if it has no end yet. */
  #line(end: string, skip: number): string | undefined {
    const seen = this.#text.substr(this.#at, LINE_LENGTH_MAX + 1).split('\0')[0];
    const length = seen.indexOf(end);
    if (length < 0 || this.#at + length + skip >= this.#text.length) return undefined;
    this.#at += length + 1 + skip;
    return seen.slice(0, length);
  }

  #tooLong(end: string): boolean {
    const seen = this.#text.substr(this.#at, LINE_LENGTH_MAX + 1);
    return seen.length > LINE_LENGTH_MAX && !seen.split('\0')[0].includes(end);
  }
}

function number(text: string): bigint | undefined {
  if (!/^(0|-?[1-9]\d*)$/.test(text)) return undefined;
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? BigInt(text) : undefined;
}

function unescapeDouble(text: string): string {
  const named: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
  return text.replace(/\\x([0-9a-fA-F]{2})|\\(.)/gs, (_, hex, plain) =>
    hex === undefined ? (named[plain] ?? plain) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Streams that are mostly right, with the mistakes that clients and attackers make. */
class StreamMaker {
  readonly prng: Prng;

  constructor(prng: Prng) {
    this.prng = prng;
  }

  stream(): Buffer {
    let text = '';
    for (let pieces = 1 + this.prng.nextBelow(20); pieces > 0; pieces--) text += this.piece();
    const bytes = Buffer.from(text, 'latin1');
    if (this.prng.nextBelow(3) === 0) this.damage(bytes);
    return bytes;
  }

  piece(): string {
    const dice = this.prng.nextBelow(100);
    if (dice < 60) return this.multibulk();
    if (dice < 85) return `${this.inline()}${this.pick(['\r\n', '\n', '\r\r\n'])}`;
    if (dice < 93) return this.pick(['*0\r\n', '*-1\r\n', '\r\n', '\n', ' \n', '*-9223372036854775808\r\n']);
    if (dice < 94) return this.pick(['a', '*', '*1\r\n$', 'a "']) + '1'.repeat(65_500 + this.prng.nextBelow(100));
    if (dice < 97)
      return this.pick(['*01\r\n', '*x\r\n', '*9999999999\r\n', '*2\r\n#', '*1\r\n$-1\r\n', '*1\r\n$1000000\r\n']);
    return this.noise(this.prng.nextBelow(30));
  }

  multibulk(): string {
    const words = Array.from({ length: 1 + this.prng.nextBelow(this.pick([1, 4, 4, 30])) }, () => this.word());
    return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  }

  word(): string {
    const length = this.prng.nextBelow(this.pick([2, 10, 10, 10, 200, 200, 3000]));
    return this.prng.nextBelow(4) === 0 ? this.noise(length) : 'w'.repeat(length);
  }

  inline(): string {
    const parts = [
      'a',
      'bc',
      ' ',
      ' ',
      '\t',
      '"',
      "'",
      '\\',
      '\\"',
      "\\'",
      '\\x41',
      '\\n',
      '\\',
      '\r',
      '\v',
      '"a b"',
      "'c'",
    ];
    return Array.from({ length: 1 + this.prng.nextBelow(8) }, () => this.pick(parts)).join('');
  }

  noise(length: number): string {
    return Array.from({ length }, () => String.fromCharCode(this.prng.nextBelow(256))).join('');
  }

  damage(bytes: Buffer): void {
    const at = this.prng.nextBelow(bytes.length);
    bytes[at] = this.pick([0, 10, 13, 34, 36, 39, 42, 45, 48, 57, this.prng.nextBelow(256)]);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.prng.nextBelow(from.length)];
  }
}

/** Runs the parser over the stream in chunks of up to `sizeMax` bytes that all lie in the same memory. */
class ChunkedRun {
  readonly parser = new RequestParser({ bulkLengthMax: BULK_LENGTH_MAX });
  readonly commands: string[][] = [];
  readonly chunk = Buffer.alloc(70_000);
  readonly prng: Prng;
  readonly parksOneIn: number;

  constructor(prng: Prng, parksOneIn: number) {
    this.prng = prng;
    this.parksOneIn = parksOneIn;
  }

  run(stream: Buffer, sizeMax: number): Outcome {
    for (let at = 0; at < stream.length; ) {
      const size = stream.copy(this.chunk, 0, at, Math.min(stream.length, at + 1 + this.prng.nextBelow(sizeMax)));
      at += size;
      this.parser.feed(this.chunk, size);
      const mayStop = at < stream.length;
      if (!this.drain(mayStop)) break;
    }
    return { commands: this.commands, error: this.parser.errorText, pending: this.parser.pendingBytes };
  }

  /** Takes commands until more bytes are needed. False after an error. */
  drain(mayStop: boolean): boolean {
    for (;;) {
      const result = this.parser.next();
      if (result === NEED_MORE) break;
      if (result === PROTOCOL_ERROR) return false;
      expect(result).toBe(COMMAND);
      if (this.prng.nextBelow(this.parksOneIn) === 0) this.park(true);
      this.commands.push(this.arguments());
      if (this.prng.nextBelow(this.parksOneIn) === 0) {
        this.park(false);
        if (mayStop && this.prng.nextBelow(2) === 0) break;
      }
    }
    this.chunk.fill(0x7e);
    return true;
  }

  park(keepCommand: boolean): void {
    this.parser.park(keepCommand);
    this.chunk.fill(0x7e);
  }

  arguments(): string[] {
    const { bytes, starts, ends, argc } = this.parser;
    return Array.from({ length: argc }, (_, i) => bytes.toString('latin1', starts[i], ends[i]));
  }
}

describe('RequestParser under fuzzing', () => {
  it.each(SEEDS)('finds what the naive parser finds, whatever the chunks are (seed %i)', (seed) => {
    const prng = new Prng(seed);
    const maker = new StreamMaker(prng);
    let commands = 0;
    const errors = new Set<string>();
    for (let i = 0; i < STREAMS; i++) {
      const stream = maker.stream();
      const expected = new NaiveParser(stream.toString('latin1')).run();
      const run = new ChunkedRun(prng, maker.pick([3, 1_000_000]));
      const found = run.run(stream, maker.pick([stream.length > 10_000 ? 100 : 1, 3, 40, 1000, 66_000]));
      expect(found, `stream ${i}: ${JSON.stringify(stream.toString('latin1'))}`).toEqual(expected);
      commands += found.commands.length;
      errors.add(found.error);
    }
    expect(commands).toBeGreaterThan(STREAMS);
    expect(errors.size).toBeGreaterThan(5);
  });

  it.each(SEEDS)('neither throws nor hangs on noise (seed %i)', (seed) => {
    const prng = new Prng(seed);
    const maker = new StreamMaker(prng);
    for (let i = 0; i < STREAMS; i++) {
      const stream = Buffer.from(maker.pick(['', '*3\r\n', '*1\r\n$5\r\n', '"']) + maker.noise(2000), 'latin1');
      const expected = new NaiveParser(stream.toString('latin1')).run();
      expect(new ChunkedRun(prng, 10).run(stream, 100)).toEqual(expected);
    }
  });
});
