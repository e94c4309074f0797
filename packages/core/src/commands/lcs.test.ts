/** LCS, against what redis answers. */
import { expect, it } from 'vitest';
import { makeTestClient } from '../../test/test-client.ts';
import { ReplyError } from '../protocol/reply-parser.ts';

it('LCS gives the subsequence, its length, or where it lies', () => {
  const client = makeTestClient();
  client.send('MSET', 'a', 'ohmytext', 'b', 'mynewtext');
  expect(client.send('LCS', 'a', 'b')).toBe('mytext');
  expect(client.send('LCS', 'a', 'b', 'len')).toBe(6);
  const text = [
    [4, 7],
    [5, 8],
  ];
  const my = [
    [2, 3],
    [0, 1],
  ];
  expect(client.send('LCS', 'a', 'b', 'IDX')).toEqual(['matches', [text, my], 'len', 6]);
  expect(client.send('LCS', 'a', 'b', 'IDX', 'MINMATCHLEN', 4)).toEqual(['matches', [text], 'len', 6]);
  expect(client.send('LCS', 'a', 'b', 'IDX', 'MINMATCHLEN', 4, 'WITHMATCHLEN')).toEqual([
    'matches',
    [[...text, 4]],
    'len',
    6,
  ]);
  expect(client.send('LCS', 'a', 'x')).toBe('');
  expect(client.send('LCS', 'x', 'b', 'LEN')).toBe(0);
});

it('LCS refuses options that make no sense, and what would take too much', () => {
  const client = makeTestClient();
  client.send('MSET', 'a', 'x'.repeat(20_000), 'b', 'x'.repeat(20_000));
  expect(client.send('LCS', 'a', 'b', 'IDX', 'LEN')).toEqual(
    new ReplyError('ERR If you want both the length and indexes, please just use IDX.'),
  );
  expect(client.send('LCS', 'a', 'b', 'MINMATCHLEN')).toEqual(new ReplyError('ERR syntax error'));
  expect(client.send('LCS', 'a', 'b', 'MINMATCHLEN', 'x')).toEqual(
    new ReplyError('ERR value is not an integer or out of range'),
  );
  expect(client.send('LCS', 'a', 'b')).toEqual(
    new ReplyError('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len'),
  );
});
