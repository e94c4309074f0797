import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltServer, freePort } from '../test/run-server.ts';

let built: BuiltServer;

beforeAll(async () => {
  built = await BuiltServer.build();
}, 60_000);

afterAll(() => built.remove());

function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let reply = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(text));
    socket.on('data', (chunk) => (reply += chunk.toString()));
    socket.on('end', () => resolve(reply));
    socket.on('error', reject);
  });
}

describe('ferrite-server', () => {
  it('keeps what it acknowledged over SIGTERM, which it obeys with exit code 0', async () => {
    const port = String(await freePort());
    const first = built.run('--port', port, '--dir', 'kept');
    expect(await first.ready()).toBe(Number(port));
    expect(first.output).toMatch(new RegExp(`PID: ${first.process.pid}\\b`));
    expect(await talk(Number(port), 'SET a 1\r\n')).toBe('+OK\r\n');
    expect(await first.kill('SIGTERM')).toBe(0);
    expect(first.output).toMatch(/Received SIGTERM scheduling shutdown\.\.\.[\s\S]*bye bye/);
    const second = built.run('--port', port, '--dir', 'kept');
    await second.ready();
    expect(await talk(Number(port), 'GET a\r\n')).toBe('$1\r\n1\r\n');
    expect(await second.kill('SIGINT')).toBe(0);
  });

  it('reads a file of options, and what stands on the command line wins', async () => {
    const port = await freePort();
    const file = join(built.scratch, 'ferrite.conf');
    writeFileSync(file, `# a comment\nport 1\nbind 127.0.0.1\n\nlog-format json\ndir ${built.scratch}/from-file\n`);
    const server = built.run(file, '--port', String(port));
    await server.ready();
    for (const line of server.output.trim().split('\n')) expect(JSON.parse(line).pid).toBe(server.process.pid);
    await server.kill('SIGTERM');
  });

  it('keeps what CONFIG SET and CONFIG REWRITE told it, and ends by SHUTDOWN', async () => {
    const port = await freePort();
    const file = join(built.scratch, 'kept.conf');
    const pidFile = join(built.scratch, 'kept.pid');
    writeFileSync(file, `# mine\nport ${port}\nappendonly no\npidfile ${pidFile}\ndir ${built.scratch}/kept-conf\n`);
    const first = built.run(file);
    await first.ready();
    expect(readFileSync(pidFile, 'utf8')).toBe(`${first.process.pid}\n`);
    const commands = [
      'SET a 1',
      'CONFIG SET loglevel nothing appendonly yes',
      'CONFIG REWRITE',
      'SHUTDOWN NOSAVE',
      'PING',
    ];
    expect(await talk(port, commands.map((line) => `${line}\r\n`).join(''))).toBe('+OK\r\n'.repeat(3));
    expect(await first.exitCode()).toBe(0);
    expect(first.output).not.toMatch(/User requested shutdown/);
    expect(existsSync(pidFile)).toBe(false);
    expect(readFileSync(file, 'utf8')).toMatch(/^# mine\nport \d+\nappendonly yes\n/);
    const second = built.run(file, '--loglevel', 'notice');
    await second.ready();
    expect(second.output).toMatch(/durability everysec/);
    expect(await talk(port, 'GET a\r\nSHUTDOWN\r\n')).toBe('$1\r\n1\r\n');
    expect(await second.exitCode()).toBe(0);
    expect(second.output).toMatch(/User requested shutdown\.\.\.[\s\S]*bye bye/);
  });

  it('has as much of the data in memory as it was told', async () => {
    const port = await freePort();
    const sizes = ['--mutable-region-size', '1mb', '--read-only-region-size', '1mb', '--read-cache-size', '256kb'];
    const server = built.run('--port', String(port), '--dir', 'sizes', ...sizes);
    await server.ready();
    const value = 'v'.repeat(60_000);
    const sets = Array.from({ length: 200 }, (_, i) => `SET ${i} ${value}\r\n`).join('');
    const reply = await talk(port, `${sets}INFO memory\r\nCONFIG GET mutable-region-size\r\n`);
    expect(reply).toMatch(/mutable-region-size\r\n\$7\r\n1048576\r\n$/);
    expect(Number(/used_memory_dataset:(\d+)/.exec(reply)?.[1])).toBeLessThan(5_000_000);
    await server.kill('SIGTERM');
  });

  it('says that the port is taken, and exits with 1', async () => {
    const port = String(await freePort());
    const first = built.run('--port', port, '--dir', '');
    await first.ready();
    const second = built.run('--port', port, '--dir', '');
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toMatch(`cannot listen on 127.0.0.1:${port}: another program has it`);
    expect(second.output).toMatch(`Failed listening on port ${port}`);
    await first.kill('SIGTERM');
  });

  it('says that another process has the store, and exits with 1', async () => {
    const first = built.run('--port', String(await freePort()), '--dir', 'locked');
    await first.ready();
    const second = built.run('--port', String(await freePort()), '--dir', 'locked');
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toMatch(String(first.process.pid));
    await first.kill('SIGTERM');
  });

  it.each([
    [
      'an option that does not exist',
      ['--prot', '1'],
      /^\n\*\*\* FATAL CONFIG FILE ERROR \(.*\) \*\*\*\nReading the configuration file, at line 1\n>>> 'prot "1"'\nBad directive/,
    ],
    ['a port that there is not', ['--port', '70000'], /argument must be between 0 and 65535 inclusive/],
    ['a file that is not there', ['missing.conf'], /can't open config file 'missing\.conf'/],
  ])('refuses %s with exit code 1', async (_, args, message) => {
    const server = built.run(...args);
    expect(await server.exitCode()).toBe(1);
    expect(server.output).toMatch(message);
  });
});
