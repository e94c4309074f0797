import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from './scratch.ts';
import { DAY_MS, infoOf, type Pair, serveTls, TestAuthority, type TestServer, TlsClient } from './tls-fixture.ts';

const ca = new TestAuthority(Date.now() - 100 * DAY_MS);
const scratch = scratchFolder();
let sets = 0;

/** Files that can be replaced. */
function place(pair: Pair): { certFile: string; keyFile: string } {
  const certFile = join(scratch, `${sets}.crt`);
  const keyFile = join(scratch, `${sets++}.key`);
  replace({ certFile, keyFile }, pair);
  return { certFile, keyFile };
}

function replace(files: { certFile: string; keyFile: string }, pair: Pair): void {
  copyFileSync(pair.certFile, files.certFile);
  copyFileSync(pair.keyFile, files.keyFile);
  chmodSync(files.keyFile, 0o600);
}

/** The serial number that a new client is shown. */
async function shown(server: TestServer): Promise<string> {
  const client = await TlsClient.open(server.port, ca);
  const { serialNumber } = client.socket.getPeerCertificate();
  client.end();
  return serialNumber.toLowerCase();
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let waitedMs = 0; !(await condition()); waitedMs += 20) {
    if (waitedMs > 10_000) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const serialOf = (pair: Pair) => ca.authority.list().find(({ pem }) => pem === pair.cert)?.serial;

describe('new certificates', () => {
  it('reach new clients, while 100 clients that are there lose nothing', async () => {
    const before = ca.issue('localhost');
    const files = place(before);
    const server = await serveTls({ ...files, reloadInterval: 50 });
    const clients: TlsClient[] = [];
    for (let i = 0; i < 100; i++) clients.push(await TlsClient.open(server.port, ca));
    expect(await shown(server)).toBe(serialOf(before));

    const after = ca.issue('localhost');
    // All of them wait for something when it happens.
    const asked = clients.map((client, i) => client.ask(`SET key:${i} ${i}\r\nSUBSCRIBE news:${i}\r\n`, 'hello\r\n'));
    replace(files, after);
    await until(async () => (await shown(server)) === serialOf(after));
    const publisher = await TlsClient.open(server.port, ca);
    for (let i = 0; i < 100; i++) expect(await publisher.ask(`PUBLISH news:${i} hello\r\n`)).toBe(':1\r\n');
    for (const reply of await Promise.all(asked)) expect(reply).toMatch(/^\+OK\r\n\*3\r\n\$9\r\nsubscribe\r\n/);
    for (const client of clients) await client.ask('UNSUBSCRIBE\r\n', ':0\r\n');
    for (const client of clients) expect(await client.ask('PING\r\n')).toBe('+PONG\r\n');
    expect(clients.filter(({ isClosed }) => isClosed)).toHaveLength(0);
    expect(await infoOf(publisher)).toMatchObject({
      tls_reloads: expect.stringMatching(/^[12]$/),
      tls_reload_error: '',
    });
    for (const client of [...clients, publisher]) client.end();
  });

  it('are taken by CONFIG SET, both files in one command', async () => {
    const first = ca.issue('localhost');
    const second = ca.issue('localhost');
    const server = await serveTls({ certFile: first.certFile, keyFile: first.keyFile, reloadInterval: 0 });
    const client = await TlsClient.open(server.port, ca);
    const set = `CONFIG SET tls-key-file ${second.keyFile} tls-cert-file ${second.certFile}\r\n`;
    expect(await client.ask(set)).toBe('+OK\r\n');
    expect(await shown(server)).toBe(serialOf(second));
    expect(await client.ask('CONFIG GET tls-cert-file\r\n')).toContain(second.certFile);
    client.end();
  });

  it('that were replaced are read at once by CONFIG SET of the same name, and refused if they do not fit', async () => {
    const [first, second, other] = [ca.issue('localhost'), ca.issue('localhost'), ca.issue('localhost')];
    const files = place(first);
    const server = await serveTls({ ...files, reloadInterval: 0 });
    const client = await TlsClient.open(server.port, ca);
    replace(files, second);
    expect(await shown(server)).toBe(serialOf(first));
    expect(await client.ask(`CONFIG SET tls-cert-file ${files.certFile}\r\n`)).toBe('+OK\r\n');
    expect(await shown(server)).toBe(serialOf(second));
    copyFileSync(other.certFile, files.certFile);
    expect(await client.ask(`CONFIG SET tls-cert-file ${files.certFile}\r\n`)).toContain(
      'the key is not that of the certificate',
    );
    expect(await shown(server)).toBe(serialOf(second));
    client.end();
  });

  it('that do not fit are refused by CONFIG SET, and nothing changes', async () => {
    const first = ca.issue('localhost');
    const server = await serveTls({ certFile: first.certFile, keyFile: first.keyFile, reloadInterval: 0 });
    const client = await TlsClient.open(server.port, ca);
    const other = ca.issue('localhost');
    expect(await client.ask(`CONFIG SET tls-cert-file ${other.certFile}\r\n`)).toContain(
      'the key is not that of the certificate',
    );
    expect(await client.ask('CONFIG SET tls-cert-file /nowhere\r\n')).toContain('cannot read /nowhere');
    expect(await client.ask('CONFIG SET tls-auth-clients yes\r\n')).toContain(
      'tls-ca-cert-file or tls-ca-cert-dir is needed',
    );
    expect(await client.ask('CONFIG SET tls-port 7000\r\n')).toContain("can't set immutable config");
    expect(await client.ask('CONFIG GET tls-cert-file\r\n')).toContain(first.certFile);
    expect(await shown(server)).toBe(serialOf(first));
    client.end();
  });

  it('that are replaced one file after the other are taken when both are there', async () => {
    const before = ca.issue('localhost');
    const files = place(before);
    const server = await serveTls({ ...files, reloadInterval: 30 });
    const after = ca.issue('localhost');
    copyFileSync(after.certFile, files.certFile);
    await until(() => server.lines.some((line) => line.includes('TLS goes on with the certificates it has')));
    const client = await TlsClient.open(server.port, ca);
    expect((await infoOf(client))['tls_reload_error']).toContain('the key is not that of the certificate');
    expect(await shown(server)).toBe(serialOf(before));
    copyFileSync(after.keyFile, files.keyFile);
    await until(async () => (await shown(server)) === serialOf(after));
    expect(server.lines.filter((line) => line.includes('goes on with'))).toHaveLength(1);
    expect((await infoOf(client))['tls_reload_error']).toBe('');
    client.end();
  });

  it('are made by the authority before the old ones end, where its directory is at hand', async () => {
    const soon = ca.issue('localhost', { days: 30 }, Date.now() - 25 * DAY_MS);
    const files = place(soon);
    const server = await serveTls({ ...files, reloadInterval: 30, renewCaDir: ca.directory });
    const client = await TlsClient.open(server.port, ca);
    await until(() => server.lines.some((line) => line.includes('was renewed by the authority')));
    await until(async () => Number((await infoOf(client))['tls_certificate_days_left']) >= 29);
    expect(await shown(server)).not.toBe(serialOf(soon));
    expect(readFileSync(files.keyFile, 'utf8')).toBe(soon.key);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(server.lines.filter((line) => line.includes('was renewed'))).toHaveLength(1);
    client.end();
  });

  it('that cannot be made are told of once a day, and what there is goes on', async () => {
    const soon = ca.issue('localhost', { days: 30 }, Date.now() - 25 * DAY_MS);
    const server = await serveTls({ ...place(soon), reloadInterval: 20, renewCaDir: new TestAuthority().directory });
    await until(() => server.lines.some((line) => line.includes('could not be renewed')));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const said = server.lines.filter((line) => line.includes('could not be renewed'));
    expect(said).toEqual([expect.stringContaining('is not of this authority')]);
    expect(await shown(server)).toBe(serialOf(soon));
  });
});

describe('the operator', () => {
  it('is warned of what is about to end, and of keys that others can read', async () => {
    const soon = ca.issue('localhost', { days: 10 });
    chmodSync(soon.keyFile, 0o644);
    const server = await serveTls({ certFile: soon.certFile, keyFile: soon.keyFile });
    expect(server.lines.join('\n')).toMatch(new RegExp(`TLS: the certificate ${soon.certFile} expires 20\\d\\d-`));
    expect(server.lines).toContain(`TLS: the private key ${soon.keyFile} can be read by others than its owner`);
    const client = await TlsClient.open(server.port, ca);
    expect(await infoOf(client)).toMatchObject({ tls_expiring_soon: '1', tls_certificate_days_left: '9' });
    client.end();
  });

  it('never sees a private key or a passphrase', async () => {
    const pair = ca.issue('localhost');
    const broken = join(scratch, 'broken.key');
    writeFileSync(broken, pair.key.replace(/[A-Za-z]/, '!'), { mode: 0o600 });
    const server = await serveTls({ certFile: pair.certFile, keyFile: pair.keyFile, keyFilePass: 'open sesame' });
    const client = await TlsClient.open(server.port, ca);
    const reply = await client.ask(`CONFIG SET tls-key-file ${broken}\r\n`);
    expect(reply).toMatch(/^-ERR CONFIG SET failed/);
    const said = [...server.lines, reply].join('\n');
    expect(said).not.toContain('PRIVATE');
    expect(said).not.toContain('sesame');
    expect(said).not.toContain(pair.key.split('\n')[1]);
    client.end();
  });
});
