import 'reflect-metadata'; // @peculiar/x509 needs it to be there first.
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  X509Certificate as PeculiarCertificate,
  X509Crl,
} from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { Authority, createAuthority, type KeyKind, type NewCertificate } from '../src/certificates.ts';
import { hasOpenssl, openssl, scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 10, 28, 12);
let folders = 0;

interface Made {
  authority: Authority;
  directory: string;
  clock: { nowMs: number };
}

function make(
  keyKind: KeyKind = 'p256',
  { days = 3650, passphrase }: { days?: number; passphrase?: string } = {},
): Made {
  const directory = join(scratch, `ca-${folders++}`);
  const clock = { nowMs: START_MS };
  const options = { directory, passphrase, now: () => clock.nowMs };
  const authority = createAuthority(options, { name: 'Test CA', organization: 'Ferrite tests', days, keyKind });
  return { authority, directory, clock };
}

const device: NewCertificate = {
  name: 'gateway.example',
  usage: 'both',
  names: ['gateway.example', '*.gateway.example', '10.0.0.7', '2001:db8::7'],
  days: 90,
  keyKind: 'p256',
};

function save(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

describe('a certificate', () => {
  it.each(['p256', 'p384', 'ed25519'] as const)(
    'of an authority with a key of the kind %s holds for Node.js',
    (kind) => {
      const { authority } = make(kind);
      const ca = new X509Certificate(authority.certificate);
      const issued = new X509Certificate(authority.issue({ ...device, keyKind: kind }).pem);
      expect(ca.ca).toBe(true);
      expect(issued.ca).toBe(false);
      expect(ca.verify(ca.publicKey)).toBe(true);
      expect(issued.verify(ca.publicKey)).toBe(true);
      expect(issued.checkIssued(ca)).toBe(true);
    },
  );

  it('is for its names, and no others', () => {
    const { authority } = make();
    const issued = new X509Certificate(authority.issue(device).pem);
    expect(issued.checkHost('gateway.example')).toBe('gateway.example');
    expect(issued.checkHost('a.gateway.example')).toBe('*.gateway.example');
    expect(issued.checkHost('b.a.gateway.example')).toBeUndefined();
    expect(issued.checkIP('10.0.0.7')).toBe('10.0.0.7');
    expect(issued.checkIP('10.0.0.8')).toBeUndefined();
    expect(issued.checkIP('2001:db8::7')).toBe('2001:db8::7');
    expect(issued.subjectAltName).toBe(
      'DNS:gateway.example, DNS:*.gateway.example, IP Address:10.0.0.7, IP Address:2001:DB8:0:0:0:0:0:7',
    );
  });

  it('has a key that fits, and that is the only private one that leaves a call', () => {
    const { authority } = make();
    const made = authority.issue(device);
    const issued = new X509Certificate(made.pem);
    expect(issued.checkPrivateKey(createPrivateKey(made.keyPem as string))).toBe(true);
    expect(made.pem).not.toContain('PRIVATE');
  });

  it('can be for a key that stays on the device', () => {
    const { authority } = make();
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const made = authority.issue({ ...device, publicKey: pem });
    expect(made.keyPem).toBeNull();
    expect(new X509Certificate(made.pem).publicKey.equals(createPublicKey(pem))).toBe(true);
  });

  it('never outlives its authority', () => {
    const { authority } = make('p256', { days: 30 });
    const made = authority.issue(device);
    expect(made.isCut).toBe(true);
    expect(made.untilMs).toBe(START_MS + 30 * DAY_MS);
  });

  it('can end after 2049, where dates are written in another form', () => {
    const { authority } = make('p256', { days: 36_500 });
    const issued = new X509Certificate(authority.issue({ ...device, days: 10_000 }).pem);
    expect(Date.parse(issued.validTo)).toBe(START_MS + 10_000 * DAY_MS);
    expect(Date.parse(new X509Certificate(authority.certificate).validTo)).toBe(START_MS + 36_500 * DAY_MS);
  });

  it('says the same to another reader, @peculiar/x509', async () => {
    const { authority } = make();
    const ca = new PeculiarCertificate(authority.certificate);
    const made = authority.issue(device);
    const issued = new PeculiarCertificate(made.pem);
    expect(issued.subject).toBe('CN=gateway.example');
    expect(issued.issuer).toBe('O=Ferrite tests, CN=Test CA');
    expect(issued.serialNumber).toBe(made.serial);
    expect(issued.notBefore.getTime()).toBe(START_MS - 3_600_000);
    expect(issued.notAfter.getTime()).toBe(START_MS + 90 * DAY_MS);
    expect(await issued.verify({ publicKey: ca.publicKey, signatureOnly: true })).toBe(true);
    expect(ca.getExtension(BasicConstraintsExtension)).toMatchObject({ ca: true, pathLength: 0, critical: true });
    const usages = issued.extensions.find(({ type }) => type === '2.5.29.37') as unknown as { usages: string[] };
    expect(usages.usages).toEqual([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]);
    const keyId = (certificate: PeculiarCertificate, type: string) =>
      (certificate.extensions.find((each) => each.type === type) as unknown as { keyId: string }).keyId;
    expect(keyId(issued, '2.5.29.35')).toBe(keyId(ca, '2.5.29.14'));
    expect(keyId(issued, '2.5.29.14')).not.toBe(keyId(ca, '2.5.29.14'));
  });

  it.runIf(hasOpenssl).each(['p256', 'p384', 'ed25519', 'rsa3072'] as const)(
    'with a key of the kind %s passes the strict checks of openssl',
    (kind) => {
      const { authority, directory } = make(kind);
      const path = save(`${kind}.crt`, authority.issue({ ...device, keyKind: kind === 'rsa3072' ? 'p256' : kind }).pem);
      const at = String(START_MS / 1000);
      for (const purpose of ['sslserver', 'sslclient']) {
        const args = [
          '-x509_strict',
          '-check_ss_sig',
          '-attime',
          at,
          '-purpose',
          purpose,
          '-CAfile',
          join(directory, 'ca.crt'),
        ];
        expect(openssl('verify', ...args, path)).toBe(`${path}: OK\n`);
      }
      expect(openssl('asn1parse', '-in', path)).not.toContain('Error');
      const text = openssl('x509', '-in', path, '-noout', '-text');
      expect(text).toContain('Version: 3 (0x2)');
      expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
      expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/);
    },
  );

  it.runIf(hasOpenssl)('for one purpose is refused for the other', () => {
    const { authority, directory } = make();
    const path = save('client.crt', authority.issue({ ...device, usage: 'client', names: [] }).pem);
    const verify = (purpose: string) =>
      openssl(
        'verify',
        '-attime',
        String(START_MS / 1000),
        '-purpose',
        purpose,
        '-CAfile',
        join(directory, 'ca.crt'),
        path,
      );
    expect(verify('sslclient')).toContain('OK');
    expect(verify('sslserver')).toContain('unsuitable certificate purpose');
  });

  it('needs names that hosts can have', () => {
    const { authority } = make();
    expect(() => authority.issue({ ...device, names: ['not a host'] })).toThrow(
      'neither the name of a host nor an IP address',
    );
    expect(() => authority.issue({ ...device, names: [] })).toThrow('needs the names or addresses of its host');
    expect(() => authority.issue({ ...device, name: '../up' })).toThrow('cannot be a name');
    expect(() => authority.issue({ ...device, name: 'a'.repeat(65) })).toThrow('cannot be a name');
    expect(authority.list()).toEqual([]);
  });
});

describe('renewing', () => {
  it('keeps subject, names, usage and key, and changes number and time', () => {
    const { authority, clock } = make();
    const old = new X509Certificate(authority.issue({ ...device, organization: 'Pumps' }).pem);
    clock.nowMs += 80 * DAY_MS;
    const renewed = new X509Certificate(authority.renew(old.toString(), 90).pem);
    expect(renewed.subject).toBe(old.subject);
    expect(renewed.subjectAltName).toBe(old.subjectAltName);
    expect(renewed.keyUsage).toEqual(old.keyUsage);
    expect(renewed.publicKey.equals(old.publicKey)).toBe(true);
    expect(renewed.serialNumber).not.toBe(old.serialNumber);
    expect(Date.parse(renewed.validTo)).toBe(clock.nowMs + 90 * DAY_MS);
    expect(renewed.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  });

  it('works for a certificate whose key is of another kind than the authority has', () => {
    const { authority } = make('p384');
    const old = authority.issue({ ...device, keyKind: 'ed25519' });
    const renewed = new X509Certificate(authority.renew(old.pem, 10).pem);
    expect(renewed.publicKey.asymmetricKeyType).toBe('ed25519');
    expect(renewed.checkPrivateKey(createPrivateKey(old.keyPem as string))).toBe(true);
  });

  it('with a new key keeps the rest', () => {
    const { authority } = make();
    const old = new X509Certificate(authority.issue({ ...device, organization: 'Pumps' }).pem);
    const made = authority.renew(old.toString(), 90, 'p384');
    const renewed = new X509Certificate(made.pem);
    expect(renewed.subject).toBe(old.subject);
    expect(renewed.subjectAltName).toBe(old.subjectAltName);
    expect(renewed.publicKey.equals(old.publicKey)).toBe(false);
    expect(renewed.checkPrivateKey(createPrivateKey(made.keyPem as string))).toBe(true);
  });

  it("refuses another authority's certificate", () => {
    const stranger = make().authority.issue(device);
    expect(() => make().authority.renew(stranger.pem, 10)).toThrow('is not of this authority');
    expect(() => make().authority.renew('rubbish', 10)).toThrow('is no certificate');
  });
});

describe('the list of what was issued', () => {
  it('tells names, usage, time left and state, the newest of a name first', () => {
    const { authority, clock } = make();
    authority.issue({ ...device, name: 'b', names: ['b.example'], usage: 'server', days: 10 });
    const a = authority.issue({ ...device, name: 'a', names: [], usage: 'client' });
    clock.nowMs += 20 * DAY_MS;
    authority.renew(a.pem, 90);
    const rows = authority
      .list()
      .map(({ name, usage, status, daysLeft, isNewest }) => [name, usage, status, daysLeft, isNewest]);
    expect(rows).toEqual([
      ['a', 'client', 'valid', 90, true],
      ['a', 'client', 'valid', 70, false],
      ['b', 'server', 'expired', -10, true],
    ]);
  });
});

describe('revoking', () => {
  it('puts every certificate of the name that was still good on the list', () => {
    const { authority, directory, clock } = make();
    const first = authority.issue(device);
    const other = authority.issue({ ...device, name: 'other' });
    clock.nowMs += DAY_MS;
    const second = authority.renew(first.pem, 90);
    const revoked = authority.revoke('gateway.example', 'key-compromise');
    expect(revoked.map(({ serial }) => serial).sort()).toEqual([first.serial, second.serial].sort());
    const crl = new X509Crl(readFileSync(join(directory, 'ca.crl'), 'utf8'));
    expect(crl.entries.map(({ serialNumber }) => serialNumber).sort()).toEqual([first.serial, second.serial].sort());
    expect(crl.entries[0].reason).toBe(1);
    expect(crl.entries[0].revocationDate.getTime()).toBe(clock.nowMs);
    expect(authority.revocationListUntilMs).toBe(clock.nowMs + 365 * DAY_MS);
    expect(crl.nextUpdate?.getTime()).toBe(clock.nowMs + 365 * DAY_MS);
    expect(authority.list().find(({ serial }) => serial === other.serial)?.status).toBe('valid');
  });

  it('takes a number, and says what there is nothing to revoke of', () => {
    const { authority } = make();
    const first = authority.issue(device);
    authority.issue(device);
    expect(authority.revoke(first.serial.toUpperCase(), 'superseded')).toHaveLength(1);
    expect(() => authority.revoke(first.serial, 'superseded')).toThrow('are revoked already');
    expect(() => authority.revoke('nobody', 'superseded')).toThrow('no certificate was issued');
  });

  it('leaves out what is over anyway, and raises the number of the list', () => {
    const { authority, directory, clock } = make();
    const read = () => new X509Crl(readFileSync(join(directory, 'ca.crl'), 'utf8'));
    const numberOf = (crl: X509Crl) =>
      Buffer.from(crl.extensions.find(({ type }) => type === '2.5.29.20')?.value as ArrayBuffer).toString('hex');
    authority.issue(device);
    authority.revoke('gateway.example', 'unspecified');
    const before = read();
    expect(before.entries).toHaveLength(1);
    clock.nowMs += 100 * DAY_MS;
    authority.writeRevocationList(30);
    expect(read().entries).toHaveLength(0);
    expect(numberOf(read()) > numberOf(before)).toBe(true);
  });

  it.runIf(hasOpenssl)('convinces openssl', () => {
    const { authority, directory } = make();
    const bad = save('bad.crt', authority.issue(device).pem);
    const good = save('good.crt', authority.issue({ ...device, name: 'good' }).pem);
    const ca = join(directory, 'ca.crt');
    const crl = join(directory, 'ca.crl');
    const verify = (path: string) =>
      openssl('verify', '-attime', String(START_MS / 1000), '-crl_check', '-CAfile', ca, '-CRLfile', crl, path);
    expect(verify(bad)).toContain('OK');
    authority.revoke('gateway.example', 'cessation-of-operation');
    expect(openssl('crl', '-in', crl, '-noout', '-CAfile', ca)).toContain('verify OK');
    expect(verify(bad)).toContain('certificate revoked');
    expect(verify(good)).toContain('OK');
    expect(openssl('crl', '-in', crl, '-noout', '-text')).toMatch(/Cessation Of Operation/);
  });
});

describe('the authority', () => {
  it('keeps its key for its owner alone, and is never replaced', () => {
    const { directory } = make();
    expect(statSync(join(directory, 'ca.key')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const again = () => createAuthority({ directory, now: () => START_MS }, { name: 'x', days: 1, keyKind: 'p256' });
    expect(again).toThrow('there is an authority already');
  });

  it('may have a passphrase, without which nothing is issued', () => {
    const { directory, authority } = make('p256', { passphrase: 'correct horse' });
    expect(readFileSync(join(directory, 'ca.key'), 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
    expect(authority.issue(device).serial).toHaveLength(32);
    const without = new Authority({ directory, now: () => START_MS });
    expect(() => without.issue(device)).toThrow('it needs its passphrase');
    const wrong = new Authority({ directory, passphrase: 'battery staple', now: () => START_MS });
    expect(() => wrong.issue(device)).toThrow('wrong passphrase');
    expect(wrong.list()).toHaveLength(1);
  });

  it('notices a key that belongs to another certificate', () => {
    const { directory, authority } = make();
    writeFileSync(join(directory, 'ca.key'), readFileSync(join(make().directory, 'ca.key')));
    expect(() => authority.issue(device)).toThrow('is not the key of the certificate beside it');
  });

  it('issues nothing once it has ended', () => {
    const { authority, clock } = make('p256', { days: 5 });
    clock.nowMs += 6 * DAY_MS;
    expect(() => authority.issue(device)).toThrow('the authority itself ended 2026-12-03T12:00:00.000Z');
  });
});
