/** DUMP payloads: committed ones of redis 7.0, forged ones, and both ways with the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { writeCrc64 } from '../base/crc64.ts';
import { Prng } from '../base/prng.ts';
import { dumpString, restoreValue } from './dump.ts';

const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

/** Payload with a right footer around `body`. */
function seal(body: readonly number[], version = 10): Uint8Array {
  const payload = Uint8Array.from([...body, version & 0xff, version >> 8, 0, 0, 0, 0, 0, 0, 0, 0]);
  writeCrc64(payload, 0, body.length + 2, payload, body.length + 2);
  return payload;
}

function restoredText(payload: Uint8Array): string {
  const restored = restoreValue(payload);
  if (typeof restored === 'string') return `refused: ${restored}`;
  return restored.type === 'string' ? Buffer.from(restored.value).toString('latin1') : restored.type;
}

const VALUES = [
  '',
  'a',
  '0',
  '-1',
  '127',
  '128',
  '-128',
  '-129',
  '32767',
  '32768',
  '-32769',
  '2147483647',
  '2147483648',
  '-2147483648',
  '-2147483649',
  '9223372036854775807',
  '007',
  '-0',
  '+1',
  'hello world',
  'x'.repeat(20),
  'x'.repeat(21),
  'x'.repeat(63),
  'abcdefghijklmnopqrstuvwxyz0123456789',
  'y'.repeat(64),
  'z'.repeat(16_383),
  'ab'.repeat(8192),
  'some text '.repeat(100_000),
];

describe('dumpString and restoreValue', () => {
  it('give back every value', () => {
    const prng = new Prng(3);
    for (const text of VALUES) expect(restoredText(dumpString(Buffer.from(text)))).toBe(text);
    for (const size of [1, 63, 64, 16_383, 16_384, 70_000]) {
      const noise = Uint8Array.from({ length: size }, () => prng.nextBelow(256));
      expect(restoreValue(dumpString(noise))).toEqual({ type: 'string', value: noise });
    }
  });

  it.each([
    ['', '00000a005d9b5c400f7fa2da'],
    ['hello', '000568656c6c6f0a006372df766534200a'],
    ['-129', '00c17fff0a001760822854808480'],
  ])('write %j as redis 7.0 does', (text, hex) => {
    expect(Buffer.from(dumpString(Buffer.from(text))).toString('hex')).toBe(hex);
  });

  it('read every form of length and integer', () => {
    expect(restoredText(seal([0, 2, 104, 105]))).toBe('hi');
    expect(restoredText(seal([0, 0x40, 2, 104, 105]))).toBe('hi');
    expect(restoredText(seal([0, 0x80, 0, 0, 0, 2, 104, 105]))).toBe('hi');
    expect(restoredText(seal([0, 0x81, 0, 0, 0, 0, 0, 0, 0, 2, 104, 105]))).toBe('hi');
    expect(restoredText(seal([0, 0xc0, 0x80]))).toBe('-128');
    expect(restoredText(seal([0, 0xc1, 0xff, 0x7f]))).toBe('32767');
    expect(restoredText(seal([0, 0xc2, 0, 0, 0, 0x80]))).toBe('-2147483648');
    expect(restoredText(seal([0, 0xc3, 5, 11, 0, 97, 0xe0, 1, 0]))).toBe('a'.repeat(11));
  });

  it('take versions up to that of redis 7.4 and refuse later ones', () => {
    for (const version of [1, 9, 10, 11, 12]) expect(restoredText(seal([0, 1, 97], version))).toBe('a');
    for (const version of [13, 256, 0xffff]) expect(restoredText(seal([0, 1, 97], version))).toBe('refused: footer');
  });

  it('refuse a payload with any bit flipped', () => {
    const payload = dumpString(Buffer.from('some value'));
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const damaged = payload.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      expect(restoreValue(damaged)).toBe('footer');
    }
    for (let length = 0; length < payload.length; length++) {
      expect(restoreValue(payload.subarray(0, length))).toBe('footer');
    }
  });

  it.each([
    ['nothing', []],
    ['an unknown type', [99, 1, 97]],
    ['no string', [0]],
    ['a cut string', [0, 3, 97, 98]],
    ['a cut length', [0, 0x80, 0, 0, 1]],
    ['an unknown length', [0, 0x82, 0, 0, 0, 0]],
    ['an unknown form', [0, 0xc4, 1]],
    ['a cut integer', [0, 0xc2, 1, 2, 3]],
    ['a length no memory has', [0, 0x81, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
    ['compressed bytes that promise too much', [0, 0xc3, 5, 0x80, 0x1f, 255, 255, 255, 0, 97, 0xe0, 1, 0]],
    ['compressed bytes of another length', [0, 0xc3, 5, 12, 0, 97, 0xe0, 1, 0]],
    ['compressed bytes cut off', [0, 0xc3, 9, 12, 0, 97, 0xe0, 1, 0]],
  ])('refuse %s', (_, body) => {
    expect(restoreValue(seal(body))).toBe('format');
  });

  it('take sealed random bytes without harm', () => {
    const prng = new Prng(13);
    const forms = [0, 0x40, 0x80, 0x81, 0xc0, 0xc1, 0xc2, 0xc3, 0xc3, 0xc3];
    for (let i = 0; i < 5000; i++) {
      const body = Array.from({ length: prng.nextBelow(20) }, () => prng.nextBelow(prng.nextBelow(2) === 0 ? 16 : 256));
      restoreValue(seal([0, forms[prng.nextBelow(forms.length)], ...body]));
    }
  });
});

describe.runIf(redis !== undefined)('DUMP and RESTORE against redis', () => {
  it('each reads what the other wrote', async () => {
    for (const text of VALUES) {
      await redis!.call('SET', 'k', text);
      const theirs = await redis!.bytes('DUMP', 'k');
      const ours = dumpString(Buffer.from(text));
      expect(restoredText(theirs)).toBe(text);
      expect(String(await redis!.call('RESTORE', 'k', 0, ours, 'REPLACE'))).toBe('OK');
      expect(String(await redis!.call('GET', 'k'))).toBe(text);
      // The same form; where it is LZF, the compressors differ.
      expect(ours[1]).toBe(theirs[1]);
      if (ours[1] !== 0xc3) expect(Buffer.from(ours)).toEqual(theirs);
    }
  });

  it('both refuse the same payloads', async () => {
    const faults = { footer: 'ERR DUMP payload version or checksum are wrong', format: 'ERR Bad data format' };
    const bodies = [
      [0],
      [0, 40, 97, 98],
      [0, 0x82, 0],
      [0, 0xc4, 1],
      [0, 2, 97, 98, 99],
      [0, 0xc3, 5, 12, 0, 97, 0xe0, 1, 0],
    ];
    for (const payload of [...bodies.map((body) => seal(body)), seal([0, 1, 97], 300), Buffer.from('short')]) {
      const reply = await redis!.call('RESTORE', 'k', 0, payload, 'REPLACE');
      const value = restoreValue(payload);
      const hex = Buffer.from(payload).toString('hex');
      expect(reply instanceof Error ? reply.message : 'fine', hex).toBe(
        typeof value === 'string' ? faults[value] : 'fine',
      );
    }
  });
});
