/** `ferrite compact`: everything that was overwritten or removed goes, and its space with it. */
import { open } from '@ferrite/core';
import type { CliCall } from '@ferrite/core/module';
import { bytesText, durationText } from '../format.ts';
import { existingStore } from '../store-path.ts';

export async function run(call: CliCall): Promise<number> {
  const path = existingStore(call.arguments[0]);
  const beginMs = performance.now();
  const db = open({ path, codec: 'buffer' });
  const progress = call.progress('compacting, bytes copied');
  const drawing = setInterval(() => progress.update(db.stats().compaction.relocatedBytes), 200);
  try {
    const before = db.stats();
    await db.compact();
    const after = db.stats();
    const durationMs = performance.now() - beginMs;
    progress.end();
    const text = `${path}: ${bytesText(before.bytes.files)} to ${bytesText(after.bytes.files)} in ${durationText(durationMs)}`;
    call.result(text, {
      path,
      bytesBefore: before.bytes.files,
      bytesAfter: after.bytes.files,
      relocatedBytes: after.compaction.relocatedBytes,
      durationMs: Math.round(durationMs),
    });
    return 0;
  } finally {
    clearInterval(drawing);
    progress.end();
    db.close();
  }
}
