import { spawn, spawnSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { expect, it } from 'vitest';
import { serveTls, TestAuthority } from './tls-fixture.ts';

const ca = new TestAuthority();
const own = ca.issue('localhost');
const device = ca.client('pump-1');
const values = { certFile: own.certFile, keyFile: own.keyFile, caCertFile: ca.certFile, authClients: 'yes' as const };
const identity = { ca: ca.authority.certificate, cert: device.cert, key: device.key };
const hasRedisCli = `${spawnSync('redis-cli', ['--help'], { encoding: 'utf8' }).stdout}`.includes('--tls ');

it('ioredis connects, with a certificate of its own', async () => {
  const server = await serveTls(values);
  const client = new Redis({ port: server.port, host: '127.0.0.1', tls: identity });
  expect(await client.set('city', 'Bern')).toBe('OK');
  const replies = await Promise.all(Array.from({ length: 500 }, (_, i) => client.incrby('sum', i)));
  expect(replies.at(-1)).toBe((499 * 500) / 2);
  client.disconnect();
});

it('node-redis connects, with a certificate of its own', async () => {
  const server = await serveTls(values);
  const client = createClient({ socket: { tls: true, port: server.port, host: '127.0.0.1', ...identity } });
  client.on('error', () => {});
  await client.connect();
  expect(await client.set('city', 'Bern')).toBe('OK');
  expect(await client.get('city')).toBe('Bern');
  client.destroy();
});

it.runIf(hasRedisCli)('redis-cli --tls connects, and is refused without a certificate', async () => {
  const server = await serveTls(values);
  const cli = (...args: string[]): Promise<string> =>
    new Promise((resolve) => {
      const child = spawn('redis-cli', ['--tls', '-p', String(server.port), '--cacert', ca.certFile, ...args]);
      let output = '';
      child.stdout.on('data', (chunk) => (output += chunk));
      child.stderr.on('data', (chunk) => (output += chunk));
      child.on('close', () => resolve(output));
    });
  expect(await cli('--cert', device.certFile, '--key', device.keyFile, 'SET', 'city', 'Bern')).toBe('OK\n');
  expect(server.db.get('city')).toBe('Bern');
  expect(await cli('GET', 'city')).not.toContain('Bern');
  expect(server.lines.join('\n')).toContain('refused: it shows no certificate');
});
