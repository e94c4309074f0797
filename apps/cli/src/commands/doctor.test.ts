import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@ferrite/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ferrite } from '../../test/run-cli.ts';

let scratch: string;
let made = 0;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ferrite-doctor-'));
  const db = open({ path: join(scratch, 'store'), preset: 'tiny', pageSize: '128kb' });
  for (let i = 0; i < 300; i++) db.set(`key:${i}`, 'x'.repeat(20_000));
  await db.compact();
  for (let i = 0; i < 300; i++) db.set(`late:${i}`, String(i));
  db.close();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A copy of a store with several segments and a checkpoint. */
function makeStore(): string {
  const path = join(scratch, `store-${made++}`);
  cpSync(join(scratch, 'store'), path, { recursive: true });
  return path;
}

function damage(path: string, pick: (name: string) => boolean, at: (bytes: Buffer) => number): string {
  const name = readdirSync(path).find(pick)!;
  const bytes = readFileSync(join(path, name));
  bytes[at(bytes)] ^= 0xff;
  writeFileSync(join(path, name), bytes);
  return name;
}

const isMain = (name: string): boolean => name.startsWith('main-');

describe('ferrite doctor', () => {
  it('says of a store that is whole how much it has looked at', async () => {
    const path = makeStore();
    const { code, stdout } = await ferrite(['doctor', path]);
    expect(stdout).toMatch(/match their sums\n600 keys; it was closed properly\n\nThe store is whole\.\n$/);
    expect(code).toBe(0);
    const { stdout: json } = await ferrite(['doctor', '--json', path]);
    expect(JSON.parse(json)).toMatchObject({ path, isWhole: true, keys: 600, problems: [] });
  });

  it('finds damage in a segment, says where it is and what to do, and salvage keeps the rest', async () => {
    const path = makeStore();
    const name = damage(path, isMain, () => 30_000);
    const { code, stdout } = await ferrite(['doctor', path]);
    expect(stdout).toMatch(new RegExp(`DAMAGE ${name} at byte [\\d,]+: a record does not match its sum`));
    expect(stdout).toMatch('what to do: restore a backup');
    expect(code).toBe(1);
    const told = JSON.parse((await ferrite(['doctor', '--json', path])).stdout);
    expect(told.isWhole).toBe(false);
    expect(told.problems[0]).toMatchObject({ kind: 'damage', file: name, position: expect.any(Number) });
    expect(await ferrite(['salvage', path])).toMatchObject({ code: 2, stderr: expect.stringMatching('--yes') });
    const salvaged = JSON.parse((await ferrite(['salvage', '--yes', '--json', path])).stdout);
    expect(salvaged.keys).toBeGreaterThan(500);
    const db = open({ path });
    expect(db.get('late:299')).toBe('299');
    db.close();
  });

  it('finds damage in checkpoints, segment headers and the store file, and a segment that is missing', async () => {
    const checkpoint = makeStore();
    damage(
      checkpoint,
      (name) => name.startsWith('checkpoint-'),
      () => 200,
    );
    const told = await ferrite(['doctor', checkpoint]);
    expect(told).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/checkpoint-\d+: it does not match its sums/),
    });
    expect(told.stdout).toMatch('Nothing is lost.');
    const header = makeStore();
    damage(header, isMain, () => 24);
    expect((await ferrite(['doctor', header])).stdout).toMatch('its header does not match its sum');
    const identity = makeStore();
    damage(
      identity,
      (name) => name === 'ferrite.store',
      () => 40,
    );
    const { code, stdout } = await ferrite(['doctor', identity]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/DAMAGE ferrite\.store: it does not match its sum/)]);
    const missing = makeStore();
    const segments = readdirSync(missing).filter(isMain);
    rmSync(join(missing, segments.at(-1)!));
    expect(await ferrite(['doctor', missing])).toMatchObject({ code: 1, stdout: expect.stringMatching('missing') });
  });

  it('refuses a store that a process has open, and a directory that is none', async () => {
    const path = makeStore();
    const db = open({ path });
    expect(await ferrite(['doctor', path])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(String(process.pid)),
    });
    db.close();
    expect((await ferrite(['doctor', scratch])).stderr).toMatch('is not a Ferrite store');
  });
});

describe('ferrite backup and restore', () => {
  it('copy a store there and back', async () => {
    const path = makeStore();
    const backup = join(scratch, 'backups', 'one');
    const restored = join(scratch, 'restored');
    expect(JSON.parse((await ferrite(['backup', '--json', path, backup])).stdout)).toMatchObject({ backup });
    const done = await ferrite(['restore', '--json', backup, restored]);
    expect(JSON.parse(done.stdout)).toMatchObject({ path: restored, isRestored: true, keys: 600 });
    const db = open({ path: restored });
    expect(db.get('key:7')).toBe('x'.repeat(20_000));
    db.close();
    for (const command of ['backup', 'restore']) {
      const again = await ferrite([command, path, restored]);
      expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching('is there already') });
    }
    expect(readdirSync(scratch).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  it('restore refuses a damaged backup unless it is forced', async () => {
    const path = makeStore();
    const name = damage(path, isMain, () => 30_000);
    const target = join(scratch, 'forced');
    const refused = await ferrite(['restore', path, target]);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching('nothing was restored') });
    expect(refused.stderr).toMatch(`${name}: a record does not match its sum`);
    expect((await ferrite(['restore', '--force', path, target])).code).toBe(0);
    expect(readFileSync(join(target, name)).equals(readFileSync(join(path, name)))).toBe(true);
  });
});
