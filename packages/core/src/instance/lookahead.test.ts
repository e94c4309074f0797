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

test('a pipeline is answered as its commands one by one are', () => {
  const seed = 20_261_128;
  const prng = new Prng(seed);
  const piped = makeTestInstance().connect();
  const single = makeTestInstance().connect();
  fill(piped);
  fill(single);
  for (let round = 0; round < 150; round++) {
    const commands = Array.from({ length: 1 + prng.nextBelow(90) }, () => randomCommand(prng));
    const bytes = Buffer.from(commands.join(''), 'latin1');
    const cut = prng.nextBelow(bytes.length);
    const replies = [...piped.sendBytes(bytes.subarray(0, cut)), ...piped.sendBytes(bytes.subarray(cut))];
    const expected = commands.flatMap((each) => single.sendBytes(Buffer.from(each, 'latin1')));
    expect(replies, `seed ${seed}, round ${round}`).toEqual(expected);
  }
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
