import { createPublicKey } from 'node:crypto';
import { FerriteError, Prng } from '@ferrite/core/module';
import { describe, expect, it } from 'vitest';
import { distinguishedName, makeCertificate, readCertificate } from './certificate.ts';
import { makeRevocationList, nextUpdateMs } from './crl.ts';
import { integer, namedBits, objectId, octets, sequence, time } from './der.ts';
import { readElement, readElements, readTimeMs } from './der-reader.ts';
import { makePrivateKey } from './key-kinds.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

describe('DER', () => {
  it('writes lengths in their shortest form', () => {
    expect(hex(octets(Buffer.alloc(127)).subarray(0, 3))).toBe('047f00');
    expect(hex(octets(Buffer.alloc(128)).subarray(0, 4))).toBe('04818000');
    expect(hex(octets(Buffer.alloc(256)).subarray(0, 5))).toBe('0482010000');
    expect(readElement(octets(Buffer.alloc(70_000))).content).toHaveLength(70_000);
  });

  it('writes numbers that are never negative', () => {
    expect(hex(integer(0))).toBe('020100');
    expect(hex(integer(127))).toBe('02017f');
    expect(hex(integer(128))).toBe('02020080');
    expect(hex(integer(Buffer.from('0000ff01', 'hex')))).toBe('020300ff01');
    expect(hex(integer(2 ** 40))).toBe('0206010000000000');
  });

  it('writes object identifiers, also with arcs of many digits', () => {
    expect(hex(objectId('1.2.840.113549'))).toBe('06062a864886f70d');
    expect(hex(objectId('2.5.29.15'))).toBe('0603551d0f');
  });

  it('leaves zeros at the end of named bits out', () => {
    expect(hex(namedBits([0]))).toBe('03020780');
    expect(hex(namedBits([5, 6]))).toBe('03020106');
  });

  it('writes time in two forms, and reads both', () => {
    for (const atMs of [Date.UTC(1999, 0, 2, 3, 4, 5), Date.UTC(2049, 11, 31, 23, 59, 59), Date.UTC(2050, 0, 1)]) {
      expect(readTimeMs(readElement(time(atMs)))).toBe(atMs);
    }
    expect(time(Date.UTC(2049, 11, 31)).toString('latin1')).toContain('491231000000Z');
    expect(time(Date.UTC(2050, 0, 1)).toString('latin1')).toContain('20500101000000Z');
  });
});

describe('reading', () => {
  const key = makePrivateKey('ed25519');
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const name = distinguishedName('x');
  const issuer = { key, name, keyId: Buffer.alloc(20, 1) };
  const content = {
    serial: Buffer.of(5),
    subject: name,
    publicKey,
    fromMs: 0,
    untilMs: 1e12,
    extensions: [sequence()],
  };
  const certificate = makeCertificate(issuer, content);
  const list = makeRevocationList(issuer, { number: 7, atMs: 0, nextMs: 1e12, revoked: [] });

  it('finds again what was written', () => {
    expect(readCertificate(certificate)).toEqual({ ...content, issuer: name });
    expect(nextUpdateMs(list)).toBe(1e12);
    expect(() => readCertificate(list)).toThrow(FerriteError);
  });

  it('throws one kind of error for bytes that were flipped or cut', () => {
    const prng = new Prng(20_261_128);
    for (let i = 0; i < 4000; i++) {
      const whole = i % 2 === 0 ? certificate : list;
      const bytes = Buffer.from(whole.subarray(0, i % 3 === 0 ? prng.nextBelow(whole.length) : whole.length));
      for (let flips = prng.nextBelow(4); flips > 0 && bytes.length > 0; flips--)
        bytes[prng.nextBelow(bytes.length)] ^= 1 << prng.nextBelow(8);
      try {
        if (i % 2 === 0) readCertificate(bytes);
        else nextUpdateMs(bytes);
        readElements(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FerriteError);
      }
    }
  });
});
