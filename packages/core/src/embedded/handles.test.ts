/** Handles on stores of a real directory: shared, cloned, closed, locked against other threads. */
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, open } from './database.ts';

let directory: string;
const opened: Database[] = [];

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(tmpdir(), 'ferrite-handles-'));
});

afterEach(() => {
  for (const db of opened.splice(0)) db.close();
  fs.rmSync(directory, { recursive: true, force: true });
});

function openIn(name: string, options = {}): Database {
  const db = open({ path: path.join(directory, name), ...options });
  opened.push(db);
  return db;
}

const CLOSED = expect.objectContaining({ code: 'FERRITE_CLOSED' });

describe("durability 'interval'", () => {
  it('commits as often as it was asked to, however short the interval', async () => {
    const db = openIn('store', { durability: 'interval', commitIntervalMs: 5 });
    db.set('key', 'value');
    await db.commit();
    const { fsyncs } = db.stats().flash;
    const until = performance.now() + 400;
    for (let i = 0; performance.now() < until; i++) {
      db.set('key', String(i));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // Ten ticks a second would make it 4; a busy machine is given room.
    expect(db.stats().flash.fsyncs - fsyncs).toBeGreaterThan(8);
  });
});

describe('a path', () => {
  it('is made if missing, and keeps what was closed', () => {
    const db = openIn('new/store');
    db.set('key', 'value');
    db.close();
    expect(openIn('new/store').get('key')).toBe('value');
  });

  it('may be given alone, and shares its store by any name of the same directory', () => {
    const first = openIn('store');
    fs.symlinkSync(path.join(directory, 'store'), path.join(directory, 'link'));
    const second = open(path.join(directory, 'link'));
    opened.push(second);
    first.set('key', 'value');
    expect(second.get('key')).toBe('value');
    first.close();
    expect(second.get('key')).toBe('value');
    second.close();
    expect(openIn('store').get('key')).toBe('value');
  });

  it('that is open keeps its durability: another one is refused', () => {
    openIn('store');
    expect(() => openIn('store', { durability: 'always' })).toThrow(
      expect.objectContaining({ code: 'FERRITE_INVALID_OPTION' }),
    );
    expect(() => openIn('store', { readOnly: true })).toThrow(
      expect.objectContaining({ code: 'FERRITE_INVALID_OPTION' }),
    );
  });

  it('that is a file, or holds something else, is no store', () => {
    fs.writeFileSync(path.join(directory, 'file'), 'text');
    fs.mkdirSync(path.join(directory, 'other'));
    fs.writeFileSync(path.join(directory, 'other', 'notes.txt'), 'text');
    const notAStore = expect.objectContaining({ code: 'FERRITE_NOT_A_STORE' });
    expect(() => openIn('file')).toThrow(notAStore);
    expect(() => openIn('other')).toThrow(notAStore);
    expect(() => openIn('missing', { readOnly: true })).toThrow(notAStore);
    expect(fs.readdirSync(path.join(directory, 'other'))).toEqual(['notes.txt']);
  });
});

describe('a clone', () => {
  it('is a handle of its own: the last one to close closes the store', () => {
    const db = openIn('store');
    const clone = db.clone();
    clone.set('key', 'value');
    db.close();
    expect(() => db.get('key')).toThrow(CLOSED);
    expect(clone.get('key')).toBe('value');
    clone.close();
    expect(() => clone.get('key')).toThrow(CLOSED);
    expect(fs.existsSync(path.join(directory, 'store', 'lock'))).toBe(false);
  });

  it('of a store in memory shares it, while two opens do not', () => {
    const db = open();
    const clone = db.clone();
    const other = open();
    opened.push(db, clone, other);
    db.set('key', 'value');
    expect([clone.get('key'), other.get('key')]).toEqual(['value', undefined]);
  });

  it('has listeners of its own, gone with it', async () => {
    const db = openIn('store');
    const clone = db.clone();
    const heard: string[] = [];
    db.on('expired', () => heard.push('first'));
    clone.on('expired', () => heard.push('clone'));
    db.set('a', '', { ttlMs: 40 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    db.get('a');
    await Promise.resolve();
    expect(heard.sort()).toEqual(['clone', 'first']);
    clone.close();
    db.set('b', '', { ttlMs: 40 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    db.get('b');
    await Promise.resolve();
    expect(heard).toEqual(['clone', 'first', 'first']);
  });
});

describe('close', () => {
  it('may be called twice, and ends every method', async () => {
    const db = openIn('store');
    db.set('key', 'value');
    const keys = db.keys();
    const batch = db.batch().set('late', '');
    db.close();
    db.close();
    const calls = [
      () => db.get('key'),
      () => db.getMany(['key']),
      () => db.set('key', ''),
      () => db.del('key'),
      () => db.has('key'),
      () => db.incrBy('key'),
      () => db.ttl('key'),
      () => db.batch(),
      () => db.keys(),
      () => db.commitSync(),
      () => db.stats(),
      () => db.clone(),
      () => db.on('error', () => undefined),
      () => keys.next(),
      () => batch.commit(),
    ];
    for (const call of calls) expect(call).toThrow(CLOSED);
    await expect(db.setAsync('key', '')).rejects.toThrow(CLOSED);
    await expect(db.commit()).rejects.toThrow(CLOSED);
    await expect(db.compact()).rejects.toThrow(CLOSED);
    expect(openIn('store').get('late')).toBeUndefined();
  });

  it('settles writers that still wait for their commit', async () => {
    const db = openIn('store', { durability: 'always' });
    const waiting = [db.setAsync('a', '1'), db.batch().set('b', '2').commitAsync(), db.commit()];
    db.close();
    expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(new Array(3).fill('fulfilled'));
    expect(openIn('store', { durability: 'always' }).getMany(['a', 'b'])).toEqual(['1', '2']);
  });

  it('is what dispose does, after a commit where that can be awaited', async () => {
    const db = openIn('store', { durability: 'none' });
    db.set('key', 'value');
    await db[Symbol.asyncDispose]();
    expect(() => db.get('key')).toThrow(CLOSED);
    const again = openIn('store', { durability: 'none' });
    expect(again.get('key')).toBe('value');
    again[Symbol.dispose]();
    expect(() => again.get('key')).toThrow(CLOSED);
  });
});

describe('another thread', () => {
  it('is refused while the store is open here, and welcome afterwards', async () => {
    const bundle = path.join(directory, 'core.mjs');
    const entry = new URL('../index.ts', import.meta.url).pathname;
    await build({
      entryPoints: [entry],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.bundle).then(({ open }) => {
        try {
          const db = open(workerData.path);
          parentPort.postMessage('opened ' + db.get('key'));
          db.close();
        } catch (error) {
          parentPort.postMessage(error.code + ' ' + error.message);
        }
      });`;
    const ask = async (): Promise<string> => {
      const worker = new Worker(code, { eval: true, workerData: { bundle, path: path.join(directory, 'store') } });
      const [answer] = await once(worker, 'message');
      await worker.terminate();
      return answer as string;
    };
    const db = openIn('store');
    db.set('key', 'value');
    expect(await ask()).toMatch(/^FERRITE_LOCKED .*another thread/);
    db.close();
    expect(await ask()).toBe('opened value');
    expect(openIn('store').get('key')).toBe('value');
  });
});
