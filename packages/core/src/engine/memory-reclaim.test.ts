/** Garbage of a memory-only store: no write pays for much of it, and there is never too much. */
import { SimClock } from '@ferrite/testing';
import { describe, expect, it, vi } from 'vitest';
import { Prng } from '../base/prng.ts';
import { type Driven, openDriven } from '../embedded/driven.ts';
import { ALL_NAMESPACES, flushNamespaces } from './flush.ts';
import type { MemoryPages } from './memory-pages.ts';

const PAGE_BYTES = 128 * 1024;
const MEMBERS = 20_000;
/** A write's own records, and those that are looked at before it. */
const RECORDS_PER_WRITE_MAX = 200;

function open(maxMemory?: number): Driven<string> {
  const limit = maxMemory === undefined ? {} : ({ maxMemory, evictionPolicy: 'allkeys-lru' } as const);
  return openDriven({ pageSize: '128kb', ...limit }, { device: null, clock: new SimClock(), prng: new Prng(1) });
}

/** The most records that one of the writes appends. */
function mostAppended({ store }: Driven<string>, count: number, write: (i: number) => void): number {
  const allocate = vi.spyOn(store.log, 'allocate');
  let most = 0;
  for (let i = 0; i < count; i++) {
    allocate.mockClear();
    write(i);
    most = Math.max(most, allocate.mock.calls.length);
  }
  allocate.mockRestore();
  return most;
}

function usedBytes({ store }: Driven<string>): number {
  return (store.pages as MemoryPages).usedBytes;
}

/** Values that outgrow their records, so that each leaves garbage. */
function valueOf(i: number): string {
  return 'v'.repeat(20 + 17 * Math.floor(i / MEMBERS));
}

describe('garbage in memory', () => {
  it('is taken out a few records before each write, and stays below a share', () => {
    const driven = open();
    const { db, store } = driven;
    const write = (i: number) => db.hset('h', { [`m${i % MEMBERS}`]: valueOf(i) });
    expect(mostAppended(driven, 4 * MEMBERS, write)).toBeLessThan(RECORDS_PER_WRITE_MAX);
    const pages = store.pages as MemoryPages;
    expect(pages.deadUnits * 8).toBeLessThan(usedBytes(driven) * 0.3 + 3 * PAGE_BYTES);
    for (let i = 0; i < MEMBERS; i++) expect(db.hget('h', `m${i}`)).toBe(valueOf(3 * MEMBERS));
  });

  it('is taken out as fast as the limit on memory asks for', () => {
    const driven = open(4_000_000);
    const { db } = driven;
    let most = 0;
    const write = (i: number) => {
      db.hset(`h${i % 100}`, { [`m${i % MEMBERS}`]: valueOf(i) });
      most = Math.max(most, usedBytes(driven));
    };
    expect(mostAppended(driven, 5 * MEMBERS, write)).toBeLessThan(RECORDS_PER_WRITE_MAX);
    expect(most).toBeLessThan(4_000_000);
    expect(db.stats().keys).toBeGreaterThan(20);
  });

  it('of a collection that went is counted before another key has to go', () => {
    const driven = open(4_000_000);
    const { db } = driven;
    for (let i = 0; i < 10; i++) db.set(`kept${i}`, 'x');
    for (let i = 0; i < 40_000; i++) db.hset('h', { [`m${i}`]: 'value' });
    db.del('h');
    for (let i = 0; i < 40_000; i++) db.hset('other', { [`m${i}`]: 'value' });
    for (let i = 0; i < 10; i++) expect(db.get(`kept${i}`)).toBe('x');
    expect(usedBytes(driven)).toBeLessThan(4_000_000);
  });

  it('in a page that a flush takes back meanwhile is forgotten', () => {
    const driven = open();
    const { db } = driven;
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 2 * MEMBERS; i++) db.hset('h', { [`m${i % MEMBERS}`]: valueOf(i) });
      flushNamespaces(driven.store, ALL_NAMESPACES);
      for (let i = 0; i < 100; i++) db.set(`k${i}`, `${round}`);
      for (let i = 0; i < 100; i++) expect(db.get(`k${i}`)).toBe(`${round}`);
    }
  });
});
