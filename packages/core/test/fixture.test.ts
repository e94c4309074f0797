/** Stores written by earlier versions open, with everything in them: the promise of the format. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type Database, open } from '../src/index.ts';
import type { FeatureStore } from '../src/registry/feature-store.ts';
import {
  FIXTURE_BYTES,
  FIXTURE_EXPIRES_MS,
  fixtureCollections,
  fixtureContents,
  fixtureFeature,
  fixtureNotes,
  linesOf,
} from './fixture-store.ts';
import { unpackFixture } from './unpack-fixture.ts';

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'ferrite-fixtures-'));

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const stores = readdirSync(fixtures).flatMap((format) =>
  readdirSync(join(fixtures, format)).map((store) => [format, store] as const),
);

/** Unpacks a fixture into a directory of its own. */
function unpack(format: string, store: string, name: string): string {
  return unpackFixture(format, store, join(scratch, `${format}-${store}-${name}`));
}

function expectContents(format: string, db: Database): void {
  const contents = fixtureContents();
  for (const [key, value] of contents) expect(db.get(key), key.slice(0, 40)).toBe(value);
  expect(db.getBuffer('bytes')).toEqual(Buffer.from(FIXTURE_BYTES));
  expect(db.getEntry('expires')?.expiresAt).toBe(FIXTURE_EXPIRES_MS);
  expect(db.getEntry('ascii')?.expiresAt).toBeUndefined();
  const collections = [...fixtureCollections()].filter(() => hasCollections(format));
  for (const [key, lines] of collections) expect(linesOf(db, key), key).toEqual(lines);
  const live = [...contents, ...collections].filter(([, value]) => value !== undefined).map(([key]) => key);
  const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  expect([...db.keys()]).toEqual([...live, 'bytes'].sort(byBytes));
}

function hasNotes(format: string): boolean {
  return format !== 'format-1' && format !== 'format-2';
}

function hasCollections(format: string): boolean {
  return hasNotes(format) && format !== 'format-3';
}

function expectNotes(format: string, notes: FeatureStore): void {
  const isThere = hasNotes(format);
  for (const [key, value] of fixtureNotes()) expect(notes.get(key)?.toString()).toBe(isThere ? value : undefined);
  expect(notes.entries()).toHaveLength(isThere ? [...fixtureNotes().values()].filter(Boolean).length : 0);
}

test.each([1, 2, 3, 4])('there is a fixture of format %d, closed and killed, with every kind of file', (format) => {
  expect(stores).toContainEqual([`format-${format}`, 'closed']);
  expect(stores).toContainEqual([`format-${format}`, 'killed']);
  const files = readdirSync(join(fixtures, `format-${format}`, 'killed'));
  expect(files).toContain('ferrite.store.gz');
  expect(files.filter((name) => name.startsWith('main-')).length).toBeGreaterThan(1);
  expect(files.filter((name) => name.startsWith('cold-')).length).toBeGreaterThan(0);
  expect(files.filter((name) => name.startsWith('checkpoint-'))).toHaveLength(2);
});

test.each(stores)('%s, %s: everything is there, read-only', (format, store) => {
  const db = open({ path: unpack(format, store, 'read'), readOnly: true, features: [fixtureFeature()] });
  const { recovery } = db.stats();
  expectNotes(format, db.features.fixture);
  expect(recovery).toMatchObject({ clean: store === 'closed', damage: [], savedAs: [] });
  expectContents(format, db);
  db.close();
});

test.each(stores)(
  '%s, %s: everything is there for a writer, and after it compacted and closed',
  async (format, store) => {
    const path = unpack(format, store, 'write');
    const db = open({ path });
    expect(db.stats().missingFeatures).toEqual(hasNotes(format) ? ['fixture'] : []);
    expectContents(format, db);
    db.set('ascii', 'changed');
    db.set('ascii', 'plain');
    await db.compact();
    expectContents(format, db);
    db.close();
    const again = open({ path, features: [fixtureFeature()] });
    expectNotes(format, again.features.fixture);
    expect(again.stats().recovery).toMatchObject({ clean: true, damage: [] });
    expectContents(format, again);
    again.close();
  },
);
