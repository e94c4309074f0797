import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ferrite, type Ran } from './run-cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ferrite-cli-tls-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const dir = join(scratch, 'ca');

const run = (...args: string[]): Promise<Ran> => ferrite(['tls', ...args]);
const pem = (name: string) => readFileSync(join(dir, 'devices', `${name}.crt`), 'utf8');

describe('ferrite tls', () => {
  it('makes an authority, issues, lists, renews and revokes', async () => {
    expect(await run('ca', '--dir', dir, '--name', 'Plant 7')).toMatchObject({ code: 0, stderr: '' });
    expect((await run('list', '--dir', dir)).stdout).toBe('Nothing was issued yet.\n');
    const server = ['--usage', 'server', '--names', 'cache.example,10.1.2.3'];
    expect((await run('issue', 'cache.example', '--dir', dir, ...server)).code).toBe(0);
    expect((await run('issue', 'pump-1', '--dir', dir, '--usage', 'client', '--days', '20')).code).toBe(0);
    expect(statSync(join(dir, 'devices', 'pump-1.key')).mode & 0o777).toBe(0o600);

    const listed = (await run('list', '--dir', dir)).stdout.split('\n');
    expect(listed[0]).toMatch(/^name +usage +state +until +names +serial$/);
    expect(listed[1]).toMatch(/^cache\.example +server +valid +[\d-]{10} +cache\.example,10\.1\.2\.3 +[0-9a-f]{32}$/);
    expect(listed[2]).toMatch(/^pump-1 +client +(20|19) days left +[\d-]{10} +[0-9a-f]{32}$/);

    const before = new X509Certificate(pem('pump-1'));
    expect((await run('renew', 'pump-1', '--dir', dir)).code).toBe(0);
    const after = new X509Certificate(pem('pump-1'));
    expect(after.publicKey.equals(before.publicKey)).toBe(true);
    expect(Date.parse(after.validTo)).toBeGreaterThan(Date.parse(before.validTo));
    expect((await run('renew', 'pump-1', '--dir', dir, '--new-key')).code).toBe(0);
    expect(new X509Certificate(pem('pump-1')).publicKey.equals(before.publicKey)).toBe(false);
    expect((await run('list', '--dir', dir)).stdout.trim().split('\n')).toHaveLength(3);
    expect((await run('list', '--dir', dir, '--all')).stdout.trim().split('\n')).toHaveLength(5);

    const { stdout } = await run('revoke', 'pump-1', '--dir', dir, '--reason', 'key-compromise', '--json');
    expect(JSON.parse(stdout).revoked).toHaveLength(3);
    const listedJson = JSON.parse((await run('list', '--dir', dir, '--json')).stdout);
    expect(listedJson.certificates[1]).toMatchObject({ name: 'pump-1', status: 'revoked' });
    expect((await run('renew', 'pump-1', '--dir', dir)).stderr).toContain('nothing to renew');
    expect((await run('crl', '--dir', dir, '--days', '30')).stdout).toBe(
      `${join(dir, 'ca.crl')} is good for 30 days.\n`,
    );
    expect((await run('crl', '--dir', dir, '--days', '3')).code).toBe(0);
    expect((await run('list', '--dir', dir)).stderr).toMatch(/^ca\.crl is good until [\d-]{10} only: /);
  });

  it('never overwrites a key, and says so', async () => {
    const key = readFileSync(join(dir, 'devices', 'cache.example.key'), 'utf8');
    const again = await run('issue', 'cache.example', '--dir', dir);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is there already: renew it, or give --out');
    expect(readFileSync(join(dir, 'devices', 'cache.example.key'), 'utf8')).toBe(key);
  });

  it('takes a public key from a file, and writes no private one', async () => {
    const file = join(scratch, 'device.pub');
    writeFileSync(file, new X509Certificate(pem('cache.example')).publicKey.export({ type: 'spki', format: 'pem' }));
    const out = join(scratch, 'elsewhere');
    const made = await run('issue', 'pump-2', '--dir', dir, '--out', out, '--usage', 'client', '--public-key', file);
    expect(made.code).toBe(0);
    expect(readdirSync(out)).toEqual(['pump-2.crt']);
  });

  it('prints no private key, whatever goes wrong', async () => {
    const folder = join(scratch, 'quiet');
    const secret = join(scratch, 'secret');
    const wrong = join(scratch, 'wrong');
    writeFileSync(secret, 'open sesame\n');
    writeFileSync(wrong, 'sesame');
    const runs = [
      await run('ca', '--dir', folder, '--passphrase-file', secret, '--json'),
      await run('issue', 'a.example', '--dir', folder, '--passphrase-file', secret, '--json'),
      await run('issue', 'b.example', '--dir', folder),
      await run('issue', 'b.example', '--dir', folder, '--passphrase-file', wrong),
      await run('issue', 'b.example', '--dir', folder, '--public-key', secret, '--passphrase-file', secret),
    ];
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 1, 1, 1]);
    const said = runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    expect(said).not.toContain('PRIVATE');
    expect(said).not.toContain('sesame');
    expect(existsSync(join(folder, 'devices', 'b.example.key'))).toBe(false);
  });

  it('has an exit code of its own for what makes no sense', async () => {
    const wrong = [
      ['dance'],
      ['toString'],
      ['list', '--colour', 'red'],
      ['list', 'everything'],
      ['list', '--days', '3'],
      ['issue', '--dir', dir],
      ['ca', '--days', '0'],
      ['ca', '--key', 'dsa'],
    ];
    for (const args of wrong) expect({ args, code: (await run(...args)).code }).toEqual({ args, code: 2 });
    expect((await run('list', '--days', '3')).stderr).toContain('list has no option --days');
    expect((await run('list', '--dir', join(scratch, 'nowhere'))).code).toBe(1);
  });
});
