import { describe, expect, it, vi } from 'vitest';
import { FerriteError } from '../base/errors.ts';
import { ReplyBuffers } from './reply-buffers.ts';
import { ReplyWriter } from './reply-writer.ts';

function newWriter(proto: 2 | 3 = 2): ReplyWriter {
  const writer = new ReplyWriter(new ReplyBuffers());
  writer.proto = proto;
  return writer;
}

function taken(writer: ReplyWriter): string {
  const { length } = writer;
  return writer.take().toString('latin1', 0, length);
}

/** What `write` comes to in RESP2 and in RESP3. */
function written(write: (writer: ReplyWriter) => void): string[] {
  return ([2, 3] as const).map((proto) => {
    const writer = newWriter(proto);
    write(writer);
    return taken(writer);
  });
}

describe('ReplyWriter', () => {
  it.each<[string, (writer: ReplyWriter) => void, string, string?]>([
    ['OK', (writer) => writer.ok(), '+OK\r\n'],
    ['a status', (writer) => writer.simple('QUEUED'), '+QUEUED\r\n'],
    ['a null', (writer) => writer.null(), '$-1\r\n', '_\r\n'],
    ['a null array', (writer) => writer.nullArray(), '*-1\r\n', '_\r\n'],
    ['true', (writer) => writer.boolean(true), ':1\r\n', '#t\r\n'],
    ['false', (writer) => writer.boolean(false), ':0\r\n', '#f\r\n'],
    ['an array', (writer) => writer.array(12), '*12\r\n'],
    ['a map', (writer) => writer.map(7), '*14\r\n', '%7\r\n'],
    ['a set', (writer) => writer.set(3), '*3\r\n', '~3\r\n'],
    ['a push', (writer) => writer.push(3), '*3\r\n', '>3\r\n'],
    ['a double', (writer) => writer.double(3.5), '$3\r\n3.5\r\n', ',3.5\r\n'],
    ['a double that no decimal equals', (writer) => writer.double(0.1), '$3\r\n0.1\r\n', ',0.1\r\n'],
    ['infinity', (writer) => writer.double(Number.POSITIVE_INFINITY), '$3\r\ninf\r\n', ',inf\r\n'],
    ['minus infinity', (writer) => writer.double(Number.NEGATIVE_INFINITY), '$4\r\n-inf\r\n', ',-inf\r\n'],
    ['not a number', (writer) => writer.double(Number.NaN), '$3\r\nnan\r\n', ',nan\r\n'],
    [
      'a big number',
      (writer) => writer.bigNumber(-(2n ** 70n)),
      '$23\r\n-1180591620717411303424\r\n',
      '(-1180591620717411303424\r\n',
    ],
    ['verbatim text', (writer) => writer.verbatim('txt', 'é\n'), '$3\r\n\xc3\xa9\n\r\n', '=7\r\ntxt:\xc3\xa9\n\r\n'],
    ['text', (writer) => writer.bulkText('h€'), '$4\r\nh\xe2\x82\xac\r\n'],
    ['latin1 text', (writer) => writer.bulkLatin1('\xff\0'), '$2\r\n\xff\0\r\n'],
    ['empty text', (writer) => writer.bulkText(''), '$0\r\n\r\n'],
  ])('writes %s', (_, write, resp2, resp3 = resp2) => {
    expect(written(write)).toEqual([resp2, resp3]);
  });

  it.each<[number | bigint]>([
    [0],
    [-0],
    [9],
    [10],
    [99],
    [100],
    [999],
    [1000],
    [9999],
    [10_000],
    [2_147_483_647],
    [2_147_483_648],
    [-1],
    [-2],
    [-10],
    [-2_147_483_648],
    [Number.MAX_SAFE_INTEGER],
    [Number.MIN_SAFE_INTEGER],
    [2n ** 63n - 1n],
    [-(2n ** 63n)],
    [0n],
  ])('writes the integer %s', (value) => {
    expect(written((writer) => writer.integer(value))).toEqual(Array(2).fill(`:${value}\r\n`));
  });

  it('writes errors as redis does: with ERR unless they have a code, and in one line', () => {
    const error = (text: string) => written((writer) => writer.error(text))[0];
    expect(error('no such key')).toBe('-ERR no such key\r\n');
    expect(error('-WRONGTYPE no')).toBe('-WRONGTYPE no\r\n');
    expect(error("\r\nunknown 'a\r\nb'\n")).toBe("-ERR unknown 'a  b'\r\n");
    expect(error("got '\xff'")).toBe("-ERR got '\xff'\r\n");
    expect(error('dir /é€\u010a')).toBe('-ERR dir /\xc3\xa9\xe2\x82\xac\xc4\x8a\r\n');
    expect(error('x'.repeat(100))).toBe(`-ERR ${'x'.repeat(100)}\r\n`);
  });

  it('copies ranges of bytes of every length and alignment, from memory that changes', () => {
    const sources = [0, 1].map((seed) => Buffer.from(Array.from({ length: 700 }, (_, i) => (i * 31 + seed) & 0xff)));
    const writer = newWriter();
    let expected = '';
    for (let length = 0; length < 300; length++) {
      const source = sources[length % 3 === 0 ? 1 : 0].subarray(length % 7);
      writer.bulk(source, length, length * 2);
      expected += `$${length}\r\n${source.toString('latin1', length, length * 2)}\r\n`;
    }
    expect(writer.length).toBe(expected.length);
    expect(taken(writer)).toBe(expected);
  });

  it('writes attributes in RESP3, and tells a handler to leave them out in RESP2', () => {
    const attributes = (writer: ReplyWriter) => {
      if (writer.attribute(1)) {
        writer.simple('ttl');
        writer.integer(5);
      }
      writer.ok();
    };
    expect(written(attributes)).toEqual(['+OK\r\n', '|1\r\n+ttl\r\n:5\r\n+OK\r\n']);
  });

  it('passes on what was written elsewhere', () => {
    const bytes = Buffer.from('~~+PONG\r\n~');
    expect(written((writer) => writer.raw(bytes, 2, 9))[0]).toBe('+PONG\r\n');
  });

  it('writes nothing while it is muted', () => {
    const writer = newWriter(3);
    writer.isMuted = true;
    const bytes = Buffer.from('abc');
    writer.ok();
    writer.simple('x');
    writer.error('x');
    writer.integer(1);
    writer.boolean(true);
    writer.null();
    writer.nullArray();
    writer.bulk(bytes, 0, 3);
    writer.bulkText('x');
    writer.bulkLatin1('x');
    writer.double(1.5);
    writer.bigNumber(1n);
    writer.verbatim('txt', 'x');
    writer.array(1);
    writer.map(1);
    writer.set(1);
    writer.push(1);
    writer.raw(bytes, 0, 3);
    expect(writer.attribute(1)).toBe(true);
    writer.resolveArray(writer.defer(), 100);
    expect(writer.length).toBe(0);
    writer.isMuted = false;
    writer.ok();
    expect(taken(writer)).toBe('+OK\r\n');
  });

  it('fills in sizes that are known late, nested ones too', () => {
    expect(
      written((writer) => {
        writer.ok();
        const outer = writer.defer();
        const empty = writer.defer();
        writer.resolveSet(empty, 0);
        const inner = writer.defer();
        for (let i = 0; i < 2345; i++) writer.integer(7);
        writer.resolveMap(inner, 1172);
        writer.resolveArray(outer, 2);
        writer.ok();
      }),
    ).toEqual([
      `+OK\r\n*2\r\n*0\r\n*2344\r\n${':7\r\n'.repeat(2345)}+OK\r\n`,
      `+OK\r\n*2\r\n~0\r\n%1172\r\n${':7\r\n'.repeat(2345)}+OK\r\n`,
    ]);
  });

  it('fills in a size although the buffer has no byte left', () => {
    const writer = newWriter();
    const place = writer.defer();
    writer.bulkLatin1('x'.repeat(65_536 - 4 - 10));
    expect(writer.length).toBe(65_536);
    writer.resolveArray(place, 1_234_567_890);
    expect(taken(writer)).toBe(`*1234567890\r\n$65522\r\n${'x'.repeat(65_522)}\r\n`);
  });

  it('takes back what was written since a mark', () => {
    const writer = newWriter();
    writer.ok();
    const mark = writer.length;
    writer.array(2);
    writer.rollback(mark);
    writer.error('no');
    expect(taken(writer)).toBe('+OK\r\n-ERR no\r\n');
  });

  it('grows as far as it must', () => {
    const writer = newWriter();
    const value = 'v'.repeat(1000);
    for (let i = 0; i < 1000; i++) writer.bulkLatin1(value);
    expect(taken(writer)).toBe(`$1000\r\n${value}\r\n`.repeat(1000));
  });

  it('says so when there is no memory for replies', () => {
    const writer = newWriter();
    writer.ok();
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    const bytes = Buffer.alloc(100_000);
    expect(() => writer.bulk(bytes, 0, bytes.length)).toThrow(FerriteError);
    allocate.mockRestore();
    expect(taken(writer)).toBe('+OK\r\n');
  });
});

describe('ReplyBuffers', () => {
  it('are used again when they were given back, and not before', () => {
    const buffers = new ReplyBuffers();
    const [first, second] = [new ReplyWriter(buffers), new ReplyWriter(buffers)];
    first.ok();
    const inFlight = first.take();
    second.null();
    first.integer(1);
    expect(inFlight.toString('latin1', 0, 5)).toBe('+OK\r\n');
    buffers.release(inFlight);
    expect(new ReplyBuffers().acquire(10)).not.toBe(inFlight);
    expect(buffers.acquire(10)).toBe(inFlight);
  });

  it('that are too small for a reply wait for a smaller one', () => {
    const buffers = new ReplyBuffers();
    const [small, large] = [buffers.acquire(1), buffers.acquire(100_000)];
    buffers.release(large);
    buffers.release(small);
    expect(buffers.acquire(70_000)).toBe(large);
    expect(buffers.acquire(70_000).length).toBe(70_000);
    expect(buffers.acquire(1)).toBe(small);
  });

  it('are not kept if they are huge', () => {
    const buffers = new ReplyBuffers();
    const huge = buffers.acquire(8 * 1024 * 1024);
    buffers.release(huge);
    expect(buffers.acquire(1)).not.toBe(huge);
  });
});
