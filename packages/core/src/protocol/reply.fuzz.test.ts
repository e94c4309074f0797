/**
 * What the writer writes, the parser must read back, in both protocols and however the bytes are cut; and no noise may
 * make the parser throw or hang.
 */
import { describe, expect, it } from 'vitest';
import { formatDouble } from '../base/double.ts';
import { Prng } from '../base/prng.ts';
import { ReplyBuffers } from './reply-buffers.ts';
import { type Reply, ReplyError, ReplyParser, type ReplyValue } from './reply-parser.ts';
import { ReplyWriter } from './reply-writer.ts';

const SEEDS = Array.from({ length: 6 }, (_, i) => i + 1);
const ROUNDS = 200;

/** Writes replies at random, and knows what a client should see. */
class RandomReplies {
  readonly prng: Prng;
  readonly writer: ReplyWriter;
  readonly is2: boolean;

  constructor(prng: Prng, writer: ReplyWriter) {
    this.prng = prng;
    this.writer = writer;
    this.is2 = writer.proto === 2;
  }

  reply(depth: number): ReplyValue {
    return depth < 6 && this.prng.nextBelow(depth < 3 ? 3 : 8) === 0 ? this.aggregate(depth) : this.scalar();
  }

  scalar(): ReplyValue {
    const { writer } = this;
    switch (this.prng.nextBelow(12)) {
      case 0:
        writer.ok();
        return 'OK';
      case 1:
        writer.error('no\r\nwell');
        return new ReplyError('ERR no  well');
      case 2:
        return this.integer();
      case 3:
        return this.bulk();
      case 4:
        writer.bulkText('grün €');
        return 'grün €';
      case 5:
        writer.null();
        return null;
      case 6:
        writer.nullArray();
        return null;
      case 7:
        return this.double();
      case 8: {
        const value = this.prng.nextBelow(2) === 0;
        writer.boolean(value);
        return this.is2 ? Number(value) : value;
      }
      case 9:
        writer.bigNumber(2n ** 80n);
        return this.is2 ? String(2n ** 80n) : 2n ** 80n;
      case 10:
        writer.verbatim('txt', 'so\r\nsei es');
        return 'so\r\nsei es';
      default:
        writer.simple('QUEUED');
        return 'QUEUED';
    }
  }

  integer(): ReplyValue {
    const value = (this.prng.nextBelow(2) === 0 ? 1 : -1) * Math.floor(10 ** (this.prng.nextDouble() * 15));
    this.writer.integer(value);
    return value;
  }

  bulk(): ReplyValue {
    const source = Buffer.from(Array.from({ length: this.prng.nextBelow(400) }, () => 32 + this.prng.nextBelow(90)));
    const start = this.prng.nextBelow(source.length + 1);
    this.writer.bulk(source, start, source.length);
    return source.toString('latin1', start);
  }

  double(): ReplyValue {
    const value = (this.prng.nextDouble() - 0.5) * 10 ** (this.prng.nextBelow(60) - 30);
    this.writer.double(value);
    return this.is2 ? formatDouble(value) : value;
  }

  aggregate(depth: number): ReplyValue {
    const { writer } = this;
    const count = this.prng.nextBelow(this.prng.nextBelow(8) === 0 ? 40 : 4);
    const kind = this.prng.nextBelow(6);
    if (kind === 0) writer.map(count);
    if (kind === 1) writer.set(count);
    if (kind === 2) writer.array(count);
    const place = kind > 2 ? writer.defer() : -1;
    const isMap = kind === 0 || kind === 3;
    const members = Array.from({ length: isMap ? count * 2 : count }, () => this.reply(depth + 1));
    if (kind === 3) writer.resolveMap(place, count);
    if (kind === 4) writer.resolveSet(place, count);
    if (kind === 5) writer.resolveArray(place, count);
    if (this.is2 || kind === 2 || kind === 5) return members;
    if (!isMap) return new Set(members);
    return new Map(Array.from({ length: count }, (_, i) => [members[i * 2], members[i * 2 + 1]]));
  }
}

/** Reads in pieces. */
function parseAll(bytes: Buffer, prng: Prng, sizeMax: number): Reply[] {
  const parser = new ReplyParser();
  const found: Reply[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = Math.min(bytes.length - at, 1 + prng.nextBelow(sizeMax));
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    parser.feed(chunk);
    chunk.fill(0x7e);
    at += size;
    for (let reply = parser.next(); reply !== undefined; reply = parser.next()) {
      found.push(reply);
      if (reply.kind === 'malformed') return found;
    }
  }
  return found;
}

describe('replies under fuzzing', () => {
  it.each(SEEDS)('come back as they were written (seed %i)', (seed) => {
    const prng = new Prng(seed);
    const buffers = new ReplyBuffers();
    for (let round = 0; round < ROUNDS; round++) {
      const writer = new ReplyWriter(buffers);
      writer.proto = round % 2 === 0 ? 2 : 3;
      const replies = new RandomReplies(prng, writer);
      const expected = Array.from({ length: 1 + prng.nextBelow(5) }, () => ({
        kind: 'reply',
        value: replies.reply(0),
      }));
      const { length } = writer;
      const bytes = writer.take();
      const sizeMax = [1, 7, 100, 100_000][prng.nextBelow(4)];
      expect(parseAll(bytes.subarray(0, length), prng, sizeMax), `round ${round}`).toEqual(expected);
      buffers.release(bytes.fill(0x7e));
    }
  });

  it.each(SEEDS)('that are damaged neither throw nor hang, and cuts make no difference (seed %i)', (seed) => {
    const prng = new Prng(seed);
    const writer = new ReplyWriter(new ReplyBuffers());
    writer.proto = 3;
    const replies = new RandomReplies(prng, writer);
    const kinds = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      replies.reply(0);
      const { length } = writer;
      const bytes = Buffer.from(writer.take().subarray(0, length));
      for (let hits = prng.nextBelow(4); hits >= 0; hits--) bytes[prng.nextBelow(length)] = prng.nextBelow(256);
      const whole = parseAll(bytes, prng, length * 2);
      expect(parseAll(bytes, prng, 3)).toEqual(whole);
      for (const { kind } of whole) kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual(expect.arrayContaining(['malformed', 'reply']));
  });
});
