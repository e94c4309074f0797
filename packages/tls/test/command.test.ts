import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runTlsCommand } from '../src/command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const dir = join(scratch, 'ca');

function run(...args: string[]): { code: number; out: string; error: string } {
  let out = '';
  let error = '';
  const io = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      error += text;
    },
    now: () => Date.UTC(2026, 10, 28),
  };
  return { code: runTlsCommand(args, io), out, error };
}

const pem = (name: string) => readFileSync(join(dir, 'devices', `${name}.crt`), 'utf8');

describe('ferrite tls', () => {
  it('makes an authority, issues, lists, renews and revokes', () => {
    expect(run('ca', '--dir', dir, '--name', 'Plant 7')).toMatchObject({ code: 0, error: '' });
    expect(run('list', '--dir', dir).out).toBe('Nothing was issued yet.');
    expect(
      run('issue', 'cache.example', '--dir', dir, '--usage', 'server', '--names', 'cache.example,10.1.2.3').code,
    ).toBe(0);
    expect(run('issue', 'pump-1', '--dir', dir, '--usage', 'client', '--days', '20').code).toBe(0);
    expect(statSync(join(dir, 'devices', 'pump-1.key')).mode & 0o777).toBe(0o600);

    const listed = run('list', '--dir', dir).out.split('\n');
    expect(listed[0]).toMatch(/^name +usage +state +until +names +serial$/);
    expect(listed[1]).toMatch(/^cache\.example +server +valid +2027-12-30 +cache\.example,10\.1\.2\.3 +[0-9a-f]{32}$/);
    expect(listed[2]).toMatch(/^pump-1 +client +20 days left +2026-12-18 +[0-9a-f]{32}$/);

    const before = new X509Certificate(pem('pump-1'));
    expect(run('renew', 'pump-1', '--dir', dir).code).toBe(0);
    const after = new X509Certificate(pem('pump-1'));
    expect(after.publicKey.equals(before.publicKey)).toBe(true);
    expect(run('renew', 'pump-1', '--dir', dir, '--new-key').code).toBe(0);
    expect(new X509Certificate(pem('pump-1')).publicKey.equals(before.publicKey)).toBe(false);
    expect(run('list', '--dir', dir).out.split('\n')).toHaveLength(3);
    expect(run('list', '--dir', dir, '--all').out.split('\n')).toHaveLength(5);

    const revoked = JSON.parse(run('revoke', 'pump-1', '--dir', dir, '--reason', 'key-compromise', '--json').out);
    expect(revoked.revoked).toHaveLength(3);
    expect(JSON.parse(run('list', '--dir', dir, '--json').out)[1]).toMatchObject({ name: 'pump-1', status: 'revoked' });
    expect(run('renew', 'pump-1', '--dir', dir).error).toContain('nothing to renew');
    expect(run('crl', '--dir', dir, '--days', '30').out).toBe(`${join(dir, 'ca.crl')} is good for 30 days.`);
  });

  it('never overwrites a key, and says so', () => {
    const key = readFileSync(join(dir, 'devices', 'cache.example.key'), 'utf8');
    const again = run('issue', 'cache.example', '--dir', dir);
    expect(again.code).toBe(1);
    expect(again.error).toContain('is there already: renew it, or give --out');
    expect(readFileSync(join(dir, 'devices', 'cache.example.key'), 'utf8')).toBe(key);
  });

  it('takes a public key from a file, and writes no private one', () => {
    writeFileSync(
      join(scratch, 'device.pub'),
      new X509Certificate(pem('cache.example')).publicKey.export({ type: 'spki', format: 'pem' }),
    );
    const out = join(scratch, 'elsewhere');
    const made = run(
      'issue',
      'pump-2',
      '--dir',
      dir,
      '--out',
      out,
      '--usage',
      'client',
      '--public-key',
      join(scratch, 'device.pub'),
    );
    expect(made.code).toBe(0);
    expect(readdirSync(out)).toEqual(['pump-2.crt']);
  });

  it('prints no private key, whatever goes wrong', () => {
    const folder = join(scratch, 'quiet');
    const secret = join(scratch, 'secret');
    writeFileSync(secret, 'open sesame\n');
    writeFileSync(join(scratch, 'wrong'), 'sesame');
    const runs = [
      run('ca', '--dir', folder, '--passphrase-file', secret, '--json'),
      run('issue', 'a.example', '--dir', folder, '--passphrase-file', secret, '--json'),
      run('issue', 'b.example', '--dir', folder),
      run('issue', 'b.example', '--dir', folder, '--passphrase-file', join(scratch, 'wrong')),
      run('issue', 'b.example', '--dir', folder, '--public-key', secret, '--passphrase-file', secret),
    ];
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 1, 1, 1]);
    const said = runs.map(({ out, error }) => out + error).join('\n');
    expect(said).not.toContain('PRIVATE');
    expect(said).not.toContain('sesame');
    expect(existsSync(join(folder, 'devices', 'b.example.key'))).toBe(false);
  });

  it('has an exit code of its own for what makes no sense', () => {
    expect(run()).toMatchObject({ code: 2 });
    expect(run('dance')).toMatchObject({
      code: 2,
      error: 'there is no ferrite tls dance; there are ca, issue, renew, list, revoke, crl',
    });
    expect(run('toString').code).toBe(2);
    expect(run('list', '--colour', 'red').code).toBe(2);
    expect(run('list', 'everything').error).toBe('what is everything? ferrite tls list takes options only');
    expect(run('issue', '--dir', dir).error).toBe('the name of the device or host is missing');
    expect(run('ca', '--days', '0').error).toBe('--days cannot be 0: 1 to 36500');
    expect(run('ca', '--key', 'dsa').error).toBe('--key cannot be dsa: p256, p384, ed25519, rsa3072');
    expect(run('list', '--dir', join(scratch, 'nowhere'))).toMatchObject({ code: 1 });
  });

  it('tells its options', () => {
    expect(run('--help').out).toContain('ferrite tls revoke NAME|SERIAL');
    expect(run('issue', '--help').out).toContain('--names A,B');
  });
});
