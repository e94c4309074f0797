/** XREAD and XREADGROUP with BLOCK. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { describe, expect, it } from 'vitest';
import { makeTestInstance } from '../../test/test-client.ts';

const entry = (id: string, value: string): unknown => [id, ['f', value]];

describe('XREAD with BLOCK', () => {
  it('waits for what is added after $, as it was when the command came', async () => {
    const { connect } = makeTestInstance();
    const [one, two, writer] = [connect(), connect(), connect()];
    writer.send('XADD', 's', '1-0', 'f', 'old');
    expect(one.send('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$')).toBeUndefined();
    expect(two.send('XREAD', 'BLOCK', 0, 'STREAMS', 'none', 's', '0', '$')).toBeUndefined();
    writer.send('XADD', 's', '2-0', 'f', 'new');
    expect(await one.settled()).toEqual([[['s', [entry('2-0', 'new')]]]]);
    expect(await two.settled()).toEqual([[['s', [entry('2-0', 'new')]]]]);
    expect(one.send('XREAD', 'BLOCK', 0, 'STREAMS', 's', '1-0')).toEqual([['s', [entry('2-0', 'new')]]]);
  });

  it('waits for a stream that is not there, with what a transaction left of it', async () => {
    const { connect } = makeTestInstance();
    const [reader, writer] = [connect(), connect()];
    expect(reader.send('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$')).toBeUndefined();
    writer.send('RPUSH', 's', 'a list');
    expect(await reader.settled()).toEqual([]);
    writer.send('DEL', 's');
    for (const command of [['MULTI'], ['XADD', 's', '1-0', 'f', 'a'], ['XADD', 's', '2-0', 'f', 'b'], ['EXEC']]) {
      writer.send(...command);
    }
    expect(await reader.settled()).toEqual([[['s', [entry('1-0', 'a'), entry('2-0', 'b')]]]]);
  });

  it('ends by its timeout or by CLIENT UNBLOCK, and does not wait in a transaction', async () => {
    const clock = new SimClock();
    const { connect, instance } = makeTestInstance({}, { device: new SimDevice({ clock }), clock });
    const [reader, other] = [connect(), connect()];
    reader.send('XREAD', 'BLOCK', 250, 'STREAMS', 's', '$');
    clock.advance(200);
    instance.tick();
    expect(await reader.settled()).toEqual([]);
    clock.advance(100);
    instance.tick();
    expect(await reader.settled()).toEqual([null]);
    reader.send('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
    expect(other.send('CLIENT', 'UNBLOCK', reader.client.id)).toBe(1);
    expect(await reader.settled()).toEqual([null]);
    reader.send('MULTI');
    reader.send('XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
    expect(reader.send('EXEC')).toEqual([null]);
  });
});

describe('XREADGROUP with BLOCK', () => {
  it('gives each entry to one consumer, in the order in which they came', async () => {
    const { connect } = makeTestInstance();
    const [one, two, writer] = [connect(), connect(), connect()];
    writer.send('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
    one.send('XREADGROUP', 'GROUP', 'g', 'one', 'BLOCK', 0, 'STREAMS', 's', '>');
    two.send('XREADGROUP', 'GROUP', 'g', 'two', 'BLOCK', 0, 'STREAMS', 's', '>');
    writer.send('XADD', 's', '1-0', 'f', 'a');
    expect([await one.settled(), await two.settled()]).toEqual([[[['s', [entry('1-0', 'a')]]]], []]);
    writer.send('XADD', 's', '2-0', 'f', 'b');
    expect(await two.settled()).toEqual([[['s', [entry('2-0', 'b')]]]]);
    expect(writer.send('XPENDING', 's', 'g')).toEqual([
      2,
      '1-0',
      '2-0',
      [
        ['one', '1'],
        ['two', '1'],
      ],
    ]);
    expect(one.send('XREADGROUP', 'GROUP', 'g', 'one', 'BLOCK', 0, 'STREAMS', 's', '0')).toEqual([
      ['s', [entry('1-0', 'a')]],
    ]);
  });

  it('ends with an error when its group goes', async () => {
    const { connect } = makeTestInstance();
    const [reader, writer] = [connect(), connect()];
    writer.send('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
    reader.send('XREADGROUP', 'GROUP', 'g', 'one', 'BLOCK', 0, 'STREAMS', 's', '>');
    writer.send('XGROUP', 'DESTROY', 's', 'g');
    expect(await reader.settled()).toMatchObject([{ message: /^NOGROUP/ }]);
  });

  it.each([
    ['is deleted', ['DEL', 's'], /^NOGROUP/],
    ['gets a value of another type', ['SET', 's', 'text'], /^WRONGTYPE/],
    ['is renamed', ['RENAME', 's', 't'], /^NOGROUP/],
    ['goes with its database', ['FLUSHDB'], /^NOGROUP/],
    ['goes with all databases', ['FLUSHALL'], /^NOGROUP/],
    ['goes to another database', ['SWAPDB', '0', '1'], /^NOGROUP/],
    ['moves', ['MOVE', 's', '1'], /^NOGROUP/],
    ['is over', ['PEXPIRE', 's', '-1'], /^NOGROUP/],
  ])('ends with an error when its key %s', async (_, command, message) => {
    const { connect } = makeTestInstance();
    const [reader, writer] = [connect(), connect()];
    writer.send('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
    reader.send('XREADGROUP', 'GROUP', 'g', 'one', 'BLOCK', 0, 'STREAMS', 's', '>');
    writer.send('EXPIRE', 's', 100);
    expect(await reader.settled()).toEqual([]);
    writer.send(...command);
    expect(await reader.settled()).toMatchObject([{ message }]);
  });
});
