import { describe, expect, it, vi } from 'vitest';
import { COMMAND, NEED_MORE, PROTOCOL_ERROR, RequestParser } from './request-parser.ts';

const MEBIBYTE = 1024 * 1024;

function newParser(): RequestParser {
  return new RequestParser({ bulkLengthMax: 512 * MEBIBYTE });
}

function argumentsOf(parser: RequestParser): string[] {
  const found: string[] = [];
  for (let i = 0; i < parser.argc; i++) found.push(parser.bytes.toString('latin1', parser.starts[i], parser.ends[i]));
  return found;
}

/** Feeds the bytes in one chunk and gives all commands that come out, and after them the error, if there is one. */
function feed(parser: RequestParser, bytes: string | Buffer): (string[] | string)[] {
  const chunk = Buffer.from(bytes as string, 'latin1');
  const found: (string[] | string)[] = [];
  parser.feed(chunk, chunk.length);
  for (;;) {
    const result = parser.next();
    if (result === COMMAND) found.push(argumentsOf(parser));
    else if (result === PROTOCOL_ERROR) return [...found, parser.errorText];
    else {
      chunk.fill('~');
      return found;
    }
  }
}

const ping = '*1\r\n$4\r\nPING\r\n';

describe('multibulk requests', () => {
  it('come out one after the other, with empty arguments and any bytes', () => {
    const found = feed(newParser(), `${ping}*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n\0\r\n\xff\r\n${ping}`);
    expect(found).toEqual([['PING'], ['SET', '', '\0\r\n\xff'], ['PING']]);
  });

  it('of more arguments than there is room for at first grow the room', () => {
    const words = Array.from({ length: 3000 }, (_, i) => `w${i}`);
    const request = `*3000\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
    const parser = newParser();
    expect(feed(parser, request)).toEqual([words]);
    expect(parser.starts.length).toBeLessThan(100);
  });

  it.each(['*0\r\n', '*-1\r\n', '*-9223372036854775808\r\n', '\r\n', '\n', '  \t \r\n'])(
    'may be empty, and are passed over then: %j',
    (empty) => {
      expect(feed(newParser(), `${empty}${ping}${empty}`)).toEqual([['PING']]);
    },
  );

  it.each([
    'x',
    'abc',
    '',
    '01',
    ' 1',
    '1 ',
    '+1',
    '-0',
    '00',
    '2147483648',
    '9223372036854775808',
    '1'.repeat(60_000),
  ])('with the count %j are refused', (count) => {
    expect(feed(newParser(), `${ping}*${count}\r\n`)).toEqual([['PING'], 'Protocol error: invalid multibulk length']);
  });

  it('with a negative count beyond 64 bits are refused', () => {
    expect(feed(newParser(), '*-9223372036854775809\r\n')).toEqual(['Protocol error: invalid multibulk length']);
  });

  it.each(['-1', 'abc', '', '+4', '04', '4 ', ' 4', '-0', '536870913', '4294967300', '9'.repeat(30)])(
    'with the argument length %j are refused',
    (length) => {
      expect(feed(newParser(), `*2\r\n$3\r\nGET\r\n$${length}\r\n`)).toEqual(['Protocol error: invalid bulk length']);
    },
  );

  it.each([
    ['#3\r\n', '#'],
    ['4\rPING\r', '4'],
    ['\r\n', ' '],
    ['\n\r\n', ' '],
    ['\xe9\r\n', '\xe9'],
    ["'\r\n", "'"],
  ])('with %j where an argument should begin are refused, and the byte is quoted', (header, quoted) => {
    expect(feed(newParser(), `*2\r\n${header}`)).toEqual([`Protocol error: expected '$', got '${quoted}'`]);
  });

  it('are judged only when their header has ended', () => {
    expect(feed(newParser(), '*abc')).toEqual([]);
    expect(feed(newParser(), '*1\r\n#')).toEqual([]);
  });

  it('need neither LF after a header nor CRLF after an argument', () => {
    expect(feed(newParser(), `*2\r~$3\r~GET~~$1\r~a~~${ping}`)).toEqual([['GET', 'a'], ['PING']]);
    expect(feed(newParser(), '*1\r$4\rPING\r')).toEqual(["Protocol error: expected '$', got '4'"]);
  });

  it.each(['*3\0\r\n', '*1\r\n$4\0\r\n', 'PING\0\n', '\0\x01\n'])('are not seen behind a NUL in a line: %j', (line) => {
    const parser = newParser();
    expect(feed(parser, line + ping)).toEqual([]);
    expect(parser.pendingBytes).toBe(line.length + ping.length);
  });

  it('of which a header has no end within 64 KB are refused', () => {
    const digits = '1'.repeat(65_535);
    expect(feed(newParser(), `*${digits}`)).toEqual([]);
    expect(feed(newParser(), `*${digits}1`)).toEqual(['Protocol error: too big mbulk count string']);
    expect(feed(newParser(), `*${digits}\r`)).toEqual([]);
    expect(feed(newParser(), `*${digits}\r\n`)).toEqual(['Protocol error: invalid multibulk length']);
    expect(feed(newParser(), `*2\r\n$${digits}`)).toEqual([]);
    expect(feed(newParser(), `*2\r\n$${digits}1`)).toEqual(['Protocol error: too big bulk count string']);
    expect(feed(newParser(), `*2\r\n${'x'.repeat(65_537)}`)).toEqual(['Protocol error: too big bulk count string']);
  });

  it('of a client without password are refused beyond 10 arguments and 16384 bytes', () => {
    const parser = newParser();
    parser.isAuthenticated = false;
    const ten = `*10\r\n${'$1\r\na\r\n'.repeat(10)}`;
    expect(feed(parser, ten)).toEqual([Array(10).fill('a')]);
    expect(feed(parser, `*1\r\n$16384\r\n${'x'.repeat(16_384)}\r\n`)).toEqual([['x'.repeat(16_384)]]);
    parser.isAuthenticated = true;
    expect(feed(parser, `*11\r\n${'$1\r\na\r\n'.repeat(11)}`)).toEqual([Array(11).fill('a')]);
    parser.isAuthenticated = false;
    expect(feed(parser, '*11\r\n')).toEqual(['Protocol error: unauthenticated multibulk length']);

    const other = newParser();
    other.isAuthenticated = false;
    expect(feed(other, '*1\r\n$16385\r\n')).toEqual(['Protocol error: unauthenticated bulk length']);
  });

  it('follow a limit of the argument length that changes', () => {
    const limits = { bulkLengthMax: 2 * MEBIBYTE };
    const parser = new RequestParser(limits);
    expect(feed(parser, `${ping}*1\r\n$2097152\r\n`)).toEqual([['PING']]);
    limits.bulkLengthMax = MEBIBYTE;
    expect(feed(parser, `${'x'.repeat(2 * MEBIBYTE)}\r\n${ping}`)).toEqual([['x'.repeat(2 * MEBIBYTE)], ['PING']]);
    expect(feed(parser, '*1\r\n$1048577\r\n')).toEqual(['Protocol error: invalid bulk length']);
  });
});

describe('inline requests', () => {
  it.each<[string, string[]]>([
    ['PING', ['PING']],
    ['  SET\t a   b  ', ['SET', 'a', 'b']],
    ['SET a "b c\\x41\\x0a"', ['SET', 'a', 'b cA\n']],
    ['"\\n\\r\\t\\b\\a\\q\\"\\\\\\xZZ\\x4"', ['\n\r\t\b\x07q"\\xZZx4']],
    ["'a b' 'it\\'s' '\\n'", ['a b', "it's", '\\n']],
    ['a"b c" d\'e f\'', ['ab c', 'de f']],
    ['""  \'\'', ['', '']],
    ['a\vb\fc \v\fd', ['a\vb\fc', 'd']],
    ['a\rb', ['a', 'b']],
    ['\xff\x01', ['\xff\x01']],
    ['$4', ['$4']],
    [' *1', ['*1']],
  ])('are split as redis splits them: %j', (line, words) => {
    expect(feed(newParser(), `${line}\r\n${line}\n`)).toEqual([words, words]);
  });

  it.each(['SET a "b', "SET a 'b", 'SET a "b"c', "SET a 'b'c", '"', "'\\'", '"\\"', '"a\\', `"a""b"`])(
    'with quotes that are not balanced are refused: %j',
    (line) => {
      expect(feed(newParser(), `PING\n${line}\r\n`)).toEqual([
        ['PING'],
        'Protocol error: unbalanced quotes in request',
      ]);
    },
  );

  it('may be 64 KB long and no longer', () => {
    const word = 'a'.repeat(65_536);
    expect(feed(newParser(), word)).toEqual([]);
    expect(feed(newParser(), `${word}\n`)).toEqual([[word]]);
    expect(feed(newParser(), `${word}a`)).toEqual(['Protocol error: too big inline request']);
    expect(feed(newParser(), `\0${word}`)).toEqual(['Protocol error: too big inline request']);
  });
});

describe('a request that does not lie whole in a chunk', () => {
  it('copies little of a large argument: there is room for all of it before much has arrived', () => {
    const length = 100 * MEBIBYTE;
    const parser = newParser();
    const header = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${length}\r\n`;
    expect(feed(parser, header)).toEqual([]);
    const chunk = Buffer.alloc(MEBIBYTE, 'x');
    let held: Buffer | null = null;
    let copiedBytes = 0;
    for (let arrivedBytes = 0; arrivedBytes < length; arrivedBytes += chunk.length) {
      parser.feed(chunk, chunk.length);
      expect(parser.next()).toBe(NEED_MORE);
      if (held !== null && held !== parser.bytes) copiedBytes += arrivedBytes;
      held = parser.bytes;
    }
    expect(copiedBytes).toBeLessThan(length / 16);
    expect(parser.bufferBytes).toBe(header.length + length + 2);
    parser.feed(Buffer.from('\r\n'), 2);
    expect(parser.next()).toBe(COMMAND);
    expect(parser.ends[2] - parser.starts[2]).toBe(length);
  });

  it('takes no memory for lengths that are only announced', () => {
    for (const header of [
      '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$536870912\r\n',
      '*2147483647\r\n',
      '*1073741824\r\n$1\r\na',
    ]) {
      const parser = newParser();
      expect(feed(parser, header)).toEqual([]);
      expect(parser.bufferBytes).toBeLessThan(1024);
      expect(parser.starts.length).toBeLessThan(100);
      expect(parser.pendingBytes).toBe(header.length);
    }
  });

  it('is copied a bounded number of times however long it is, into no more memory than it needs', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const parser = newParser();
    const length = 40 * MEBIBYTE;
    const header = `*2\r\n$3\r\nGET\r\n$${length}\r\n`;
    feed(parser, header);
    const chunk = Buffer.alloc(65_536, 'x');
    for (let i = 0; i < length; i += chunk.length) {
      parser.feed(chunk, chunk.length);
      expect(parser.next()).toBe(NEED_MORE);
    }
    expect(parser.bufferBytes).toBe(header.length + length + 2);
    chunk.write(`\r\n${ping}`);
    parser.feed(chunk, 2 + ping.length);
    expect(parser.next()).toBe(COMMAND);
    expect(parser.ends[1] - parser.starts[1]).toBe(length);
    expect(parser.bytes.subarray(parser.starts[1], parser.ends[1]).every((byte) => byte === 0x78)).toBe(true);
    expect(parser.next()).toBe(COMMAND);
    expect(argumentsOf(parser)).toEqual(['PING']);
    expect(parser.next()).toBe(NEED_MORE);
    expect(parser.bufferBytes).toBe(0);
    expect(allocate.mock.calls.length).toBeLessThan(14);
    allocate.mockRestore();
  });

  it('gives large memory back although the next request is cut in two as well', () => {
    const parser = newParser();
    feed(parser, `*1\r\n$${MEBIBYTE}\r\n`);
    feed(parser, 'x'.repeat(MEBIBYTE));
    expect(parser.bufferBytes).toBeGreaterThan(MEBIBYTE);
    expect(feed(parser, `\r\n${ping}*1`)).toEqual([['x'.repeat(MEBIBYTE)], ['PING']]);
    expect(parser.bufferBytes).toBeLessThan(1024);
  });

  it('keeps small memory until it is told to trim', () => {
    const parser = newParser();
    expect([...feed(parser, '*1\r\n$4\r\nPI'), ...feed(parser, 'NG\r\n')]).toEqual([['PING']]);
    expect(parser.bufferBytes).toBeGreaterThan(0);
    parser.trim();
    expect(parser.bufferBytes).toBe(0);
    expect(feed(parser, ping)).toEqual([['PING']]);
  });

  it('ends in an error, not in an exception, when there is no memory for it', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    const parser = newParser();
    expect(feed(parser, `${ping}*1\r\n$10\r\n`)).toEqual([['PING'], 'Protocol error: out of memory']);
    allocate.mockRestore();
    expect(feed(parser, ping)).toEqual(['Protocol error: out of memory']);
    expect(parser.pendingBytes).toBe(0);
  });
});

describe('parking', () => {
  const get = '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n';

  it('saves what was not parsed, and goes on without a further chunk', () => {
    const parser = newParser();
    const chunk = Buffer.from(ping + get + get + get.slice(0, 9));
    parser.feed(chunk, chunk.length);
    expect(parser.next()).toBe(COMMAND);
    parser.park(false);
    chunk.fill('~');
    expect(parser.pendingBytes).toBe(get.length * 2 + 9);
    expect(parser.next()).toBe(COMMAND);
    expect(argumentsOf(parser)).toEqual(['GET', 'k']);
    parser.park(false);
    expect(parser.next()).toBe(COMMAND);
    expect(parser.next()).toBe(NEED_MORE);
    expect(feed(parser, get.slice(9) + ping)).toEqual([['GET', 'k'], ['PING']]);
    expect(parser.pendingBytes).toBe(0);
  });

  it('keeps the arguments of the current command if asked to, whatever arrives meanwhile', () => {
    const parser = newParser();
    const chunk = Buffer.from(ping + get + get);
    parser.feed(chunk, chunk.length);
    parser.next();
    parser.next();
    parser.park(true);
    chunk.fill('~');
    expect(argumentsOf(parser)).toEqual(['GET', 'k']);
    for (let i = 0; i < 100; i++) {
      const more = Buffer.from(ping.repeat(100));
      parser.feed(more, more.length);
      parser.park(true);
      more.fill('~');
      expect(argumentsOf(parser)).toEqual(['GET', 'k']);
    }
    expect(parser.pendingBytes).toBe(get.length + ping.length * 10_000);
    let count = 0;
    while (parser.next() === COMMAND) count++;
    expect(count).toBe(10_001);
  });

  it('leaves nothing behind when the chunk was used up', () => {
    const parser = newParser();
    const chunk = Buffer.from(ping);
    parser.feed(chunk, chunk.length);
    expect(parser.next()).toBe(COMMAND);
    parser.park(false);
    expect(parser.pendingBytes).toBe(0);
    expect(parser.bufferBytes).toBe(0);
    expect(parser.next()).toBe(NEED_MORE);
  });
});
