import { describe, expect, it } from 'vitest';
import { type Reply, ReplyError, ReplyParser } from './reply-parser.ts';

type Options = ConstructorParameters<typeof ReplyParser>[0];

function parse(text: string, options?: Options): Reply[] {
  const parser = new ReplyParser(options);
  parser.feed(Buffer.from(text, 'latin1'));
  const found: Reply[] = [];
  for (let reply = parser.next(); reply !== undefined; reply = parser.next()) {
    found.push(reply);
    if (reply.kind === 'malformed') break;
  }
  return found;
}

function values(text: string, options?: Options): unknown[] {
  return parse(text, options).map((reply) => (reply.kind === 'reply' ? reply.value : reply));
}

describe('ReplyParser', () => {
  it('reads every type of RESP2 and RESP3', () => {
    expect(values('+OK\r\n:-12\r\n:9223372036854775807\r\n$-1\r\n*-1\r\n_\r\n')).toEqual([
      'OK',
      -12,
      9223372036854775807n,
      null,
      null,
      null,
    ]);
    expect(values(',1.5\r\n,1e+20\r\n,inf\r\n,-inf\r\n,nan\r\n#t\r\n#f\r\n(123456789012345678901\r\n')).toEqual([
      1.5,
      1e20,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      true,
      false,
      123456789012345678901n,
    ]);
    expect(values('$0\r\n\r\n$6\r\n\xc3\xa9\r\nab\r\n=7\r\ntxt:abc\r\n')).toEqual(['', 'é\r\nab', 'abc']);
    expect(values('*2\r\n:1\r\n*0\r\n~2\r\n+a\r\n+b\r\n%1\r\n+k\r\n*1\r\n:5\r\n')).toEqual([
      [1, []],
      new Set(['a', 'b']),
      new Map([['k', [5]]]),
    ]);
  });

  it('knows whether the stream may end here', () => {
    const parser = new ReplyParser();
    for (const [text, isBetween] of [
      ['', true],
      ['*2\r\n:1\r\n', false],
      [':2\r', false],
      ['\n', true],
    ] as const) {
      parser.feed(Buffer.from(text));
      parser.next();
      expect(parser.isBetween).toBe(isBetween);
    }
  });

  it('gives strings as they are wanted', () => {
    expect(values('$2\r\n\xc3\xa9\r\n', { strings: 'latin1' })).toEqual(['\xc3\xa9']);
    expect(values('$2\r\n\xc3\xa9\r\n+a\r\n', { strings: 'buffer' })).toEqual([Buffer.from('é'), Buffer.from('a')]);
    const told = values('$1\r\na\r\n+\xc3\xa9\r\n', { strings: 'buffer', keepsStatus: true });
    expect(told).toEqual([Buffer.from('a'), 'é']);
  });

  it('gives errors as values, within arrays too', () => {
    const [first, second] = values('-WRONGTYPE no é\r\n*2\r\n!7\r\nERR a\r\n\r\n:1\r\n'.replace('é', '\xc3\xa9'));
    expect(first).toBeInstanceOf(ReplyError);
    expect((first as ReplyError).code).toBe('WRONGTYPE');
    expect((first as ReplyError).message).toBe('WRONGTYPE no é');
    expect((second as ReplyError[])[0].message).toBe('ERR a\r\n');
  });

  it('tells pushed messages from replies', () => {
    expect(parse('>2\r\n+invalidate\r\n*1\r\n+k\r\n+OK\r\n')).toEqual([
      { kind: 'push', value: ['invalidate', ['k']] },
      { kind: 'reply', value: 'OK' },
    ]);
  });

  it('gives attributes with the reply they stand before, and drops those inside', () => {
    expect(parse('|1\r\n+ttl\r\n:5\r\n*2\r\n:1\r\n|1\r\n+a\r\n+b\r\n:2\r\n:3\r\n')).toEqual([
      { kind: 'reply', value: [1, 2], attributes: new Map([['ttl', 5]]) },
      { kind: 'reply', value: 3 },
    ]);
  });

  it.each([
    'x\r\n',
    '\r\n',
    ':\r\n',
    ':1.5\r\n',
    ':99999999999999999999\r\n',
    '#x\r\n',
    '_x\r\n',
    ',\r\n',
    ',abc\r\n',
    '(1.5\r\n',
    '$-2\r\n',
    '$x\r\n',
    '$1\r\nabc',
    '=3\r\nabc\r\n',
    '*-2\r\n',
    '~-1\r\n',
    '*x\r\n',
    '+a\rb',
    '*1\r\n>1\r\n',
    '>0\r\n',
    '*1\r\n'.repeat(200),
    `+${'a'.repeat(70_000)}`,
  ])('calls %j malformed, and everything after it', (text) => {
    const found = parse(`+OK\r\n${text}`);
    expect(found.map((reply) => reply.kind)).toEqual(['reply', 'malformed']);
    const parser = new ReplyParser();
    parser.feed(Buffer.from(text));
    const verdict = parser.next();
    parser.feed(Buffer.from('+OK\r\n'));
    expect(parser.next()).toEqual(verdict);
  });
});
