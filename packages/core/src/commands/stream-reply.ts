/** Replies that commands on streams share. */
import { STREAM_ID_TEXT_MAX_BYTES, type StreamId } from '../base/stream-id.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';

const text = Buffer.alloc(STREAM_ID_TEXT_MAX_BYTES);
const view = new DataView(text.buffer, text.byteOffset, text.length);

/** An ID as a bulk, without a string of it. */
export function replyId(reply: ReplyWriter, id: StreamId): void {
  reply.bulk(text, 0, id.writeText(text, 0), view);
}
