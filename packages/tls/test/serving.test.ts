import { constants } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { infoOf, serveTls, TestAuthority, TlsClient } from './tls-fixture.ts';

const ca = new TestAuthority();
const own = ca.issue('localhost');
const files = { certFile: own.certFile, keyFile: own.keyFile };
const bulk = (value: string) => `$${value.length}\r\n${value}\r\n`;
const command = (...words: string[]) => `*${words.length}\r\n${words.map(bulk).join('')}`;

describe('clients over TLS', () => {
  it('see the same keys as clients over TCP and the program', async () => {
    const server = await serveTls(files);
    const client = await TlsClient.open(server.port, ca);
    expect(await client.ask('SET city Seattle\r\n')).toBe('+OK\r\n');
    expect(server.db.get('city')).toBe('Seattle');
    server.db.set('city', 'Bern');
    expect(await client.ask('GET city\r\n')).toBe('$4\r\nBern\r\n');
    expect(client.socket.getProtocol()).toBe('TLSv1.3');
    expect(await client.ask('CLIENT LIST\r\n')).toContain(
      `addr=127.0.0.1:${client.socket.localPort} laddr=127.0.0.1:${server.port} `,
    );
    client.end();
  });

  it('get all replies of a long pipeline, in order', async () => {
    const server = await serveTls(files);
    const client = await TlsClient.open(server.port, ca);
    let sent = '';
    let wanted = '';
    for (let i = 0; i < 20_000; i++) {
      sent += command('ECHO', `${i}`);
      wanted += bulk(`${i}`);
    }
    expect((await client.ask(`${sent}PING\r\n`, '+PONG\r\n')) === `${wanted}+PONG\r\n`).toBe(true);
    client.end();
  });

  it('move values of many records of TLS, both ways', async () => {
    const server = await serveTls(files);
    const client = await TlsClient.open(server.port, ca);
    const value = 'abcdefgh'.repeat(100_000);
    expect(await client.ask(command('SET', 'large', value))).toBe('+OK\r\n');
    const reply = await client.ask('GET large\r\n', 'h\r\n');
    expect(reply === bulk(value)).toBe(true);
    client.end();
  });

  it('that read nothing for a while lose nothing', async () => {
    const server = await serveTls(files);
    server.db.set('large', 'x'.repeat(400_000));
    const client = await TlsClient.open(server.port, ca);
    client.socket.pause();
    client.socket.write('GET large\r\n'.repeat(20));
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.socket.resume();
    const reply = await client.ask('PING\r\n', '+PONG\r\n');
    expect(reply.length).toBe(20 * (400_000 + '$400000\r\n\r\n'.length) + '+PONG\r\n'.length);
    client.end();
  });

  it('that hang up after their last command get its reply', async () => {
    const server = await serveTls(files);
    server.db.set('large', 'x'.repeat(300_000));
    const client = await TlsClient.open(server.port, ca, { allowHalfOpen: true });
    client.socket.end('GET large\r\nGET large\r\nPING\r\n');
    const reply = await client.ask('', '+PONG\r\n');
    expect(reply.length).toBe(2 * (300_000 + '$300000\r\n\r\n'.length) + '+PONG\r\n'.length);
    await client.closed();
    expect(client.error).toBeNull();
  });

  it('get what others publish', async () => {
    const server = await serveTls(files);
    const subscriber = await TlsClient.open(server.port, ca);
    const publisher = await TlsClient.open(server.port, ca);
    await subscriber.ask('SUBSCRIBE news\r\n', ':1\r\n');
    for (let i = 0; i < 200; i++) publisher.socket.write(command('PUBLISH', 'news', `item ${i}`));
    const heard = await subscriber.ask('', 'item 199\r\n');
    expect([...heard.matchAll(/item (\d+)/g)].map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    );
    subscriber.end();
    publisher.end();
  });

  it('are asked for the password like all others', async () => {
    const server = await serveTls(files);
    const client = await TlsClient.open(server.port, ca);
    await client.ask('CONFIG SET requirepass secret\r\n');
    const other = await TlsClient.open(server.port, ca);
    expect(await other.ask('GET a\r\n')).toContain('NOAUTH');
    expect(await other.ask('AUTH secret\r\n')).toBe('+OK\r\n');
    expect(await other.ask('GET a\r\n')).toBe('$-1\r\n');
    client.end();
    other.end();
  });

  it('get their last replies when the server closes', async () => {
    const server = await serveTls(files);
    const client = await TlsClient.open(server.port, ca);
    client.socket.write('PING\r\n');
    const reply = client.ask('');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await server.close();
    expect(await reply).toBe('+PONG\r\n');
    await client.closed();
  });

  it('that do not speak TLS are named in the log, once', async () => {
    const server = await serveTls(files);
    const { connect } = await import('node:net');
    const socket = connect(server.port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('close', resolve));
    const said = server.lines.filter((line) => line.includes('TLS'));
    expect(said).toEqual([
      expect.stringMatching(
        /^TLS handshake with (127\.0\.0\.1:\d+|a client that is gone) failed: the client does not speak TLS$/,
      ),
    ]);
  });

  it('are counted in INFO', async () => {
    const server = await serveTls(files);
    const client = await TlsClient.open(server.port, ca);
    const info = await infoOf(client);
    expect(info).toMatchObject({
      tls_port: String(server.port),
      tls_certificates: '1',
      tls_certificate_days_left: '89',
      tls_expiring_soon: '0',
      tls_handshakes: '1',
      tls_clients_refused: '0',
    });
    expect(info['tls_crl_until']).toBeUndefined();
    client.end();
  });
});

describe('what is agreed on in the handshake', () => {
  it('goes by tls-protocols and tls-ciphers', async () => {
    const server = await serveTls({ ...files, protocols: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    const client = await TlsClient.open(server.port, ca);
    expect(client.socket.getProtocol()).toBe('TLSv1.2');
    expect(client.socket.getCipher().name).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
    await expect(TlsClient.open(server.port, ca, { minVersion: 'TLSv1.3' })).rejects.toThrow();
    client.end();
  });

  it('goes by tls-ciphersuites', async () => {
    const server = await serveTls({ ...files, ciphersuites: 'TLS_CHACHA20_POLY1305_SHA256' });
    const client = await TlsClient.open(server.port, ca);
    expect(client.socket.getCipher().name).toBe('TLS_CHACHA20_POLY1305_SHA256');
    client.end();
  });

  it('is the certificate of the name that the client asks for', async () => {
    const named = ca.issue('cache.example', { names: ['cache.example', '*.cache.example'] });
    const server = await serveTls({ ...files, sniCertificates: `${named.certFile} ${named.keyFile}` });
    const names = async (servername: string): Promise<string> => {
      const client = await TlsClient.open(server.port, ca, { servername });
      const { subject } = client.socket.getPeerCertificate();
      expect(await client.ask('PING\r\n')).toBe('+PONG\r\n');
      client.end();
      return subject.CN as string;
    };
    expect(await names('cache.example')).toBe('cache.example');
    expect(await names('a.cache.example')).toBe('cache.example');
    expect(await names('localhost')).toBe('localhost');
  });

  it('is one of the protocols of tls-alpn', async () => {
    const server = await serveTls({ ...files, alpn: 'redis ferrite' });
    const client = await TlsClient.open(server.port, ca, { ALPNProtocols: ['http/1.1', 'ferrite'] });
    expect(client.socket.alpnProtocol).toBe('ferrite');
    await expect(TlsClient.open(server.port, ca, { ALPNProtocols: ['http/1.1'] })).rejects.toThrow(
      /no application protocol/,
    );
    const silent = await TlsClient.open(server.port, ca);
    expect(await silent.ask('PING\r\n')).toBe('+PONG\r\n');
    client.end();
    silent.end();
  });

  it('can be resumed, unless tls-session-caching is off', async () => {
    const resumes = async (sessionCaching: boolean): Promise<boolean> => {
      const server = await serveTls({ ...files, sessionCaching, protocols: 'TLSv1.2' });
      const first = await TlsClient.open(server.port, ca, { secureOptions: constants.SSL_OP_NO_TLSv1_3 });
      await first.ask('PING\r\n');
      const session = first.socket.getSession();
      first.end();
      const second = await TlsClient.open(server.port, ca, { session });
      const isReused = second.socket.isSessionReused();
      expect(await second.ask('PING\r\n')).toBe('+PONG\r\n');
      second.end();
      return isReused;
    };
    expect(await resumes(true)).toBe(true);
    expect(await resumes(false)).toBe(false);
  });
});

describe('a configuration that makes no sense', () => {
  it('is refused before anybody is let in', async () => {
    const other = ca.issue('other.example');
    await expect(serveTls({})).rejects.toThrow('no tls-cert-file is configured');
    await expect(serveTls({ certFile: own.certFile })).rejects.toThrow('no tls-key-file is configured');
    await expect(serveTls({ certFile: own.certFile, keyFile: other.keyFile })).rejects.toThrow(
      'the key is not that of the certificate',
    );
    await expect(serveTls({ certFile: own.keyFile, keyFile: own.keyFile })).rejects.toThrow('is no certificate');
    await expect(serveTls({ certFile: '/nowhere.crt', keyFile: own.keyFile })).rejects.toThrow(
      'cannot read /nowhere.crt',
    );
    await expect(serveTls({ ...files, authClients: 'yes' })).rejects.toThrow(
      'tls-ca-cert-file or tls-ca-cert-dir is needed',
    );
    await expect(serveTls({ ...files, protocols: 'SSLv3' })).rejects.toThrow('tls-protocols cannot be "SSLv3"');
    await expect(serveTls({ ...files, protocols: 'TLSv1.1 TLSv1.3' })).rejects.toThrow('leaves out a version');
    await expect(serveTls({ ...files, sniCertificates: own.certFile })).rejects.toThrow('wants pairs');
  });
});
