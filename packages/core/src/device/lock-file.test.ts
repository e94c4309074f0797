/**
 * The lock against real processes and threads: the modules are compiled into a directory of their own, where children
 * and workers import them.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LockFile } from './lock-file.ts';
import { describeSelf, type LockHolder } from './lock-holder.ts';

const linux = process.platform === 'linux';
const NO_PROC = '/nonexistent';
const LOCKED = expect.objectContaining({ code: 'FERRITE_LOCKED' });
/** Takes the lock of the directory given, says so, and stays. */
const HOLD = `
  const { LockFile } = await import(process.argv[2]);
  LockFile.takeSync(process.argv[3], 'fail');
  console.log('held');
  setInterval(() => {}, 1000);`;
/** Joins in the race for each directory at its appointed time; says which it won, and holds them to the end. */
const RACE = `
  const { LockFile } = await import(process.argv[2]);
  const startMs = Number(process.argv[4]);
  const won = [];
  for (const [i, name] of (await import('node:fs')).readdirSync(process.argv[3]).sort().entries()) {
    while (Date.now() < startMs + i * 20);
    try {
      LockFile.takeSync(process.argv[3] + '/' + name, 'fail');
      won.push(name);
    } catch (error) {
      if (error.code !== 'FERRITE_LOCKED') throw error;
    }
  }
  console.log(JSON.stringify(won));
  process.stdin.resume();`;

let compiled: string;
let directory: string;
let children: ChildProcess[] = [];

beforeAll(() => {
  compiled = fs.mkdtempSync(path.join(os.tmpdir(), 'ferrite-lock-js-'));
  fs.writeFileSync(path.join(compiled, 'package.json'), '{"type":"module"}');
  for (const name of ['base/errors', 'device/entropy', 'device/lock-holder', 'device/lock-file']) {
    const source = fs.readFileSync(new URL(`../${name}.ts`, import.meta.url), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
      },
    });
    fs.mkdirSync(path.dirname(path.join(compiled, name)), { recursive: true });
    fs.writeFileSync(path.join(compiled, `${name}.js`), outputText);
  }
  fs.writeFileSync(path.join(compiled, 'hold.mjs'), HOLD);
  fs.writeFileSync(path.join(compiled, 'race.mjs'), RACE);
});

afterAll(() => {
  fs.rmSync(compiled, { recursive: true, force: true });
});

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ferrite-lock-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(children.map(kill));
  children = [];
  fs.rmSync(directory, { recursive: true, force: true });
});

function run(script: string, ...args: string[]): ChildProcess {
  const lockModule = path.join(compiled, 'device/lock-file.js');
  const child = spawn(process.execPath, [path.join(compiled, script), lockModule, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function lineOf(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  return String(chunk).trim();
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function take(how: 'fail' | 'steal' = 'fail', procRoot?: string): LockFile {
  return LockFile.takeSync(directory, how, procRoot);
}

/** Leaves a file as another holder would: ourselves, with what is given changed. */
function leave(changed: Partial<LockHolder>, name = 'lock', procRoot = '/proc'): LockHolder {
  const nonce = String(Math.random()).slice(2).padEnd(32, '0');
  const holder = { ...describeSelf(nonce, procRoot), ...changed };
  fs.writeFileSync(path.join(directory, name), JSON.stringify(holder));
  return holder;
}

/** The pid of a process that has ended. */
function deadPid(): number {
  return Number(spawnSync(process.execPath, ['-p', 'process.pid']).stdout.toString());
}

function onlyTheLockIsLeft(): void {
  expect(fs.readdirSync(directory)).toEqual(['lock']);
}

describe('another process', () => {
  it('refuses a lock that a living process holds, and names it', async () => {
    const child = run('hold.mjs', directory);
    expect(await lineOf(child)).toBe('held');
    expect(() => take()).toThrow(LOCKED);
    expect(() => take()).toThrow(new RegExp(`process ${child.pid} on this machine.*lock: 'steal'`));
    onlyTheLockIsLeft();
  });

  it('takes over the lock of a process killed with SIGKILL', async () => {
    const child = run('hold.mjs', directory);
    expect(await lineOf(child)).toBe('held');
    await kill(child);
    expect(take().isHeldSync()).toBe(true);
    onlyTheLockIsLeft();
  });

  it('lets exactly one of many processes take over a stale lock', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `round-${100 + i}`);
    const pid = deadPid();
    for (const [i, name] of names.entries()) {
      fs.mkdirSync(path.join(directory, name));
      const stale = leave({ pid }, `${name}/lock`);
      // In every other round a process was killed while it took over.
      if (i % 2 === 1) leave({ pid }, `${name}/lock.${stale.nonce}`);
    }
    const startMs = String(Date.now() + 700);
    const racers = Array.from({ length: 4 }, () => run('race.mjs', directory, startMs));
    const won = (await Promise.all(racers.map(lineOf))).flatMap((line) => JSON.parse(line) as string[]);
    expect(won.sort()).toEqual(names);
    for (const name of names) expect(fs.readdirSync(path.join(directory, name))).toEqual(['lock']);
  });

  it.skipIf(!linux)('takes over the lock of a reused pid: it runs, but started at another time', async () => {
    const child = spawn('sleep', ['60']);
    children.push(child);
    await once(child, 'spawn');
    const pid = Number(child.pid);
    const startTicks = startTicksOf(pid);
    leave({ pid, startTicks });
    expect(() => take()).toThrow(LOCKED);
    leave({ pid, startTicks: startTicks - 1 });
    expect(take().isHeldSync()).toBe(true);
  });

  it.skipIf(!linux)('takes over the lock of a process that has ended and that nobody waits for', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 60']);
    children.push(parent);
    const pid = Number(await lineOf(parent));
    leave({ pid, startTicks: startTicksOf(pid) });
    await vi.waitUntil(() => fs.readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '));
    expect(take().isHeldSync()).toBe(true);
  });
});

function startTicksOf(pid: number): number {
  const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
}

describe('this process', () => {
  it('tells the second opener that another thread or copy has the store', () => {
    take();
    expect(() => take()).toThrow(/another thread of this process/);
  });

  it('refuses a lock that a worker thread holds, and takes it over once the worker is terminated', async () => {
    const worker = new Worker(path.join(compiled, 'hold.mjs'), {
      argv: [path.join(compiled, 'device/lock-file.js'), directory],
      stdout: true,
    });
    const [said] = await once(worker.stdout, 'data');
    expect(String(said)).toBe('held\n');
    expect(() => take()).toThrow(/another thread of this process/);
    await worker.terminate();
    if (linux) expect(take().isHeldSync()).toBe(true);
    else expect(() => take()).toThrow(LOCKED);
  });

  it.skipIf(!linux)('takes over the lock of an earlier process that had our pid', () => {
    leave({ startTicks: startTicksOf(process.pid) - 1 });
    expect(take().isHeldSync()).toBe(true);
  });
});

describe('what can be proved', () => {
  it('takes over a lock from before the machine was started', () => {
    leave({ pid: 1, bootId: '00000000-0000-0000-0000-000000000000' });
    if (linux) expect(take().isHeldSync()).toBe(true);
    else expect(() => take()).toThrow(LOCKED);
  });

  it('refuses where nothing can be proved: another host, another pid namespace, a boot unknown', () => {
    const pid = deadPid();
    for (const unknown of [{ host: 'elsewhere' }, { pidNamespace: 'pid:[1]' }, { bootId: linux ? null : 'x' }]) {
      const holder = leave({ pid, ...unknown });
      expect(() => take()).toThrow(`process ${pid} on host '${holder.host}', of which nothing can be seen from here`);
    }
  });

  it('goes by the pid alone where there is no /proc', () => {
    leave({ pid: process.ppid }, 'lock', NO_PROC);
    expect(() => take('fail', NO_PROC)).toThrow(`process ${process.ppid} on this machine`);
    leave({}, 'lock', NO_PROC);
    expect(() => take('fail', NO_PROC)).toThrow(/another thread of this process/);
    leave({ pid: deadPid() }, 'lock', NO_PROC);
    const lock = take('fail', NO_PROC);
    expect(lock.isHeldSync()).toBe(true);
    expect(JSON.parse(fs.readFileSync(path.join(directory, 'lock'), 'utf8'))).toMatchObject({
      pid: process.pid,
      startTicks: null,
      bootId: null,
    });
  });
});

describe('a lock file that cannot be read', () => {
  const whole = JSON.stringify(describeSelf('0'.repeat(32), '/proc'));

  it.each([
    ['empty', ''],
    ['zeros', '\0'.repeat(200)],
    ['a cut line', whole.slice(0, 40)],
    ['three bytes', whole.slice(0, 3)],
    ['a line with zeros behind', whole.slice(0, 20) + '\0'.repeat(100)],
  ])('is taken over when a power cut left it: %s', (_, text) => {
    fs.writeFileSync(path.join(directory, 'lock'), text);
    expect(take().isHeldSync()).toBe(true);
    onlyTheLockIsLeft();
  });

  it.each([
    ['a pid as other programs write it', '1234\n'],
    ['a lock of a format to come', '{"pid":1,"format":2}'],
    ['a name that would lead elsewhere', whole.replace('0'.repeat(32), '../../../../../../../../../../ab')],
  ])('is left alone when another program made it: %s', (_, text) => {
    fs.writeFileSync(path.join(directory, 'lock'), text);
    expect(() => take()).toThrow(/not written by this version of Ferrite/);
    expect(fs.readFileSync(path.join(directory, 'lock'), 'utf8')).toBe(text);
    expect(take('steal').isHeldSync()).toBe(true);
  });

  it('waits for a writer that is only busy', async () => {
    fs.writeFileSync(path.join(directory, 'lock'), '');
    const file = JSON.stringify(path.join(directory, 'lock'));
    const text = JSON.stringify(JSON.stringify(describeSelf('1'.repeat(32), '/proc')));
    const code = `setTimeout(() => require('node:fs').writeFileSync(${file}, ${text}), 60); console.log('soon')`;
    const worker = new Worker(code, { eval: true, stdout: true });
    await once(worker.stdout, 'data');
    expect(() => take()).toThrow(LOCKED);
    await worker.terminate();
  });
});

describe('changing hands', () => {
  it('gives the lock back, and only its own', () => {
    const first = take();
    first.releaseSync();
    expect(first.isHeldSync()).toBe(false);
    expect(fs.readdirSync(directory)).toEqual([]);
    const second = take();
    first.releaseSync();
    expect(second.isHeldSync()).toBe(true);
  });

  it('shows a holder that its lock was stolen or removed', () => {
    const first = take();
    const thief = take('steal');
    expect(first.isHeldSync()).toBe(false);
    expect(thief.isHeldSync()).toBe(true);
    fs.rmSync(path.join(directory, 'lock'));
    expect(thief.isHeldSync()).toBe(false);
  });

  it('gives way to a living process that is taking the lock over', () => {
    const stale = leave({ pid: deadPid() });
    const claim = leave({}, `lock.${stale.nonce}`);
    expect(() => take()).toThrow(LOCKED);
    expect(fs.readFileSync(path.join(directory, 'lock'), 'utf8')).toContain(stale.nonce);
    expect(fs.readFileSync(path.join(directory, `lock.${stale.nonce}`), 'utf8')).toContain(claim.nonce);
  });

  it('goes on where several processes in turn were killed while taking over', () => {
    const pid = deadPid();
    const stale = leave({ pid });
    const claim = leave({ pid }, `lock.${stale.nonce}`);
    leave({ pid }, `lock.${claim.nonce}`);
    leave({ pid }, 'lock.0123456789abcdef0123456789abcdef.new');
    expect(take().isHeldSync()).toBe(true);
    onlyTheLockIsLeft();
  });

  it('finds that somebody was faster, and gives way', () => {
    const stale = leave({ pid: deadPid() });
    const linkSync = fs.linkSync;
    vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
      // Between our look at the stale lock and our claim, another process replaces the lock and is done.
      if (String(to).endsWith(stale.nonce)) leave({});
      linkSync(from, to);
    });
    expect(() => take()).toThrow(/another thread of this process/);
    onlyTheLockIsLeft();
  });

  it('works on file systems without hard links', () => {
    vi.spyOn(fs, 'linkSync').mockImplementation((_, to) => {
      throw Object.assign(new Error('no links'), { code: fs.existsSync(to) ? 'EEXIST' : 'EPERM' });
    });
    const first = take();
    expect(first.isHeldSync()).toBe(true);
    onlyTheLockIsLeft();
    expect(() => take()).toThrow(LOCKED);
    leave({ pid: deadPid() });
    expect(take().isHeldSync()).toBe(true);
    onlyTheLockIsLeft();
  });

  it.skipIf(process.platform === 'win32')('is readable by its owner only', () => {
    take();
    expect(fs.statSync(path.join(directory, 'lock')).mode & 0o777).toBe(0o600);
  });
});
