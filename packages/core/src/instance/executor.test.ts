/** What happens to a long pipeline, to a command whose handler throws, to one with a key that is too long, and to WAITAOF. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { makeTestInstance, type TestInstance } from '../../test/test-client.ts';
import { FerriteError } from '../base/errors.ts';
import type { CommandRow } from '../commands/command.ts';
import { execute } from './executor.ts';

const LONG = 'k'.repeat(65_537);

async function turns(count = 6): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Each look at it takes a millisecond. */
class SlowClock extends SimClock {
  override monotonicMs(): number {
    this.advance(1);
    return super.monotonicMs();
  }
}

describe('a client that has sent many commands', () => {
  it('gives way to others after some milliseconds, and goes on where it was', () => {
    const { connect, instance } = makeTestInstance({}, { clock: new SlowClock() });
    const client = connect();
    client.send('SADD', 's', 'a', 'b');
    const bytes = Buffer.from('SRANDMEMBER s 5\r\n'.repeat(20));
    client.client.parser.feed(bytes, bytes.length);
    const lengths: number[] = [];
    for (let isDone = false; !isDone; lengths.push(client.client.reply.length)) {
      isDone = execute(instance, client.client);
      if (!isDone) client.client.parser.park(false);
    }
    expect(lengths.length).toBeGreaterThan(4);
    client.flush();
    expect(client.received()).toHaveLength(20);
  });
});

describe('a handler that throws', () => {
  const changed: [CommandRow, CommandRow['run']][] = [];

  afterEach(() => {
    for (const [row, run] of changed.splice(0)) row.run = run;
  });

  function spoil({ instance }: TestInstance, name: string, error: unknown): void {
    const bytes = Buffer.from(name);
    const row = instance.findCommand(bytes, 0, bytes.length);
    if (row === undefined) throw new Error(`no command ${name}`);
    changed.push([row, row.run]);
    row.run = (call) => {
      call.reply.simple('half of a reply');
      throw error;
    };
  }

  it.each(['GET', 'SET', 'PING'])('by a bug is logged, and its client told: %s', (name) => {
    const world = makeTestInstance();
    const client = world.connect();
    const lines: string[] = [];
    world.instance.log = (_level, text) => lines.push(text);
    const row = { GET: ['GET', 'a'], SET: ['SET', 'a', '1'], PING: ['PING'] }[name] as string[];
    spoil(world, name, new Error('assertion failed: of a test'));
    expect(client.send(...row)).toMatchObject({ message: 'ERR internal error' });
    expect(lines.join()).toContain('assertion failed: of a test');
    expect(client.send('SETEX', 'b', '10', '1')).toBe('OK');
  });

  it('by a failure of the engine is answered with it', () => {
    const world = makeTestInstance();
    const client = world.connect();
    spoil(world, 'GET', new FerriteError('FERRITE_CORRUPT', 'the record is damaged'));
    expect(client.send('GET', 'a')).toMatchObject({ message: 'ERR the record is damaged' });
    spoil(world, 'STRLEN', new FerriteError('FERRITE_WRONG_TYPE', 'another type'));
    expect(client.send('STRLEN', 'a')).toMatchObject({ message: /^WRONGTYPE Operation/ });
  });

  it('leaves the rest of a transaction running, if it had written nothing', () => {
    const world = makeTestInstance();
    const client = world.connect();
    spoil(world, 'GET', new Error('a bug'));
    for (const command of [['MULTI'], ['SET', 'a', '1'], ['GET', 'a'], ['INCR', 'a']]) client.send(...command);
    expect(client.send('EXEC')).toMatchObject(['OK', { message: 'ERR internal error' }, 2]);
  });
});

describe('a key of more than 64 KiB', () => {
  it.each([
    ['GET', LONG],
    ['SET', LONG, '1'],
    ['MSET', 'a', '1', LONG, '2'],
    ['MGET', 'a', LONG],
    ['RENAME', 'a', LONG],
    ['BITOP', 'AND', 'a', LONG],
  ])('is refused by %s, and nothing is changed', (...command) => {
    const client = makeTestInstance().connect();
    client.send('SET', 'a', 'before');
    expect(client.send(...command)).toMatchObject({ message: 'ERR key is too long' });
    expect(client.send('GET', 'a')).toBe('before');
  });

  it('spoils a transaction, and values may be longer', () => {
    const client = makeTestInstance().connect();
    expect(client.send('SET', 'a', LONG)).toBe('OK');
    client.send('MULTI');
    expect(client.send('GET', LONG)).toMatchObject({ message: 'ERR key is too long' });
    expect(client.send('EXEC')).toMatchObject({ message: /^EXECABORT/ });
  });
});

describe('WAITAOF', () => {
  function open(): TestInstance & { device: SimDevice; clock: SimClock } {
    const clock = new SimClock();
    const device = new SimDevice({ clock });
    return { ...makeTestInstance({ durability: 'everysec' }, { device, clock }), device, clock };
  }

  it('lets its client wait for the device, and nobody else', async () => {
    const { device, connect } = open();
    const [client, other] = [connect(), connect()];
    client.send('SET', 'a', '1');
    await turns();
    expect(client.received()).toEqual(['OK']);
    device.hold('sync');
    expect(client.send('WAITAOF', 1, 0, 0)).toBeUndefined();
    expect(client.send('GET', 'a')).toBeUndefined();
    await turns();
    expect(other.send('GET', 'a')).toBe('1');
    device.release();
    await turns();
    expect(client.received()).toEqual([[1, 0], '1']);
    expect(client.send('WAITAOF', 1, 0, 0)).toEqual([1, 0]);
  });

  it('answers with what is safe when its time is over', async () => {
    const { device, clock, connect, instance } = open();
    const client = connect();
    device.hold('sync');
    client.send('SET', 'a', '1');
    await turns();
    expect(client.received()).toEqual(['OK']);
    expect(client.send('WAITAOF', 0, 0, 0)).toEqual([0, 0]);
    client.send('WAITAOF', 1, 0, 100);
    clock.advance(99);
    instance.tick();
    expect(client.received()).toEqual([]);
    clock.advance(1);
    instance.tick();
    expect(client.received()).toEqual([[0, 0]]);
    device.release();
    await turns();
    expect(client.received()).toEqual([]);
  });

  it('does not wait within EXEC', async () => {
    const { device, connect } = open();
    const client = connect();
    device.hold('sync');
    for (const command of [['MULTI'], ['SET', 'a', '1'], ['WAITAOF', '1', '0', '0'], ['EXEC']]) client.send(...command);
    await turns();
    expect(client.received().at(-1)).toEqual(['OK', [0, 0]]);
  });
});
