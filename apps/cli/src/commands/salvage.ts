/**
 * `ferrite salvage`: opens a damaged store so that what is whole is kept and the rest is set aside, in files beside it. The
 * one command that gives data up, so it has to be told twice.
 */
import { open } from '@ferrite/core';
import type { CliCall } from '@ferrite/core/module';
import { OK } from '../exit-codes.ts';
import { countText } from '../format.ts';
import { existingStore } from '../store-path.ts';

export async function run(call: CliCall): Promise<number> {
  const path = existingStore(call.arguments[0]);
  if (!call.flag('yes')) {
    throw call.usageError(`what cannot be read is given up: copy ${path}, then call it with --yes`);
  }
  const db = open({ path, recovery: 'salvage' });
  try {
    const { keys, recovery } = db.stats();
    const { damage, savedAs } = recovery;
    const lines = [
      damage.length === 0 ? `${path} had no damage that keeps it from being opened` : `${path} was damaged:`,
      ...damage.map((text) => `  ${text}`),
      ...savedAs.map((name) => `  set aside: ${name}`),
      `${countText(keys)} keys are there`,
    ];
    call.result(lines.join('\n'), { path, keys, damage, savedAs });
  } finally {
    db.close();
  }
  return OK;
}
