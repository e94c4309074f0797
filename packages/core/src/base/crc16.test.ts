/** Slots of keys: the check value of the sum, hash tags, and the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { slotOfKey } from './crc16.ts';

const redis = await startReferenceRedis('--cluster-enabled', 'yes');
afterAll(() => redis?.stop());

function slot(key: string): number {
  const bytes = Buffer.from(`{x}${key}{y}`, 'latin1');
  return slotOfKey(bytes, 3, bytes.length - 3);
}

describe('slotOfKey', () => {
  it('is the published check value of CRC-16/XMODEM modulo 16384', () => {
    expect(slot('123456789')).toBe(0x31c3 % 16384);
    expect(slot('')).toBe(0);
    expect(slot('foo')).toBe(12182);
  });

  it('sums only the first tag, if it is closed and not empty', () => {
    expect(slot('{user1000}.following')).toBe(slot('user1000'));
    expect(slot('a{user1000}b{x}')).toBe(slot('user1000'));
    expect(slot('foo{{bar}}zap')).toBe(slot('{bar'));
    expect(slot('foo{}{bar}')).not.toBe(slot('bar'));
    expect(slot('foo{bar')).not.toBe(slot('bar'));
  });
});

describe.runIf(redis !== undefined)('slotOfKey against redis', () => {
  it('agrees, for keys with and without tags', async () => {
    const keys = Array.from({ length: 200 }, (_, i) => ['', '{a}', '}{', '{}', '{é', 'x{y}z'][i % 6] + i * 7919);
    for (const key of keys) {
      expect(await redis!.call('CLUSTER', 'KEYSLOT', Buffer.from(key, 'latin1'))).toBe(slot(key));
    }
  });
});
