/** A small collection beside a Map: members of all lengths come, change and go until there is no room. */
import { expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { KeyScratch } from './key-scratch.ts';
import { PACKED_MEMBERS_MAX, PackedMembers, PackedPool } from './packed-members.ts';
import { makeMemory } from './page-memory.ts';
import { makeIdentity } from './store-file.ts';

function scratch(hashBits: number): KeyScratch {
  return new KeyScratch(makeIdentity(() => 7, 128 * 1024, 0, hashBits));
}

function contents(packed: PackedMembers): Map<string, string> {
  const found = new Map<string, string>();
  for (let place = 0; place < packed.count; place++) {
    packed.at(place);
    const { memory, memberStart, memberEnd, valueEnd } = packed;
    found.set(memory.bytes.latin1Slice(memberStart, memberEnd), memory.bytes.latin1Slice(memberEnd, valueEnd));
  }
  expect(found.size).toBe(packed.count);
  return found;
}

it.each([
  { hashBits: 32, lengthMax: 20 },
  { hashBits: 2, lengthMax: 20 },
  { hashBits: 32, lengthMax: 300 },
  { hashBits: 32, lengthMax: 1 },
])('members of up to $lengthMax bytes, with $hashBits bits of hash, are what a Map has', ({ hashBits, lengthMax }) => {
  const prng = new Prng(lengthMax + hashBits);
  const member = scratch(hashBits);
  let packed = new PackedMembers();
  const model = new Map<string, string>();
  let refused = 0;
  for (let i = 0; i < 4000; i++) {
    const name = `${prng.nextBelow(400)}`.padEnd(prng.nextBelow(3) === 0 ? lengthMax : 1, '-');
    const value = Buffer.from('v'.repeat(prng.nextBelow(lengthMax)));
    member.set(name);
    const place = packed.find(member);
    expect(place >= 0).toBe(model.has(name));
    if (prng.nextBelow(3) === 0) {
      if (place < 0) continue;
      packed.remove(place);
      model.delete(name);
    } else {
      const isIn =
        place < 0 ? packed.add(member, value, 0, value.length) : packed.replace(place, member, value, 0, value.length);
      if (isIn) model.set(name, `${value}`);
      else refused++;
    }
    if (i % 7 !== 0) continue;
    expect(contents(packed)).toEqual(model);
    packed.finish(2, 3);
    const again = new PackedMembers();
    again.load(packed.memory.view, 0, packed.length);
    expect([again.type, again.marks]).toEqual([2, 3]);
    packed = again;
  }
  expect(refused).toBeGreaterThan(0);
  expect(packed.length).toBeLessThanOrEqual(1024);
  expect(packed.count).toBeLessThanOrEqual(PACKED_MEMBERS_MAX);
});

it('memory is lent until the next operation begins', () => {
  const pool = new PackedPool();
  const [one, other] = [pool.take(), pool.take()];
  expect(one).not.toBe(other);
  pool.release();
  expect(pool.take()).toBe(one);
});

it('what lies in the log is read there, patched there, and left alone by any other change', () => {
  const member = scratch(32);
  const made = new PackedMembers();
  for (const name of ['one', 'two']) {
    member.set(name);
    made.add(member, Buffer.from('old'), 0, 3);
  }
  made.finish(1, 2);
  const log = makeMemory(4096);
  made.memory.bytes.copy(log.bytes, 100, 0, made.length);
  const packed = new PackedMembers();
  packed.lookInto(log, 100, 100 + made.length, 7, 24);
  expect([packed.type, packed.marks, packed.isInLog]).toEqual([1, 2, true]);
  member.set('two');
  expect(packed.find(member)).toBe(1);
  packed.patch(Buffer.from('new'), 0, 3);
  expect(packed.isPatched).toBe(true);
  expect(contents(packed)).toEqual(
    new Map([
      ['one', 'old'],
      ['two', 'new'],
    ]),
  );
  const before = Buffer.from(log.bytes);
  expect(packed.replace(1, member, Buffer.from('longer'), 0, 6)).toBe(true);
  expect([packed.isInLog, packed.isPatched]).toEqual([false, false]);
  expect(contents(packed).get('two')).toBe('longer');
  expect(log.bytes.equals(before)).toBe(true);
});
