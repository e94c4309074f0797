/** `ferrite backup`: a copy of a store that no process has open, complete or not there at all. */
import { open } from '@ferrite/core';
import type { CliCall } from '@ferrite/core/module';
import { OK } from '../exit-codes.ts';
import { bytesText, durationText } from '../format.ts';
import { existingStore } from '../store-path.ts';

export async function run(call: CliCall): Promise<number> {
  const [from, to] = call.arguments;
  const path = existingStore(from);
  const db = open({ path, codec: 'buffer', ordered: false });
  try {
    const { files, bytes, durationMs } = await db.backup(to);
    const text = `${path} to ${to}: ${files} files, ${bytesText(bytes)} in ${durationText(durationMs)}`;
    call.result(text, { path, backup: to, files, bytes, durationMs: Math.round(durationMs) });
    return OK;
  } finally {
    db.close();
  }
}
