/** Commands on keys of any type. */
import { keyLengthOf, keyOffsetOf } from '../engine/record.ts';
import { remove } from '../engine/remove.ts';
import { typeNameOfFound } from '../keyspace/collections.ts';
import { locateRandomKey } from '../keyspace/random-key.ts';
import type { Call } from './call.ts';
import { type CommandRow, FAST, firstKey, READONLY, WRITE } from './command.ts';

const all = (flags: string) => ({ first: 1, last: -1, step: 1, flags });

export const keyCommands: readonly CommandRow[] = [
  { name: 'del', arity: -2, flags: WRITE, group: 'generic', keys: all('RM delete'), run: del },
  { name: 'unlink', arity: -2, flags: WRITE | FAST, group: 'generic', keys: all('RM delete'), run: del },
  { name: 'exists', arity: -2, flags: READONLY | FAST, group: 'generic', keys: all('RO'), run: exists },
  { name: 'touch', arity: -2, flags: READONLY | FAST, group: 'generic', keys: all('RO'), run: touch },
  { name: 'type', arity: 2, flags: READONLY | FAST, group: 'generic', keys: firstKey('RO'), run: type },
  { name: 'randomkey', arity: 1, flags: READONLY, group: 'generic', run: randomKey },
];

function del(call: Call): void {
  let count = 0;
  for (let i = 1; i < call.argc; i++) {
    call.foresee(i, 1);
    if (call.peekKey(i) === 0) continue;
    remove(call.store, call.database, call.found);
    call.changed('g', 'del');
    count++;
  }
  call.reply.integer(count);
}

function exists(call: Call): void {
  let count = 0;
  for (let i = 1; i < call.argc; i++) {
    call.foresee(i, 1);
    if (call.peekKey(i) !== 0) count++;
  }
  call.reply.integer(count);
}

function touch(call: Call): void {
  let count = 0;
  for (let i = 1; i < call.argc; i++) if (call.findKey(i) !== 0) count++;
  call.reply.integer(count);
}

function type(call: Call): void {
  call.reply.simple(call.peekKey(1) === 0 ? 'none' : typeNameOfFound(call.store));
}

function randomKey(call: Call): void {
  const { store, reply } = call;
  // Run anew once the record was read, it must come to the same key.
  if (call.seed === 0) call.seed = store.prng.nextUint32();
  const isThere = locateRandomKey(store, call.database, call.seed);
  call.seed = 0;
  if (!isThere) {
    reply.null();
    return;
  }
  const start = store.word * 4 + keyOffsetOf(store.words[store.word + 1]);
  reply.bulk(store.bytes, start, start + keyLengthOf(store.words, store.word), store.view);
}
