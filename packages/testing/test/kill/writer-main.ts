/**
 * The program that is killed: opens a store, goes on with the numbered operations from where it is told to, and reports
 * on its standard output what it has issued and what it was promised to find again. Run by `killed-store.ts`.
 */
import { writeSync } from 'node:fs';
import { type Database, type Durability, open } from '@ferrite/core';
import { type Operation, operationAt, TOLD_ISSUED, TOLD_PROMISED, UNREPORTED_MAX } from './operations.ts';

const COMMIT_EVERY = 300;
const TURN_EVERY = 40;
const COMPACT_EVERY = 1500;
const REPORT_EVERY_BUFFERED = 32;

const [path, mode, first] = process.argv.slice(2);
const durability = mode as Durability;
const isPromisedAtOnce = durability === 'always' || durability === 'everysec';

function tell(kind: number, count: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(count, 4);
  for (;;) {
    try {
      writeSync(1, bytes);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

function apply(db: Database, operation: Operation): void {
  if (operation.length === 1) {
    const [[key, value]] = operation;
    if (value === undefined) db.del(key);
    else db.set(key, value);
    return;
  }
  const batch = db.batch();
  for (const [key, value] of operation) batch.set(key, value as string);
  batch.commit();
}

/** Several writers of one turn, which share an fsync where the mode has one. Returns how many operations they were. */
async function applyTogether(db: Database, n: number): Promise<number> {
  const writers: Promise<unknown>[] = [];
  for (let i = 0; i < UNREPORTED_MAX / 4; i++) {
    const operation = operationAt(n + i);
    const [[key, value]] = operation;
    if (operation.length > 1 || value === undefined) apply(db, operation);
    else writers.push(db.setAsync(key, value));
  }
  await Promise.all(writers);
  return UNREPORTED_MAX / 4;
}

async function run(db: Database): Promise<void> {
  let n = Number(first);
  tell(TOLD_ISSUED, n);
  for (;;) {
    if (n % TURN_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
    if (n % COMPACT_EVERY === 0) db.compact().catch(() => undefined);
    if (n % 7 === 0) n += await applyTogether(db, n);
    else apply(db, operationAt(n++));
    if (isPromisedAtOnce) tell(TOLD_PROMISED, n);
    else if (n % REPORT_EVERY_BUFFERED < 16) tell(TOLD_ISSUED, n);
    if (!isPromisedAtOnce && n % COMMIT_EVERY < 8) {
      const until = n;
      if (n % 2 === 0) db.commitSync();
      else await db.commit();
      tell(TOLD_PROMISED, until);
    }
  }
}

await run(open({ path, durability, preset: 'small', ...(durability === 'interval' ? { commitIntervalMs: 20 } : {}) }));
