/**
 * `ferrite restore`: makes a store out of a backup. The backup is checked first, sum by sum, and stays as it is; the store
 * appears complete or not at all, and nothing that is there is overwritten.
 */
import { open } from '@ferrite/core';
import type { CliCall } from '@ferrite/core/module';
import { checkStore } from '@ferrite/core/tools';
import { FAILED, OK } from '../exit-codes.ts';
import { bytesText, countText } from '../format.ts';
import { copyDirectory } from '../copy-directory.ts';
import { existingStore } from '../store-path.ts';

export async function run(call: CliCall): Promise<number> {
  const [from, to] = call.arguments;
  const backup = existingStore(from);
  const checking = call.progress('checking the backup');
  const { problems } = await checkStore(backup, (done, total) => checking.update(done, total)).finally(() =>
    checking.end(),
  );
  const damage = problems.filter(({ kind }) => kind === 'damage');
  if (damage.length > 0 && !call.flag('force')) {
    for (const { file, text } of damage) call.note(`${file}: ${text}`);
    call.result(`${backup} is damaged, nothing was restored; --force copies it all the same`, {
      path: to,
      isRestored: false,
      damage,
    });
    return FAILED;
  }
  const copying = call.progress('copying');
  const bytes = await copyDirectory(backup, to, (done, total) => copying.update(done, total)).finally(() =>
    copying.end(),
  );
  const keys = damage.length > 0 ? undefined : keysOf(to);
  const holds = keys === undefined ? '' : `, ${countText(keys)} keys`;
  call.result(`${backup} to ${to}: ${bytesText(bytes)}${holds}`, {
    path: to,
    isRestored: true,
    bytes,
    keys: keys ?? null,
    damage,
  });
  return OK;
}

/** That it opens is the proof. */
function keysOf(path: string): number {
  const db = open({ path, ordered: false });
  try {
    return db.stats().keys;
  } finally {
    db.close();
  }
}
