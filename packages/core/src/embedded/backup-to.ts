/** `backupTo`: a hot backup into a directory that appears, complete, under the name it was given. */

import { FerriteError } from '../base/errors.ts';
import { NewDirectory } from '../device/new-directory.ts';
import { type BackupReport, checkBackup, copyStore } from '../engine/backup.ts';
import { toFerriteError } from '../engine/device-io.ts';
import type { Store } from '../engine/store.ts';

export async function backupTo(store: Store, path: string): Promise<BackupReport> {
  checkBackup(store);
  if (typeof path !== 'string' || path.length === 0) {
    throw new FerriteError('FERRITE_INVALID_ARGUMENT', `backup takes the path of a directory, not ${String(path)}`);
  }
  const directory = create(path);
  try {
    const report = await copyStore(store, directory.device);
    directory.publishSync();
    return report;
  } catch (error) {
    directory.discardSync();
    throw toFerriteError(error, `backing up to ${path}`);
  }
}

function create(path: string): NewDirectory {
  try {
    return NewDirectory.create(path);
  } catch (error) {
    throw toFerriteError(error, `backing up to ${path}`);
  }
}
