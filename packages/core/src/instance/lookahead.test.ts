import { expect, test, vi } from 'vitest';
import { makeTestInstance, type TestClient } from '../../test/test-client.ts';
import { Prng } from '../base/prng.ts';

/** More keys than are kept out of it for being few. */
const KEYS = 6000;

function fill(client: TestClient): void {
  for (let i = 0; i < KEYS; i += 100) {
    const parts: string[] = [];
    for (let k = i; k < i + 100; k++) parts.push(`k${k}`, String(k));
    client.send('MSET', ...parts);
  }
}

function encoded(parts: string[]): string {
  return `*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`;
}

/** A command as a client sends it, most often on keys that there are. */
function randomCommand(prng: Prng): string {
  const key = (): string =>
    `k${prng.nextBelow(KEYS + 500)}${prng.nextBelow(50) === 0 ? 'x'.repeat(prng.nextBelow(90)) : ''}`;
  const many = (): string[] => Array.from({ length: 1 + prng.nextBelow(70) }, key);
  switch (prng.nextBelow(12)) {
    case 0:
      return encoded(['SET', key(), 'v'.repeat(prng.nextBelow(200))]);
    case 1:
      return encoded(['INCR', key()]);
    case 2:
      return encoded(['DEL', ...many().slice(0, 3)]);
    case 3:
      return encoded(['MGET', ...many()]);
    case 4:
      return encoded(['MSET', ...many().flatMap((each, i) => [each, String(i)])]);
    case 5:
      return `GET ${key()}\r\n`;
    case 6:
      return encoded(['PING']);
    case 7:
      return encoded(['EXISTS', ...many()]);
    case 8:
      return '*0\r\n';
    case 9:
      return encoded(['SET', key(), 'w', 'PX', '1000000']);
    default:
      return encoded(['GET', key()]);
  }
}

/** Sends pipelines of random commands to one server, and each command by itself to another. */
function expectSameReplies(seed: number, fillOne: (client: TestClient) => void, draw: (prng: Prng) => string): void {
  const prng = new Prng(seed);
  const piped = makeTestInstance().connect();
  const single = makeTestInstance().connect();
  fillOne(piped);
  fillOne(single);
  for (let round = 0; round < 150; round++) {
    const commands = Array.from({ length: 1 + prng.nextBelow(90) }, () => draw(prng));
    const bytes = Buffer.from(commands.join(''), 'latin1');
    const cut = prng.nextBelow(bytes.length);
    const replies = [...piped.sendBytes(bytes.subarray(0, cut)), ...piped.sendBytes(bytes.subarray(cut))];
    const expected = commands.flatMap((each) => single.sendBytes(Buffer.from(each, 'latin1')));
    expect(replies, `seed ${seed}, round ${round}`).toEqual(expected);
  }
}

test('a pipeline is answered as its commands one by one are', () => {
  expectSameReplies(20_261_128, fill, randomCommand);
});

test('the key of each command of a pipeline is hashed once, ahead of it', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  fill(client);
  const { key } = instance.store;
  const hashed = vi.spyOn(key, 'hashAt');
  const touched = vi.spyOn(key.foreseen, 'touch');
  const commands = Array.from({ length: 40 }, (_, i) => encoded(['GET', `k${i}`]));
  expect(client.sendBytes(Buffer.from(commands.join('')))).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
  expect(hashed).toHaveBeenCalledTimes(40);
  expect(touched).toHaveBeenCalledTimes(2);
});

test('a key that was foreseen is not taken for another one in the same place of the same buffer', () => {
  const { instance } = makeTestInstance();
  const { store } = instance;
  const { key } = store;
  const source = Buffer.from('one two ');
  key.foreseen.add(0, 3);
  key.foreseen.add(4, 3);
  store.touchForeseen(0, source);
  source.write('six');
  key.setFrom(source, 0, 3);
  const { hash } = key;
  key.set('six');
  expect(hash).toBe(key.hash);
});

/** A command on two large collections, or on their keys. */
function randomMemberCommand(prng: Prng): string {
  const member = (): string =>
    `m${prng.nextBelow(KEYS + 500)}${prng.nextBelow(30) === 0 ? 'x'.repeat(prng.nextBelow(90)) : ''}`;
  const score = (): string => '9'.repeat(1 + prng.nextBelow(prng.nextBelow(20) === 0 ? 14 : 3));
  switch (prng.nextBelow(12)) {
    case 0:
      return encoded(['HSET', 'h', member(), 'v'.repeat(prng.nextBelow(200))]);
    case 1:
      return encoded(['ZADD', 'z', score(), member()]);
    case 2:
      return encoded(['ZSCORE', 'z', member()]);
    case 3:
      return encoded(['HDEL', 'h', member(), member()]);
    case 4:
      return encoded(['HLEN', 'h']);
    case 5:
      return encoded(['ZADD', 'z', 'XX', 'CH', score(), member()]);
    case 6:
      return encoded(['ZADD', 'z', 'NX']);
    case 7:
      return encoded(['GET', 'h']);
    default:
      return encoded(['HGET', 'h', member()]);
  }
}

function fillCollections(client: TestClient): void {
  for (let i = 0; i < KEYS; i += 100) {
    const members = Array.from({ length: 100 }, (_, k) => `m${i + k}`);
    client.send('HSET', 'h', ...members.flatMap((each) => [each, `value of ${each}`]));
    client.send('ZADD', 'z', ...members.flatMap((each, k) => [String(k), each]));
  }
}

test('a pipeline on large collections is answered as its commands one by one are', () => {
  expectSameReplies(20_261_129, fillCollections, randomMemberCommand);
});

test('the members that a pipeline names are hashed once, ahead of it, where there are many', () => {
  const { instance, connect } = makeTestInstance();
  const client = connect();
  fillCollections(client);
  const { member } = instance.store;
  const hashed = vi.spyOn(member, 'hashAt');
  const touched = vi.spyOn(member.foreseen, 'touch');
  const fields = Array.from({ length: 40 }, (_, i) => encoded(['HGET', 'h', `m${i}`]));
  expect(client.sendBytes(Buffer.from(fields.join('')))).toEqual(
    Array.from({ length: 40 }, (_, i) => `value of m${i}`),
  );
  const scores = Array.from({ length: 40 }, (_, i) => encoded(['ZADD', 'z', '12', `m${i}`]));
  client.sendBytes(Buffer.from(scores.join('')));
  expect(hashed).toHaveBeenCalledTimes(80);
  expect(touched).toHaveBeenCalledTimes(4);
});
