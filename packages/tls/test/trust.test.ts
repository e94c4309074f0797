import { readdirSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY_MS, infoOf, type Pair, serveTls, TestAuthority, type TestServer, TlsClient } from './tls-fixture.ts';

const ca = new TestAuthority(Date.now() - 100 * DAY_MS);
const own = ca.issue('localhost');
const files = { certFile: own.certFile, keyFile: own.keyFile, caCertFile: ca.certFile };
const good = ca.client('pump-1');

/** What a client with that certificate gets, and what the log says of it. */
async function tryWith(server: TestServer, pair: Pair | null): Promise<{ reply: string; said: string[] }> {
  server.lines.length = 0;
  const identity = pair === null ? {} : { cert: pair.cert, key: pair.key };
  const client = await TlsClient.open(server.port, ca, identity);
  const reply = await client.ask('PING\r\n');
  client.end();
  return { reply, said: server.lines.filter((line) => line.includes('TLS')) };
}

const REFUSED = '-DENIED the TLS certificate of this client is refused: see the log of the server\r\n';

describe('tls-auth-clients yes', () => {
  it('lets in who has a certificate of the authority', async () => {
    const server = await serveTls({ ...files, authClients: 'yes' });
    expect(await tryWith(server, good)).toEqual({ reply: '+PONG\r\n', said: [] });
  });

  it('refuses all others, with one line of the log that says why', async () => {
    const server = await serveTls({ ...files, authClients: 'yes' });
    const expired = ca.client('old', { days: 1 }, Date.now() - 30 * DAY_MS);
    const early = ca.client('early', {}, Date.now() + 30 * DAY_MS);
    const stranger = new TestAuthority().client('stranger');
    const wrongUse = ca.issue('server-only');
    const cases: [Pair | null, RegExp][] = [
      [null, /^TLS client 127\.0\.0\.1:\d+ refused: it shows no certificate$/],
      [expired, /refused: its certificate has expired \(CN=old, serial [0-9A-F]{32}\)$/],
      [early, /refused: its certificate is not valid yet \(CN=early, /],
      [stranger, /refused: its certificate is of no authority that is trusted here \(CN=stranger, /],
      [wrongUse, /refused: its certificate is not for clients \(CN=server-only, /],
    ];
    for (const [pair, why] of cases) {
      const { reply, said } = await tryWith(server, pair);
      expect({ reply, said }).toEqual({ reply: REFUSED, said: [expect.stringMatching(why)] });
    }
    const client = await TlsClient.open(server.port, ca, { cert: good.cert, key: good.key });
    expect(await infoOf(client)).toMatchObject({ tls_clients_refused: '5', tls_handshakes: '6' });
    client.end();
  });

  it('refuses a resumed session of somebody who never showed a certificate', async () => {
    const server = await serveTls({ ...files, authClients: 'yes' });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await TlsClient.open(server.port, ca, { maxVersion });
      let session = first.socket.getSession();
      first.socket.on('session', (newer) => {
        session = newer;
      });
      await first.closed();
      const again = await TlsClient.open(server.port, ca, { maxVersion, session });
      expect(await again.ask('PING\r\n')).toBe(REFUSED);
      again.end();
    }
  });

  it('lets a session be resumed by who has shown a certificate', async () => {
    const server = await serveTls({ ...files, authClients: 'yes' });
    const first = await TlsClient.open(server.port, ca, { cert: good.cert, key: good.key });
    let session = first.socket.getSession();
    first.socket.on('session', (newer) => {
      session = newer;
    });
    await first.ask('PING\r\n');
    first.end();
    const again = await TlsClient.open(server.port, ca, { cert: good.cert, key: good.key, session });
    expect(await again.ask('PING\r\n')).toBe('+PONG\r\n');
    expect(await infoOf(again)).toMatchObject({ tls_handshakes: '2', tls_handshakes_resumed: '1' });
    again.end();
  });
});

describe('tls-auth-clients optional', () => {
  it('lets in who shows no certificate, and not who shows a bad one', async () => {
    const server = await serveTls({ ...files, authClients: 'optional' });
    expect((await tryWith(server, null)).reply).toBe('+PONG\r\n');
    expect((await tryWith(server, good)).reply).toBe('+PONG\r\n');
    expect((await tryWith(server, new TestAuthority().client('stranger'))).reply).toBe(REFUSED);
  });
});

describe('a revocation list', () => {
  it('keeps revoked certificates out, from when it is in place', async () => {
    const mine = new TestAuthority();
    const server = await serveTls({ ...files, caCertFile: mine.certFile, crlFile: mine.crlFile, authClients: 'yes' });
    const lost = mine.client('lost');
    const kept = mine.client('kept');
    expect((await tryWith(server, lost)).reply).toBe('+PONG\r\n');
    mine.authority.revoke('lost', 'key-compromise');
    server.db.features.tls.reload();
    const { reply, said } = await tryWith(server, lost);
    expect({ reply, said }).toEqual({
      reply: REFUSED,
      said: [expect.stringMatching(/its certificate was revoked \(CN=lost, /)],
    });
    expect((await tryWith(server, kept)).reply).toBe('+PONG\r\n');
  });

  it('that is too old is said to be, and keeps everybody out', async () => {
    const mine = new TestAuthority(Date.now() - 400 * DAY_MS);
    const server = await serveTls({
      ...files,
      caCertFile: mine.certFile,
      crlFile: mine.crlFile,
      authClients: 'optional',
    });
    expect(server.lines.join()).toMatch(/TLS: the revocation list .*ca\.crl expired 20/);
    const { reply, said } = await tryWith(server, mine.client('pump'));
    expect({ reply, said }).toEqual({
      reply: REFUSED,
      said: [expect.stringContaining('is too old to check its certificate')],
    });
    const client = await TlsClient.open(server.port, ca);
    expect(await infoOf(client)).toMatchObject({
      tls_crl_days_left: expect.stringMatching(/^-3[56]$/),
      tls_expiring_soon: '1',
    });
    client.end();
  });

  it('of another authority does not pass for one of this', async () => {
    const server = await serveTls({ ...files, crlFile: new TestAuthority().crlFile, authClients: 'yes' });
    expect((await tryWith(server, good)).said).toEqual([
      expect.stringContaining('has no revocation list of its authority'),
    ]);
  });
});

describe('authorities', () => {
  it('can be the files of a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ferrite-tls-dir-'));
    try {
      const second = new TestAuthority();
      copyFileSync(ca.certFile, join(folder, 'first.crt'));
      copyFileSync(second.certFile, join(folder, 'second.pem'));
      writeFileSync(join(folder, 'README'), 'no certificate');
      expect(readdirSync(folder)).toHaveLength(3);
      const server = await serveTls({ ...files, caCertFile: '', caCertDir: folder, authClients: 'yes' });
      expect((await tryWith(server, good)).reply).toBe('+PONG\r\n');
      expect((await tryWith(server, second.client('other'))).reply).toBe('+PONG\r\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
