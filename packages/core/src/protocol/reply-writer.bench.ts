/**
 * Cost of replies: `pnpm exec vitest bench packages/core/src/protocol/reply-writer.bench.ts`.
 * One sample is 1,024 replies, taken 64 at a time, so a mean in microseconds reads, near enough, as nanoseconds per
 * reply.
 */
import { bench, describe } from 'vitest';
import { ReplyBuffers } from './reply-buffers.ts';
import { ReplyWriter } from './reply-writer.ts';

const REPLIES = 1024;
const REPLIES_TAKEN = 64;
const buffers = new ReplyBuffers();
const writer = new ReplyWriter(buffers);
const memory = Buffer.alloc(1_048_576, 'v');

function each(write: (i: number) => void): () => void {
  return () => {
    for (let i = 0; i < REPLIES; i++) {
      write(i);
      if (i % REPLIES_TAKEN === REPLIES_TAKEN - 1) buffers.release(writer.take());
    }
  };
}

describe('ReplyWriter, 1,024 replies per sample', () => {
  bench(
    'OK',
    each(() => writer.ok()),
  );
  bench(
    'integers',
    each((i) => writer.integer(i * 97)),
  );
  for (const length of [10, 100, 1000]) {
    bench(
      `values of ${length} bytes`,
      each((i) => writer.bulk(memory, i * 800, i * 800 + length)),
    );
  }
  bench(
    'doubles',
    each((i) => writer.double(i / 8)),
  );
  bench(
    'errors',
    each(() => writer.error('-WRONGTYPE Operation against a key holding the wrong kind of value')),
  );
});
