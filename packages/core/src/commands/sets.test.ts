/** Commands on sets. */
import { describe, expect, it } from 'vitest';
import { chiSquaredMax, chiSquaredOf } from '../../test/chi-squared.ts';
import { learnSlowness, openCold, settle, waits } from '../../test/cold-store.ts';
import { errorOf, makeTestClient, makeTestInstance, type TestClient } from '../../test/test-client.ts';

const GATE_ROUNDS_MAX = 16;

function sorted(reply: unknown): string[] {
  return (reply as string[]).map(String).sort();
}

function addNumbers(client: TestClient, key: string, from: number, until: number): void {
  const members = Array.from({ length: until - from }, (_, i) => `m${from + i}`);
  for (let i = 0; i < members.length; i += 500) client.send('SADD', key, ...members.slice(i, i + 500));
}

describe('sets', () => {
  it('keep each member once', () => {
    const client = makeTestClient();
    expect(client.send('SADD', 's', 'a', 'b', 'a')).toBe(2);
    expect(client.send('SADD', 's', 'b', 'c', '')).toBe(2);
    expect(client.send('SCARD', 's')).toBe(4);
    expect(sorted(client.send('SMEMBERS', 's'))).toEqual(['', 'a', 'b', 'c']);
    expect([client.send('SISMEMBER', 's', 'a'), client.send('SISMEMBER', 's', 'x')]).toEqual([1, 0]);
    expect(client.send('SMISMEMBER', 's', 'a', 'x', '')).toEqual([1, 0, 1]);
    expect(client.send('TYPE', 's')).toBe('set');
    expect(client.send('SCAN', '0', 'TYPE', 'set')).toEqual(['0', ['s']]);
    expect(client.send('MEMORY', 'USAGE', 's')).toBeGreaterThan(50);
  });

  it('go with their last member', () => {
    const client = makeTestClient();
    client.send('SADD', 's', 'a', 'b');
    expect(client.send('SREM', 's', 'a', 'x', 'a')).toBe(1);
    expect(client.send('SREM', 's', 'b', 'b')).toBe(1);
    expect([client.send('EXISTS', 's'), client.send('SREM', 's', 'b'), client.send('DBSIZE')]).toEqual([0, 0, 0]);
    client.send('SADD', 's', 'a');
    expect([client.send('SPOP', 's'), client.send('EXISTS', 's'), client.send('SPOP', 's')]).toEqual(['a', 0, null]);
  });

  it('answer for keys that are not there as empty sets', () => {
    const client = makeTestClient();
    expect(client.send('SMEMBERS', 'none')).toEqual([]);
    expect(client.send('SMISMEMBER', 'none', 'a', 'b')).toEqual([0, 0]);
    expect([client.send('SCARD', 'none'), client.send('SISMEMBER', 'none', 'a')]).toEqual([0, 0]);
    expect(client.send('SMOVE', 'none', 'other', 'a')).toBe(0);
    expect([client.send('SRANDMEMBER', 'none'), client.send('SRANDMEMBER', 'none', '-3')]).toEqual([null, []]);
    expect(client.send('SPOP', 'none', '3')).toEqual([]);
    expect(client.send('SSCAN', 'none', '0', 'BAD')).toEqual(['0', []]);
  });

  it('are refused by commands of other types, and refuse keys of other types', () => {
    const client = makeTestClient();
    client.send('SADD', 's', 'a');
    client.send('SET', 'text', 'v');
    client.send('HSET', 'h', 'a', '1');
    for (const command of [
      'GET s',
      'HGET s a',
      'SADD h x',
      'SREM text a',
      'SMEMBERS h',
      'SPOP text',
      'SCARD h',
      'SINTER s h',
      'SUNION s text',
      'SDIFF text s',
      'SUNIONSTORE d s h',
      'SINTERCARD 2 s h',
      'SMOVE s h a',
      'SMOVE text s a',
      'SRANDMEMBER h',
      'SSCAN h 0',
      'SMISMEMBER h a',
    ]) {
      expect(errorOf(client.send(...(command.split(' ') as [string])))).toMatch(/^WRONGTYPE/);
    }
    expect(client.send('EXISTS', 'd')).toBe(0);
  });

  it('check counts, options and numbers of keys as redis does', () => {
    const client = makeTestClient();
    client.send('SADD', 's', 'a');
    const said = (command: string): string => errorOf(client.send(...(command.split(' ') as [string])));
    expect(said('SPOP s -1')).toBe('ERR value is out of range, must be positive');
    expect(said('SPOP s x')).toBe('ERR value is out of range, must be positive');
    expect(said('SPOP s 1 2')).toBe('ERR syntax error');
    expect(said('SRANDMEMBER s x')).toBe('ERR value is not an integer or out of range');
    expect(said('SRANDMEMBER s -9223372036854775808')).toBe(
      'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
    );
    expect(said('SRANDMEMBER s 1 2')).toBe('ERR syntax error');
    expect(said('SINTERCARD 0 s')).toBe('ERR numkeys should be greater than 0');
    expect(said('SINTERCARD x s')).toBe('ERR numkeys should be greater than 0');
    expect(said('SINTERCARD 2 s')).toBe("ERR Number of keys can't be greater than number of args");
    expect(said('SINTERCARD 1 s LIMIT -1')).toBe("ERR LIMIT can't be negative");
    expect(said('SINTERCARD 1 s LIMIT')).toBe('ERR syntax error');
    expect(said('SSCAN s x')).toBe('ERR invalid cursor');
    expect(said('SSCAN s 0 NOVALUES')).toBe('ERR syntax error');
    expect(said('SMEMBERS s s')).toBe("ERR wrong number of arguments for 'smembers' command");
  });

  it('are intersected, united and subtracted', () => {
    const client = makeTestClient();
    client.send('SADD', 'a', '1', '2', '3', '4');
    client.send('SADD', 'b', '3', '4', '5');
    client.send('SADD', 'c', '4', '5', '6');
    expect(sorted(client.send('SINTER', 'a', 'b'))).toEqual(['3', '4']);
    expect(sorted(client.send('SINTER', 'a', 'b', 'c', 'a'))).toEqual(['4']);
    expect(sorted(client.send('SINTER', 'a'))).toEqual(['1', '2', '3', '4']);
    expect(client.send('SINTER', 'a', 'none')).toEqual([]);
    expect(sorted(client.send('SUNION', 'a', 'none', 'b', 'c'))).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(sorted(client.send('SDIFF', 'a', 'b'))).toEqual(['1', '2']);
    expect(sorted(client.send('SDIFF', 'a', 'none', 'c'))).toEqual(['1', '2', '3']);
    expect(client.send('SDIFF', 'a', 'b', 'a')).toEqual([]);
    expect(client.send('SDIFF', 'none', 'a')).toEqual([]);
    expect(client.send('SINTERCARD', '2', 'a', 'b')).toBe(2);
    expect(client.send('SINTERCARD', '2', 'a', 'b', 'LIMIT', '1', 'limit', '0')).toBe(2);
    expect(client.send('SINTERCARD', '2', 'a', 'b', 'LIMIT', '1')).toBe(1);
    expect(client.send('COMMAND', 'GETKEYS', 'SINTERCARD', '2', 'a', 'b', 'LIMIT', '1')).toEqual(['a', 'b']);
  });

  it('are subtracted the other way, where the first is small and there are many others', () => {
    const client = makeTestClient();
    addNumbers(client, 'large', 0, 1000);
    const others = Array.from({ length: 20 }, (_, i) => `other${i}`);
    for (const [i, key] of others.entries()) client.send('SADD', key, `m${i * 50}`, `m${i}`, 'elsewhere');
    const left = client.send('SDIFF', 'large', ...others) as string[];
    const gone = new Set(others.flatMap((_, i) => [`m${i * 50}`, `m${i}`]));
    expect(sorted(left)).toEqual(
      Array.from({ length: 1000 }, (_, i) => `m${i}`)
        .filter((m) => !gone.has(m))
        .sort(),
    );
    expect(client.send('SINTERCARD', '2', 'large', 'large', 'LIMIT', '600')).toBe(600);
    expect((client.send('SUNION', 'large', ...others) as string[]).length).toBe(1001);
  });

  it('are stored over whatever the key held, themselves, too, and without an expiry', () => {
    const client = makeTestClient();
    client.send('SADD', 'a', '1', '2', '3');
    client.send('SADD', 'b', '2', '3', '4');
    client.send('SET', 'text', 'v', 'EX', '100');
    expect(client.send('SINTERSTORE', 'text', 'a', 'b')).toBe(2);
    expect([client.send('TTL', 'text'), sorted(client.send('SMEMBERS', 'text'))]).toEqual([-1, ['2', '3']]);
    expect(client.send('SUNIONSTORE', 'a', 'a', 'b')).toBe(4);
    expect(sorted(client.send('SMEMBERS', 'a'))).toEqual(['1', '2', '3', '4']);
    expect(client.send('SDIFFSTORE', 'b', 'a', 'b')).toBe(1);
    expect(client.send('SMEMBERS', 'b')).toEqual(['1']);
    client.send('HSET', 'h', 'f', 'v');
    expect([client.send('SINTERSTORE', 'h', 'a', 'none'), client.send('EXISTS', 'h')]).toEqual([0, 0]);
    expect([client.send('SDIFFSTORE', 'none', 'a', 'a'), client.send('DBSIZE')]).toEqual([0, 3]);
  });

  it('give members to each other', () => {
    const client = makeTestClient();
    client.send('SADD', 'a', '1', '2');
    client.send('SADD', 'b', '2');
    expect(client.send('SMOVE', 'a', 'b', 'x')).toBe(0);
    expect([client.send('SMOVE', 'a', 'a', '1'), client.send('SMOVE', 'a', 'a', 'x')]).toEqual([1, 0]);
    expect([client.send('SMOVE', 'a', 'b', '2'), client.send('SMEMBERS', 'b')]).toEqual([1, ['2']]);
    expect([client.send('SMOVE', 'a', 'c', '1'), client.send('SMEMBERS', 'c')]).toEqual([1, ['1']]);
    expect(client.send('EXISTS', 'a')).toBe(0);
  });

  it('are copied, renamed, moved and expire like other keys', () => {
    const client = makeTestClient();
    client.send('SADD', 's', 'a', 'b');
    expect(client.send('COPY', 's', 'c')).toBe(1);
    client.send('SADD', 'c', 'other');
    expect([client.send('SCARD', 's'), client.send('SCARD', 'c')]).toEqual([2, 3]);
    expect(client.send('RENAME', 's', 'r')).toBe('OK');
    expect(client.send('MOVE', 'r', '1')).toBe(1);
    client.send('SELECT', '1');
    expect(client.send('PEXPIRE', 'r', '100000')).toBe(1);
    client.send('SADD', 'r', 'z');
    expect(client.send('PTTL', 'r')).toBeGreaterThan(90_000);
    expect(sorted(client.send('SMEMBERS', 'r'))).toEqual(['a', 'b', 'z']);
    client.send('FLUSHALL');
    expect(client.send('SCARD', 'r')).toBe(0);
  });
});

describe('what redis says of sets', () => {
  it('OBJECT ENCODING goes by the sizes and by what the configuration says', () => {
    const client = makeTestClient();
    const encoding = (): unknown => client.send('OBJECT', 'ENCODING', 's');
    for (let i = 0; i < 512; i++) client.send('SADD', 's', i - 100);
    expect(encoding()).toBe('intset');
    client.send('SADD', 's', '512');
    expect(encoding()).toBe('hashtable');
    client.send('DEL', 's');
    client.send('SADD', 's', 'a', '007', '1');
    expect(encoding()).toBe('listpack');
    client.send('SADD', 's', 'x'.repeat(65));
    expect(encoding()).toBe('hashtable');
    client.send('CONFIG', 'SET', 'set-max-listpack-value', '65');
    client.send('SADD', 't', 'a', 'x'.repeat(65));
    expect(client.send('OBJECT', 'ENCODING', 't')).toBe('listpack');
    client.send('CONFIG', 'SET', 'set-max-listpack-entries', '2');
    client.send('SADD', 't', 'b');
    expect(client.send('OBJECT', 'ENCODING', 't')).toBe('hashtable');
    client.send('CONFIG', 'SET', 'set-max-intset-entries', '1');
    client.send('SADD', 'u', '1', '2');
    expect(client.send('OBJECT', 'ENCODING', 'u')).toBe('listpack');
  });

  it('OBJECT ENCODING stays what it became when members go, but not where SPOP takes most', () => {
    const client = makeTestClient();
    const encoding = (key: string): unknown => client.send('OBJECT', 'ENCODING', key);
    client.send('SADD', 's', '1', '2', 'x');
    client.send('SREM', 's', 'x');
    client.send('COPY', 's', 'copy');
    expect([encoding('s'), encoding('copy')]).toEqual(['listpack', 'listpack']);
    for (let i = 0; i < 600; i++) client.send('SADD', 's', i);
    for (let i = 3; i < 600; i++) client.send('SREM', 's', i);
    expect([client.send('SCARD', 's'), encoding('s')]).toEqual([3, 'hashtable']);
    for (let i = 0; i < 600; i++) client.send('SADD', 's', i);
    client.send('SPOP', 's', '590');
    expect(encoding('s')).toBe('intset');
    client.send('SUNIONSTORE', 'other', 'copy');
    expect(encoding('other')).toBe('intset');
  });

  it('replies are sets in RESP3 where redis says so', () => {
    const client = makeTestClient();
    client.send('HELLO', '3');
    client.send('SADD', 's', 'a');
    for (const command of ['SMEMBERS s', 'SINTER s', 'SUNION s', 'SDIFF s', 'SPOP s 1', 'SMEMBERS s', 'SPOP s 1']) {
      expect(client.send(...(command.split(' ') as [string]))).toBeInstanceOf(Set);
    }
    client.send('SADD', 's', 'a');
    expect(client.send('SRANDMEMBER', 's', '1')).toEqual(['a']);
    expect(client.send('SSCAN', 's', '0')).toEqual(['0', ['a']]);
  });

  it('listeners are told of what became of the keys', () => {
    const { connect } = makeTestInstance();
    const [client, listener] = [connect(), connect()];
    client.send('CONFIG', 'SET', 'notify-keyspace-events', 'KA');
    listener.send('PSUBSCRIBE', '__keyspace@0__:*');
    const told = (command: string): string => {
      listener.pushed.length = 0;
      client.send(...(command.split(' ') as [string]));
      const messages = [...listener.pushed, ...(listener.sendBytes(Buffer.alloc(0)) as unknown[][])];
      return messages.map(([, , channel, event]) => `${String(channel).split(':')[1]} ${event}`).join(', ');
    };
    expect(told('SADD a 1 2 3')).toBe('a sadd');
    expect(told('SADD a 1')).toBe('');
    expect(told('SREM a x')).toBe('');
    expect(told('SREM a 1')).toBe('a srem');
    expect(told('SMOVE a b 2')).toBe('a srem, b sadd');
    expect(told('SADD a 2')).toBe('a sadd');
    expect(told('SMOVE a b 2')).toBe('a srem');
    expect(told('SMOVE a b 3')).toBe('a srem, a del, b sadd');
    expect(told('SUNIONSTORE c b')).toBe('c sunionstore');
    expect(told('SINTERSTORE c b')).toBe('c sinterstore');
    expect(told('SDIFFSTORE c b none')).toBe('c sdiffstore');
    expect(told('SDIFFSTORE c b b')).toBe('c del');
    expect(told('SDIFFSTORE c b b')).toBe('');
    expect(told('SPOP b 1')).toBe('b spop');
    expect(told('SPOP b 0')).toBe('');
    expect(told('SPOP b 5')).toBe('b spop, b del');
    expect(told('SADD b 1')).toBe('b sadd');
    expect(told('SPOP b')).toBe('b spop, b del');
  });

  it('WATCH sees changes, and nothing where nothing changed', () => {
    const { connect } = makeTestInstance();
    const [client, other] = [connect(), connect()];
    other.send('SADD', 's', 'a', 'b');
    const survives = (command: string): boolean => {
      client.send('WATCH', 's', 'd');
      other.send(...(command.split(' ') as [string]));
      client.send('MULTI');
      client.send('PING');
      return client.send('EXEC') !== null;
    };
    expect(survives('SADD s a')).toBe(true);
    expect(survives('SREM s x')).toBe(true);
    expect(survives('SADD s c')).toBe(false);
    expect(survives('SUNIONSTORE d s')).toBe(false);
    expect(survives('SMOVE s d x')).toBe(true);
    expect(survives('SPOP s')).toBe(false);
    expect(survives('SPOP s 2')).toBe(false);
  });
});

describe('walks and draws', () => {
  it('SSCAN meets each member that stays, while the set grows and shrinks', () => {
    const client = makeTestClient();
    for (let i = 0; i < 2000; i++) client.send('SADD', 's', `stay:${i}`, `go:${i}`);
    const met = new Set<string>();
    let cursor = '0';
    let step = 0;
    do {
      const [next, members] = client.send('SSCAN', 's', cursor, 'COUNT', '50') as [string, string[]];
      for (const member of members) met.add(member);
      for (let i = 0; i < 40; i++) client.send('SREM', 's', `go:${step * 40 + i}`);
      for (let i = 0; i < 60; i++) client.send('SADD', 's', `new:${step}:${i}`);
      step++;
      cursor = next;
    } while (cursor !== '0');
    for (let i = 0; i < 2000; i++) expect(met.has(`stay:${i}`)).toBe(true);
    expect(client.send('SSCAN', 's', '0', 'MATCH', 'stay:7', 'COUNT', '100000')).toEqual(['0', ['stay:7']]);
  });

  it.each([5, 50, 700])('SRANDMEMBER gives each of %i members as often as any other', (count) => {
    const client = makeTestClient();
    addNumbers(client, 's', 0, count);
    const draws = count * 400;
    const one = new Map<string, number>();
    for (const member of client.send('SRANDMEMBER', 's', -draws) as string[])
      one.set(member, (one.get(member) ?? 0) + 1);
    expect(chiSquaredOf(one, count, draws)).toBeLessThan(chiSquaredMax(count - 1));
    // Few of many are drawn in another way than many.
    for (const share of [0.2, 0.8]) {
      const some = new Map<string, number>();
      const each = count * share;
      for (let i = 0; i < 400; i++) {
        const drawn = client.send('SRANDMEMBER', 's', each) as string[];
        expect(new Set(drawn).size).toBe(each);
        for (const member of drawn) some.set(member, (some.get(member) ?? 0) + 1);
      }
      // Without replacement the sum is smaller, by the share that is left.
      const sum = chiSquaredOf(some, count, each * 400) / (1 - share);
      expect(sum).toBeLessThan(chiSquaredMax(count - 1));
    }
  });

  it('SPOP takes each member first as often as any other, one by one and by the count', () => {
    const client = makeTestClient();
    const members = 40;
    for (const count of [[], ['7'], ['30']]) {
      const popped = new Map<string, number>();
      let draws = 0;
      for (let i = 0; i < 1000; i++) {
        addNumbers(client, 's', 0, members);
        const reply = client.send('SPOP', 's', ...count) as string | string[];
        for (const member of [reply].flat()) popped.set(member, (popped.get(member) ?? 0) + 1);
        draws += [reply].flat().length;
        expect(client.send('SCARD', 's')).toBe(members - [reply].flat().length);
      }
      const sum = chiSquaredOf(popped, members, draws) / (1 - draws / 1000 / members);
      expect(sum).toBeLessThan(chiSquaredMax(members - 1));
    }
  });

  it('SPOP empties a large set, and gives each member once', () => {
    const client = makeTestClient();
    addNumbers(client, 's', 0, 20_000);
    const popped = new Set<unknown>();
    for (let i = 0; i < 10_000; i++) popped.add(client.send('SPOP', 's'));
    for (const member of client.send('SPOP', 's', '9990') as string[]) popped.add(member);
    for (let i = 0; i < 10; i++) popped.add(client.send('SPOP', 's'));
    expect([popped.size, client.send('EXISTS', 's')]).toEqual([20_000, 0]);
  });
});

describe('sets on disk', () => {
  it('are read in few waits, and come to the same', async () => {
    const world = openCold(0);
    const client = world.connect();
    addNumbers(client, 'a', 0, 3000);
    addNumbers(client, 'b', 2000, 5000);
    for (let i = 0; i < 3000; i++) client.send('SET', `key:${i}`, 'v'.repeat(200));
    world.driven.db.commitSync();
    learnSlowness(world, client);
    const ask = async (...command: string[]): Promise<unknown> => {
      const reply = client.send(...(command as [string]));
      let rounds = 0;
      while (waits(client)) {
        if (++rounds > GATE_ROUNDS_MAX) throw new Error(`${command[0]} waited ${rounds} times`);
        await settle(world);
      }
      return reply ?? client.sendBytes(Buffer.alloc(0))[0];
    };
    expect((await ask('SINTER', 'a', 'b')) as string[]).toHaveLength(1000);
    expect(await ask('SMISMEMBER', 'a', 'm1', 'm2', 'm4000')).toEqual([1, 1, 0]);
    expect(await ask('SUNIONSTORE', 'c', 'a', 'b')).toBe(5000);
    expect((await ask('SDIFF', 'a', 'b')) as string[]).toHaveLength(2000);
    const popped = (await ask('SPOP', 'a', '100')) as string[];
    expect(await ask('SMISMEMBER', 'a', ...popped)).toEqual(popped.map(() => 0));
    expect(await ask('SCARD', 'a')).toBe(2900);
    expect(await ask('SMOVE', 'b', 'a', 'm4500')).toBe(1);
  });
});
