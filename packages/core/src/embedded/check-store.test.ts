import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { unpackFixture } from '../../test/unpack-fixture.ts';
import { SEGMENT_FRAMES_AT_BYTES } from '../engine/segments.ts';
import { checkStore } from './check-store.ts';
import { open } from './database.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ferrite-check-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let made = 0;
const fixture = (store = 'closed', format = 'format-2'): string =>
  unpackFixture(format, store, join(scratch, `store-${made++}`));

function flip(path: string, position: number): void {
  const bytes = readFileSync(path);
  bytes[position] ^= 0x10;
  writeFileSync(path, bytes);
}

function contentsOf(path: string): string[] {
  const hashOf = (name: string): string =>
    createHash('sha1')
      .update(readFileSync(join(path, name)))
      .digest('hex');
  return readdirSync(path).map((name) => `${name} ${hashOf(name)}`);
}

async function problemsOf(path: string): Promise<string[]> {
  const { problems } = await checkStore(path);
  return problems.map(({ kind, file, text }) => `${kind} ${file}: ${text}`);
}

describe('checkStore', () => {
  it.each([
    ['format-1', 'closed'],
    ['format-1', 'killed'],
    ['format-2', 'closed'],
    ['format-2', 'killed'],
  ])('finds nothing wrong with a store that is whole (%s, %s), and changes nothing', async (format, store) => {
    const path = fixture(store, format);
    const before = contentsOf(path);
    const seen: number[] = [];
    const found = await checkStore(path, (done, total) => seen.push(done / total));
    expect(found.problems).toEqual([]);
    expect(found.files.map(({ name }) => name).sort()).toEqual(readdirSync(path).sort());
    expect(found.files.every(({ isWhole }) => isWhole)).toBe(true);
    expect(found.files.reduce((sum, { records }) => sum + records, 0)).toBeGreaterThan(70);
    expect(seen.every((share) => share <= 1)).toBe(true);
    expect(contentsOf(path)).toEqual(before);
  });

  it('finds a flipped bit wherever it is, in every file', async () => {
    const path = fixture();
    const unseen: string[] = [];
    for (const name of readdirSync(path)) {
      const bytes = readFileSync(join(path, name));
      const used = [...bytes.keys()].filter((at) => bytes[at] !== 0);
      // Some in the header, some in the rest.
      const positions = new Set([...used.slice(0, 40).filter((_, i) => i % 8 === 0), ...spread(used, 8)]);
      for (const position of positions) {
        flip(join(path, name), position);
        const found = await checkStore(path);
        if (!found.problems.some((problem) => problem.file === name)) unseen.push(`${name} at ${position}`);
        flip(join(path, name), position);
      }
    }
    expect(unseen).toEqual([]);
  });

  it('tells damage from what the store does without', async () => {
    const one = fixture();
    const [older, newer] = readdirSync(one).filter((name) => name.startsWith('checkpoint'));
    flip(join(one, newer), 100);
    expect(await problemsOf(one)).toEqual([`repaired ${newer}: it does not match its sums`]);
    flip(join(one, older), 100);
    expect((await problemsOf(one))[0]).toBe(`damage ${older}: it does not match its sums, and there is no other`);
    const two = fixture();
    writeFileSync(join(two, 'notes.txt'), 'mine');
    writeFileSync(join(two, 'torn-3-main-77'), 'x');
    writeFileSync(join(two, 'feed-cursors'), '17 3\nabc');
    expect(await problemsOf(two)).toEqual([
      'repaired feed-cursors: it does not match its sum',
      'note notes.txt: it is no file of the store',
      'note torn-3-main-77: an earlier open set it aside',
    ]);
  });

  it('says where a segment is damaged, and goes on behind it', async () => {
    const path = fixture();
    const whole = (await checkStore(path)).files
      .filter(({ name }) => name.startsWith('main-'))
      .sort((a, b) => b.frames - a.frames)[0];
    const at = SEGMENT_FRAMES_AT_BYTES + 200;
    flip(join(path, whole.name), at);
    const { problems, files } = await checkStore(path);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ kind: 'damage', file: whole.name, advice: expect.stringMatching('backup') });
    expect(at - problems[0].position!).toBeLessThan(256);
    const damaged = files.find(({ name }) => name === whole.name)!;
    expect(damaged.isWhole).toBe(false);
    expect(whole.frames - damaged.frames).toBe(1);
  });

  it('takes the end of the log for torn where nothing proves that it was durable', async () => {
    const path = fixture('killed');
    const name = readdirSync(path)
      .filter((each) => each.startsWith('main-'))
      .at(-1)!;
    const bytes = readFileSync(join(path, name));
    const end = bytes.length - [...bytes].reverse().findIndex((byte) => byte !== 0);
    writeFileSync(join(path, name), bytes.fill(0xee, end + 8, end + 80));
    const { problems, files } = await checkStore(path);
    expect(problems).toMatchObject([{ kind: 'note', file: name, text: expect.stringMatching('torn') }]);
    expect(files.every(({ isWhole }) => isWhole)).toBe(true);
    // The open agrees: it cuts it, and misses nothing.
    const db = open({ path, readOnly: true });
    expect(db.stats().recovery.damage).toEqual([]);
    db.close();
  });

  it('says what a store lacks that cannot even be opened', async () => {
    const damaged = fixture();
    flip(join(damaged, 'ferrite.store'), 20);
    expect((await problemsOf(damaged))[0]).toMatch(/^damage ferrite\.store: it does not match its sum/);
    const without = fixture();
    rmSync(join(without, 'ferrite.store'));
    expect((await problemsOf(without))[0]).toMatch(/^damage ferrite\.store: it is missing/);
    const [one, other] = readdirSync(without).filter((name) => name.startsWith('main-'));
    const short = fixture();
    truncateSync(join(short, one), 8192);
    expect((await problemsOf(short))[0]).toMatch(`damage ${one}: it was cut short`);
    const foreign = fixture();
    writeFileSync(join(foreign, one), readFileSync(join(foreign, other)));
    // All but the number is as it should be: the same store, renamed.
    expect((await problemsOf(foreign))[0]).toMatch(`damage ${one}: it is`);
  });

  it('refuses a store that is open, a directory without one, and none at all', async () => {
    const path = fixture();
    const db = open(path);
    await expect(checkStore(path)).rejects.toMatchObject({ code: 'FERRITE_LOCKED' });
    db.close();
    await expect(checkStore(scratch)).rejects.toMatchObject({ code: 'FERRITE_NOT_A_STORE' });
    await expect(checkStore(join(scratch, 'none'))).rejects.toMatchObject({ code: 'FERRITE_NOT_A_STORE' });
  });
});

function spread(list: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}
