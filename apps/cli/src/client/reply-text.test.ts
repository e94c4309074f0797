import { ReplyError, type ReplyValue } from '@ferrite/core/tools';
import { describe, expect, it } from 'vitest';
import { quoted, rawReply, replyJson, replyText } from './reply-text.ts';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

describe('replyText', () => {
  it.each<[ReplyValue, string]>([
    [null, '(nil)'],
    ['OK', 'OK'],
    [text('OK'), '"OK"'],
    [new ReplyError('ERR no'), '(error) ERR no'],
    [7, '(integer) 7'],
    [9223372036854775807n, '(integer) 9223372036854775807'],
    [1.5, '(double) 1.5'],
    [true, '(true)'],
    [[], '(empty array)'],
    [new Set(), '(empty set)'],
    [new Map(), '(empty hash)'],
  ])('shows %o as %s', (value, shown) => {
    expect(replyText(value)).toBe(shown);
  });

  it('numbers members, and puts members of members below the first', () => {
    const many: ReplyValue = Array.from({ length: 10 }, (_, i) => i);
    expect(
      replyText([text('a'), [text('b'), [1]], many])
        .split('\n')
        .slice(0, 4),
    ).toEqual(['1) "a"', '2) 1) "b"', '   2) 1) (integer) 1', '3)  1) (integer) 0']);
    expect(
      replyText(
        new Map<ReplyValue, ReplyValue>([
          [text('k'), 1],
          [text('l'), [2, 3]],
        ]),
      ),
    ).toBe('1# "k" => (integer) 1\n2# "l" =>\n   1) (integer) 2\n   2) (integer) 3');
    expect(replyText(new Set([text('a')]))).toBe('1~ "a"');
  });
});

it('quotes bytes so that a command line takes them back', () => {
  expect(quoted(text('a"\\\n\x00\xff'))).toBe('"a\\"\\\\\\n\\x00\\xff"');
});

it('writes raw replies as they are, a line for each value', () => {
  expect(rawReply([text('a\xff'), [1, null], new Map([['k', 1.5]])])).toEqual(text('a\xff\n1\n\nk\n1.5\n'));
});

it('writes as JSON what JSON can say, and the rest in a form that can be told apart', () => {
  const value: ReplyValue = [text('a'), text('\xff'), 12345678901234567890n, Number.NaN, new ReplyError('ERR no')];
  expect(replyJson(value)).toEqual(['a', { base64: '/w==' }, '12345678901234567890', 'nan', { error: 'ERR no' }]);
  expect(replyJson(new Map<ReplyValue, ReplyValue>([[text('k'), 1]]))).toEqual({ k: 1 });
  expect(replyJson(new Map<ReplyValue, ReplyValue>([[text('\xff'), 1]]))).toEqual([[{ base64: '/w==' }, 1]]);
});
