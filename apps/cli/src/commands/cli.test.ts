import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@ferrite/core';
import { commandDocs } from '@ferrite/core/docs';
import { Config, type Served, serve } from '@ferrite/core/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ferrite, Session } from '../../test/run-cli.ts';

let scratch: string;
let served: Served;
let guarded: Served;
const db = open();
const other = open();

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ferrite-cli-'));
  process.env['FERRITE_HISTORY'] = join(scratch, 'history');
  served = await serve(db, { port: 0, docs: commandDocs });
  const config = new Config();
  config.assign('durability', 'none');
  config.assign('requirepass', 'secret');
  guarded = await serve(other, { port: 0, config });
});
afterAll(async () => {
  await served.close();
  await guarded.close();
  db.close();
  other.close();
  rmSync(scratch, { recursive: true, force: true });
});

const cli = (...args: string[]) => ferrite(['cli', '-p', String(served.port), ...args]);

describe('ferrite cli with a command', () => {
  it('shows the reply raw where output is no terminal, with its type where it is, and as JSON', async () => {
    expect(await cli('SET', 'greeting', 'hé "you"')).toMatchObject({ code: 0, stdout: 'OK\n' });
    expect((await cli('GET', 'greeting')).stdout).toBe('hé "you"\n');
    expect((await cli('--no-raw', 'GET', 'greeting')).stdout).toBe('"h\\xc3\\xa9 \\"you\\""\n');
    const seen = await ferrite(['cli', '-p', String(served.port), 'GET', 'nothing'], { isTTY: true });
    expect(seen.stdout).toBe('(nil)\n');
    expect((await cli('--json', 'MGET', 'greeting', 'nothing')).stdout).toBe('["hé \\"you\\"",null]\n');
    expect((await cli('--json', '-3', 'CONFIG', 'GET', 'maxmemory')).stdout).toBe('{"maxmemory":"0"}\n');
  });

  it('exits with 1 on an error, of the server or of the way there', async () => {
    expect(await cli('NOSUCH')).toMatchObject({ code: 1, stdout: expect.stringMatching(/^ERR unknown command/) });
    expect(await ferrite(['cli', '-p', '1', 'PING'])).toMatchObject({
      code: 1,
      stderr: 'ferrite cli: cannot connect to 127.0.0.1:1: nobody listens there\n',
    });
    expect(await ferrite(['cli', '-p', '70000', 'PING'])).toMatchObject({ code: 2 });
  });

  it('takes the password from the environment or an option, and the database', async () => {
    const to = ['cli', '-p', String(guarded.port)];
    expect((await ferrite([...to, 'PING'])).stdout).toMatch(/^NOAUTH/);
    expect(await ferrite([...to, '-a', 'wrong', 'PING'])).toMatchObject({ code: 1, stderr: /WRONGPASS/ as never });
    expect((await ferrite([...to, '-a', 'secret', '-n', '3', 'SET', 'a', '1'])).stdout).toBe('OK\n');
    process.env['FERRITE_PASSWORD'] = 'secret';
    expect((await ferrite([...to, '-n', '3', 'GET', 'a'])).stdout).toBe('1\n');
    expect((await ferrite([...to, 'GET', 'a'])).stdout).toBe('\n');
    delete process.env['FERRITE_PASSWORD'];
  });

  it('reads the last word from standard input, whatever bytes it has', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256);
    await ferrite(['cli', '-p', String(served.port), '-x', 'SET', 'bytes'], { input: bytes });
    expect((await cli('GET', 'bytes')).bytes).toEqual(Buffer.concat([bytes, Buffer.from('\n')]));
  });

  it('obeys the lines of standard input, and shows replies in their order', async () => {
    const input = 'set a "x\\ty"\r\n\nget a\nget "a\nnosuch\nstrlen a\n';
    const ran = await ferrite(['cli', '-p', String(served.port), '--no-raw'], { input });
    expect(ran.stdout.split('\n')).toEqual([
      'OK',
      '"x\\ty"',
      '(error) ERR line 4: the quotes are not balanced',
      expect.stringMatching(/^\(error\) ERR unknown command 'nosuch'/),
      '(integer) 3',
      '',
    ]);
    expect(ran.code).toBe(1);
    const many = Array.from({ length: 5000 }, (_, i) => `ECHO ${i}`);
    const echoed = await ferrite(['cli', '-p', String(served.port)], { input: many.join('\n') });
    expect(echoed.stdout).toBe(many.map((line) => `${line.slice(5)}\n`).join(''));
  });

  it.each([['2'], ['3']])('shows messages until the connection ends, in RESP%s', async (protocol) => {
    const options = protocol === '3' ? ['-3'] : [];
    const session = new Session(['cli', '-p', String(served.port), ...options, 'SUBSCRIBE', 'news'], false);
    await session.sees('subscribe\nnews\n1\n');
    await cli('PUBLISH', 'news', 'rust');
    await session.sees('message\nnews\nrust\n');
    await cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    expect(await session.code).toBe(0);
  });

  it('shows what MONITOR tells', async () => {
    const session = new Session(['cli', '-p', String(served.port), 'MONITOR'], false);
    await session.sees('OK\n');
    await cli('GET', 'watched');
    await session.sees(/\[0 127\.0\.0\.1:\d+\] "GET" "watched"\n/);
    await cli('CLIENT', 'KILL', 'SKIPME', 'yes');
    await session.code;
  });
});

describe('the shell', () => {
  async function shell(...args: string[]): Promise<Session> {
    const session = new Session(['cli', '-p', String(served.port), ...args]);
    await session.sees(`127.0.0.1:${served.port}> `);
    return session;
  }

  it('obeys commands, and its prompt tells the database and the transaction', async () => {
    const session = await shell();
    session.type('SET "two words" 1\r');
    await session.sees(/\nOK\r?\n/);
    session.type('SELECT 2\r');
    await session.sees(`127.0.0.1:${served.port}[2]> `);
    session.type('MULTI\r');
    await session.sees('[2](TX)> ');
    session.type('EXEC\r');
    await session.sees('(empty array)');
    session.type('get "a\r');
    session.type('exit\r');
    expect(await session.code).toBe(0);
    expect(session.stderr.text).toBe('the quotes of this line are not balanced\n');
  });

  it('completes commands, subcommands and their words, and hints at what may come next', async () => {
    const session = await shell();
    session.type('getr\t');
    await session.sees('ange ');
    await session.sees('key start end');
    session.type('\u0015CONFIG RESETS\t');
    await session.sees('TAT ');
    session.type('\u0015SET k v KEEP\t');
    await session.sees('TTL ');
    session.type('\u0015help SETRANGE\r');
    await session.sees('SETRANGE key offset value');
    session.type('\u0003\u0004');
    await session.code;
  });

  it('ends a stream of messages at Ctrl-C, and connects again', async () => {
    const session = await shell();
    session.type('SUBSCRIBE news\r');
    await session.sees('3) (integer) 1');
    await cli('PUBLISH', 'news', 'rust');
    await session.sees('3) "rust"');
    session.type('\u0003');
    await session.sees('not connected> ');
    session.type('PING\r');
    await session.sees('PONG');
    await session.sees(`127.0.0.1:${served.port}> `);
    session.type('\u0004');
    expect(await session.code).toBe(0);
  });

  it('keeps what was typed, but no passwords, in a file that only its user can read', async () => {
    const path = process.env['FERRITE_HISTORY']!;
    rmSync(path, { force: true });
    const first = await shell();
    first.type('PING first\r');
    await first.sees('"first"');
    first.type('AUTH secret\r');
    await first.sees('(error)');
    // The arrow brings what came before the password.
    first.type('\u001b[A\r');
    await first.sees('"first"');
    first.type('\u0004');
    await first.code;
    expect(readFileSync(path, 'utf8')).toBe('PING first\nPING first\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = await shell();
    second.type('\u001b[A\r');
    await second.sees('"first"');
    second.type('\u0004');
    await second.code;
  });
});
