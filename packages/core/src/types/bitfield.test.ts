/** BITFIELD: a table of types and offsets, arithmetic against bigints, and the real redis when it is there. */
import { afterAll, describe, expect, it } from 'vitest';
import { startReferenceRedis } from '../../test/reference-redis.ts';
import { Prng } from '../base/prng.ts';
import {
  addToField,
  fieldEndBytes,
  fitField,
  getField,
  type Overflow,
  parseBitOffset,
  parseFieldType,
  setField,
} from './bitfield.ts';

const MAX_BYTES = 512 * 1024 * 1024;
const OVERFLOWS: Overflow[] = ['wrap', 'sat', 'fail'];
const redis = await startReferenceRedis();
afterAll(() => redis?.stop());

function typeOf(text: string): number {
  const bytes = Buffer.from(`i${text}9`);
  return parseFieldType(bytes, 1, bytes.length - 1);
}

function offsetOf(text: string, type: number): number {
  const bytes = Buffer.from(`#${text}9`);
  return parseBitOffset(bytes, 1, bytes.length - 1, type, MAX_BYTES);
}

function nameOf(type: number): string {
  return type < 0 ? `i${-type}` : `u${type}`;
}

function randomType(prng: Prng): number {
  return prng.nextBelow(2) === 0 ? -(1 + prng.nextBelow(64)) : 1 + prng.nextBelow(63);
}

/** A 64-bit integer, small or near an edge more often than not. */
function randomInteger(prng: Prng): bigint {
  const wide = BigInt.asIntN(1 + prng.nextBelow(64), (BigInt(prng.nextUint32()) << 32n) | BigInt(prng.nextUint32()));
  const edge = (1n << BigInt(prng.nextBelow(63))) + BigInt(prng.nextBelow(5)) - 2n;
  return [wide, edge, -edge, BigInt(prng.nextBelow(9)) - 4n][prng.nextBelow(4)];
}

function asValue(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

describe('parseFieldType and parseBitOffset', () => {
  it('read types of 1 to 64 signed and 1 to 63 unsigned bits', () => {
    expect(['i1', 'i64', 'u1', 'u63', 'u8'].map(typeOf)).toEqual([-1, -64, 1, 63, 8]);
    for (const text of ['', 'i', 'i0', 'i65', 'u64', 'u-1', 'I8', 'x8', 'i 8', 'i08', 'i8x', '8']) {
      expect(typeOf(text), text).toBe(0);
    }
  });

  it('read offsets in bits, or in fields after a hash', () => {
    expect(offsetOf('0', 8)).toBe(0);
    expect(offsetOf('#3', 8)).toBe(24);
    expect(offsetOf('#3', -5)).toBe(15);
    expect(offsetOf('4294967295', 0)).toBe(4294967295);
    for (const text of ['', '-1', '#-1', '##1', '1x', '4294967296', '#4294967296', '99999999999999999999']) {
      expect(offsetOf(text, 8), text).toBe(-1);
    }
    expect(offsetOf('#3', 0)).toBe(-1);
  });
});

describe('fields', () => {
  it('give back what was set, at any offset, and leave the bits around them', () => {
    const prng = new Prng(41);
    for (let round = 0; round < 4000; round++) {
      const type = randomType(prng);
      const bits = BigInt(Math.abs(type));
      const offset = prng.nextBelow(70);
      const bytes = Uint8Array.from({ length: fieldEndBytes(offset, type) }, () => prng.nextBelow(256));
      const before = BigInt(`0x01${Buffer.from(bytes).toString('hex')}`);
      const random = randomInteger(prng);
      const value = type < 0 ? BigInt.asIntN(-type, random) : BigInt.asUintN(type, random);
      setField(bytes, offset, type, asValue(value));
      expect(getField(bytes, offset, type)).toBe(asValue(value));
      const shift = BigInt(bytes.length * 8 - offset) - bits;
      const mask = ((1n << bits) - 1n) << shift;
      const expected = (before & ~mask) | (BigInt.asUintN(Number(bits), value) << shift);
      expect(BigInt(`0x01${Buffer.from(bytes).toString('hex')}`)).toBe(expected);
    }
  });

  it('read as 0 past the end', () => {
    expect(getField(Uint8Array.of(0xff), 4, 8)).toBe(0xf0);
    expect(getField(Uint8Array.of(0xff), 4, -64)).toBe(-(2n ** 60n));
    expect(getField(new Uint8Array(0), 2 ** 32 - 1, -64)).toBe(0);
  });

  it('wrap, saturate or fail as arithmetic says', () => {
    expect(addToField(255, 1, 8, 'wrap')).toBe(0);
    expect(addToField(255, 1, 8, 'sat')).toBe(255);
    expect(addToField(255, 1, 8, 'fail')).toBeUndefined();
    expect(addToField(-128, -1, -8, 'wrap')).toBe(127);
    expect(addToField(-128, -1, -8, 'sat')).toBe(-128);
    expect(fitField(-1, 8, 'sat')).toBe(255);
    expect(fitField(-1, 63, 'wrap')).toBe(2n ** 63n - 1n);
    const prng = new Prng(43);
    for (let round = 0; round < 8000; round++) {
      const type = randomType(prng);
      const bits = BigInt(Math.abs(type));
      const old = type < 0 ? BigInt.asIntN(-type, randomInteger(prng)) : BigInt.asUintN(type, randomInteger(prng));
      const by = randomInteger(prng);
      const min = type < 0 ? -(1n << (bits - 1n)) : 0n;
      const max = min + (1n << bits) - 1n;
      const sum = old + by;
      const isInside = sum >= min && sum <= max;
      const wrapped = type < 0 ? BigInt.asIntN(-type, sum) : BigInt.asUintN(type, sum);
      const add = (overflow: Overflow): number | bigint | undefined =>
        addToField(asValue(old), asValue(by), type, overflow);
      expect(add('wrap')).toBe(asValue(wrapped));
      expect(add('sat')).toBe(asValue(sum < min ? min : sum > max ? max : sum));
      expect(add('fail')).toBe(isInside ? asValue(sum) : undefined);
    }
  });
});

describe.runIf(redis !== undefined)('BITFIELD against redis', () => {
  it('answers and stores the same', async () => {
    const seed = 47;
    const prng = new Prng(seed);
    const bytes = new Uint8Array(16);
    await redis!.call('SET', 'k', bytes);
    for (let round = 0; round < 5000; round++) {
      const type = randomType(prng);
      const offset = prng.nextBelow(128 - Math.abs(type) + 1);
      const overflow = OVERFLOWS[prng.nextBelow(3)];
      const operand = randomInteger(prng);
      const isSet = prng.nextBelow(3) === 0;
      const call = ['OVERFLOW', overflow, isSet ? 'SET' : 'INCRBY', nameOf(type), offset, operand] as const;
      const [reply, after] = (await redis!.call('BITFIELD', 'k', ...call, 'GET', nameOf(type), offset)) as [
        unknown,
        unknown,
      ];
      const old = getField(bytes, offset, type);
      const value = asValue(operand);
      const result = isSet ? fitField(value, type, overflow) : addToField(old, value, type, overflow);
      if (result !== undefined) setField(bytes, offset, type, result);
      const context = `seed ${seed}, round ${round}: ${call.join(' ')} on ${old}`;
      expect(reply, context).toBe(result === undefined ? null : isSet ? old : result);
      expect(after, context).toBe(getField(bytes, offset, type));
    }
    expect(Buffer.compare(await redis!.bytes('GET', 'k'), bytes)).toBe(0);
  });

  it('takes and refuses the same types and offsets', async () => {
    for (const type of ['i1', 'i64', 'u63', 'u64', 'i65', 'i0', 'u', 'I8', 'u08', 'u8 ']) {
      const reply = await redis!.call('BITFIELD', 'k', 'GET', type, 0);
      expect(reply instanceof Error, type).toBe(typeOf(type) === 0);
    }
    for (const offset of [
      '0',
      '#0',
      '#1',
      '-1',
      '#-1',
      '4294967295',
      '4294967296',
      '#536870911',
      '#536870912',
      '##1',
      '',
    ]) {
      const reply = await redis!.call('BITFIELD', 'k', 'GET', 'u8', offset);
      expect(reply instanceof Error, offset).toBe(offsetOf(offset, 8) < 0);
    }
  });
});
