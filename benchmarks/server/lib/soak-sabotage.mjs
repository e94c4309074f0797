/** Ways to break what the soak proves: a soak that does not see them proves nothing. */
import { closeSync, fstatSync, fsyncSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const stepBytes = 65_536;

export const sabotages = {
  none: 'nothing is broken',
  forget: 'a write is taken for acknowledged that the server has never seen',
  tail: 'after a kill the end of the newest segment is gone',
  hoard: 'the server is told to leave garbage alone',
  half: 'a transaction is taken for acknowledged without its last command',
};

/** Options for the server that make it break a promise. */
export function breakOptions(sabotage) {
  return sabotage === 'hoard' ? ['--auto-aof-rewrite-min-size', '64gb'] : [];
}

/** What a writer believes is changed, before it is compared. */
export function breakBelief(sabotage, writer) {
  if (sabotage === 'forget') writer.keyspace.set(`${writer.name}:text:0`, { value: 'never sent', expiresAtMs: 0 });
  if (sabotage !== 'half') return;
  const increment = writer.keyspace.get(`${writer.name}:counter:0`);
  writer.keyspace.set(`${writer.name}:counter:0`, { value: String(Number(increment?.value ?? 0) - 1), expiresAtMs: 0 });
}

/** Zeros where the last bytes of the log were. */
export function breakStore(sabotage, folder) {
  if (sabotage !== 'tail') return;
  const name = readdirSync(folder)
    .filter((each) => each.startsWith('main-'))
    .sort()
    .findLast((each) => usedBytesOf(join(folder, each)) > stepBytes);
  if (name === undefined) return;
  const path = join(folder, name);
  const usedBytes = usedBytesOf(path);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(stepBytes), 0, stepBytes, usedBytes - stepBytes);
  fsyncSync(file);
  closeSync(file);
}

/** Where its last byte that is not zero ends. */
function usedBytesOf(path) {
  const file = openSync(path, 'r');
  const step = Buffer.alloc(stepBytes);
  try {
    for (let at = fstatSync(file).size - stepBytes; at >= 0; at -= stepBytes) {
      readSync(file, step, 0, stepBytes, at);
      for (let i = stepBytes - 1; i >= 0; i--) if (step[i] !== 0) return at + i + 1;
    }
    return 0;
  } finally {
    closeSync(file);
  }
}
