import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { request, SocketClient, until } from '../../test/socket-client.ts';
import { type Database, open } from '../embedded/database.ts';
import { serve, type Served, type ServeOptions } from '../server.ts';
import { canShareRead } from './shared-read.ts';

let folder: string;
let db: Database;
const opened: { close(): unknown }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferrite-serve-'));
  db = open();
});

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: ServeOptions = {}): Promise<Served> {
  const served = await serve(db, { port: 0, ...options });
  opened.push(served);
  return served;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: { code: string }) => error.code,
  );
}

describe('serve', () => {
  it('lets Redis clients and the program see the same keys', async () => {
    const { port, address } = await start();
    expect(address).toBe(`127.0.0.1:${port}`);
    db.set('from', 'the program');
    const client = await SocketClient.connect(port);
    expect(await client.call('GET', 'from')).toBe('the program');
    expect(await client.call('SET', 'from', 'a client')).toBe('OK');
    expect(db.get('from')).toBe('a client');
    client.destroy();
  });

  it('ends with its clients a pause in which no key expires', async () => {
    const served = await start();
    const client = await SocketClient.connect(served.port);
    expect(await client.call('CLIENT', 'PAUSE', '100000', 'WRITE')).toBe('OK');
    // Long enough for the write itself, which must not find that its time is over.
    db.set('k', 'v', { ttlMs: 100 });
    expect(db.get('k')).toBe('v');
    await served.close();
    await until(() => db.stats().expired === 1);
    client.destroy();
  });

  it('reads all sockets into one buffer on this runtime', async () => {
    expect(await canShareRead()).toBe(true);
  });

  it('carries large values both ways, for many clients at once', async () => {
    const { port } = await start();
    const clients = await Promise.all(Array.from({ length: 8 }, () => SocketClient.connect(port)));
    const values = clients.map((_, i) => String.fromCharCode(97 + i).repeat(3_000_000 + i));
    await Promise.all(clients.map((client, i) => client.call('SET', `key ${i}`, values[i])));
    const read = await Promise.all(clients.map((client, i) => client.call('GET', `key ${i}`)));
    expect(read.every((value, i) => value === values[i])).toBe(true);
    for (const client of clients) client.destroy();
  });

  it('answers a client that sends its last command and closes its side at once', async () => {
    const { port } = await start();
    const client = await SocketClient.connect(port, { allowHalfOpen: true });
    client.socket.end(request('SET', 'a', '1') + request('GET', 'a'));
    expect(await client.closed()).toBe('+OK\r\n$1\r\n1\r\n');
  });

  it('listens on a Unix socket, with the permissions asked for, and takes the place of one that was left behind', async () => {
    const path = join(folder, 'ferrite.sock');
    const served = await serve(db, { unixSocket: path, unixSocketMode: 0o600 });
    expect(served.address).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const client = await SocketClient.connect(path);
    expect(await client.call('PING')).toBe('PONG');
    client.destroy();
    await served.close();
    expect(() => statSync(path)).toThrow();
  });

  it('never removes a file that is not a socket to put one in its place', async () => {
    const path = join(folder, 'precious');
    writeFileSync(path, 'data');
    expect(await codeOf(serve(db, { unixSocket: path }))).toBe('FERRITE_LISTEN');
    expect(statSync(path).size).toBe(4);
  });

  it('says that the port is taken, and leaves nothing behind', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1');
    await until(() => other.listening);
    const { port } = other.address() as AddressInfo;
    await expect(serve(db, { port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: another program has it`);
    await new Promise((resolve) => other.close(resolve));
    await start({ port });
  });

  it('refuses a store that is served already', async () => {
    await start();
    expect(await codeOf(serve(db, { port: 0 }))).toBe('FERRITE_INVALID_ARGUMENT');
  });

  it('keeps the store open until it is closed, although the program has let go of it', async () => {
    const path = join(folder, 'store');
    const own = open({ path });
    const served = await serve(own, { port: 0 });
    own.close();
    const client = await SocketClient.connect(served.port);
    expect(await client.call('SET', 'a', '1')).toBe('OK');
    await served.close();
    await served.close();
    const again = open({ path });
    expect(again.get('a')).toBe('1');
    again.close();
  });

  it('lets in only clients of this machine, as long as it is not told otherwise', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((each) => each !== undefined && each.family === 'IPv4' && !each.internal)?.address;
    if (outside === undefined) return;
    const { port } = await start({ host: outside });
    const client = await SocketClient.connect(port, { host: outside });
    expect(await client.closed()).toMatch(/^-DENIED /);
  });

  it('passes over an address that this machine does not have, if it is marked by a minus', async () => {
    const other = open();
    const served = await serve(other, { port: 0, host: '127.0.0.1' });
    const { port } = served;
    await served.close();
    const second = await serve(other, { port, host: ['-192.0.2.1', '127.0.0.1'] });
    expect(second.address).toBe(`127.0.0.1:${port}`);
    await second.close();
    expect(await codeOf(serve(other, { port, host: ['192.0.2.1'] }))).toBe('FERRITE_LISTEN');
    expect(await codeOf(serve(other, { port, host: ['-192.0.2.1'] }))).toBe('FERRITE_LISTEN');
    other.close();
  });
});

describe('CONFIG SET of port and bind', () => {
  it('lets clients in at another port, and at the old one no more; who is in stays', async () => {
    const { port } = await start();
    const first = await SocketClient.connect(port);
    const other = await freePort();
    expect(await first.call('CONFIG', 'SET', 'port', String(other), 'timeout', '0')).toBe('OK');
    expect(await first.call('CONFIG', 'GET', 'port')).toEqual(['port', String(other)]);
    const second = await SocketClient.connect(other);
    expect(await second.call('PING')).toBe('PONG');
    expect(await first.call('PING')).toBe('PONG');
    await expect(SocketClient.connect(port)).rejects.toThrow(/ECONNREFUSED/);
    second.destroy();
    expect(await first.call('CONFIG', 'SET', 'port', '0')).toBe('OK');
    await expect(SocketClient.connect(other)).rejects.toThrow(/ECONNREFUSED/);
    first.destroy();
  });

  it('changes nothing at all where it cannot listen', async () => {
    const { port } = await start();
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await until(() => taken.listening);
    const client = await SocketClient.connect(port);
    const used = String((taken.address() as AddressInfo).port);
    await expect(client.call('CONFIG', 'SET', 'timeout', '9', 'port', used)).resolves.toMatchObject({
      message:
        "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.",
    });
    await expect(client.call('CONFIG', 'SET', 'bind', '192.0.2.1')).resolves.toMatchObject({
      message: expect.stringMatching(/'bind'\) - Failed to bind to specified addresses/),
    });
    const free = await freePort();
    await expect(client.call('CONFIG', 'SET', 'port', String(free), 'timeout', 'x')).resolves.toMatchObject({
      message: expect.stringMatching(/'timeout'\)/),
    });
    await expect(SocketClient.connect(free)).rejects.toThrow(/ECONNREFUSED/);
    expect(await client.call('CONFIG', 'GET', 'port', 'timeout', 'bind')).toEqual(
      expect.arrayContaining([String(port), '0', '127.0.0.1']),
    );
    (await SocketClient.connect(port)).destroy();
    client.destroy();
    await new Promise((resolve) => taken.close(resolve));
  });

  it('adds an address beside those that stay', async () => {
    const { port } = await start();
    const client = await SocketClient.connect(port);
    expect(await client.call('CONFIG', 'SET', 'bind', '127.0.0.1 127.0.0.2')).toBe('OK');
    (await SocketClient.connect(port, { host: '127.0.0.2' })).destroy();
    (await SocketClient.connect(port)).destroy();
    expect(await client.call('CONFIG', 'SET', 'bind', '127.0.0.2')).toBe('OK');
    await expect(SocketClient.connect(port)).rejects.toThrow(/ECONNREFUSED/);
    client.destroy();
  });
});

describe('limits that CONFIG SET changes', () => {
  it('hold for the next client, or the next read', async () => {
    const { port } = await start();
    const client = await SocketClient.connect(port);
    await client.call('CONFIG', 'SET', 'maxclients', '1');
    expect(await (await SocketClient.connect(port)).closed()).toBe('-ERR max number of clients reached\r\n');
    await client.call('CONFIG', 'SET', 'maxclients', '10', 'client-output-buffer-limit', 'normal 1mb 0 0');
    await client.call('SET', 'k', 'v'.repeat(2_000_000));
    client.send(request('GET', 'k'));
    expect(await client.closed()).toBe('+OK\r\n');
    const second = await SocketClient.connect(port);
    await second.call('CONFIG', 'SET', 'client-query-buffer-limit', '1mb', 'tcp-keepalive', '5', 'timeout', '1');
    second.send(`*2\r\n$4\r\nECHO\r\n$3000000\r\n${'x'.repeat(2_500_000)}`);
    await second.closed();
    const third = await SocketClient.connect(port);
    await third.closed();
  });
});

describe('SHUTDOWN', () => {
  it('ends the server, not the program that has the database open', async () => {
    const served = await start();
    const client = await SocketClient.connect(served.port);
    await client.call('SET', 'a', '1');
    client.received = Buffer.alloc(0);
    client.send(request('PING') + request('SHUTDOWN', 'SAVE', 'NOW') + request('PING'));
    expect(await client.closed()).toBe('+PONG\r\n');
    await served.closed;
    expect(db.get('a')).toBe('1');
  });
});

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await until(() => server.listening);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a bad option of serve', () => {
  it.each<[string, object]>([
    ['is one that does not exist', { port: 0, prot: 1 }],
    ['is a port that there is not', { port: 70_000 }],
    ['is an empty address', { port: 0, host: '' }],
    ['is a limit of no clients', { port: 0, maxClients: 0 }],
    ['is nowhere to listen', {}],
  ])('%s', async (_, options) => {
    expect(await codeOf(serve(db, options))).toBe('FERRITE_INVALID_OPTION');
  });
});

describe('metrics', () => {
  it('are served as Prometheus reads them, on a port of their own', async () => {
    const { port, metricsPort } = await start({ metricsPort: 0 });
    const client = await SocketClient.connect(port);
    await client.call('SET', 'a', '1');
    const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^# TYPE ferrite_connected_clients gauge\nferrite_connected_clients 1$/m);
    expect(text).toMatch(/^ferrite_commands_processed_total 1$/m);
    expect(text).toMatch(/^ferrite_keys\{db="0"\} 1$/m);
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) ferrite_\w+ .+|ferrite_\w+(\{\w+="\w+"\})? [\d.e+]+)$/);
    }
    expect((await fetch(`http://127.0.0.1:${metricsPort}/other`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { method: 'POST' })).status).toBe(405);
    client.destroy();
  });

  it('are not served unless asked for, and a taken port is an error', async () => {
    expect((await start()).metricsPort).toBe(0);
    const taken = createServer().listen(0, '127.0.0.1');
    await until(() => taken.listening);
    const { port } = taken.address() as AddressInfo;
    const other = open();
    expect(await codeOf(serve(other, { port: 0, metricsPort: port }))).toBe('FERRITE_LISTEN');
    other.close();
    await new Promise((resolve) => taken.close(resolve));
  });
});
