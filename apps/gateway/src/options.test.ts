import { describe, expect, it } from 'vitest';
import { flag, helpText, httpUrl, oneOf, parseOptions, plainText, size, UsageError, whole } from './options.ts';

const TABLE = {
  count: { value: 'N', help: 'how many', byDefault: '3', parse: whole(1, 10) },
  mode: { value: 'MODE', help: 'in which way', byDefault: 'fast', parse: oneOf('fast', 'slow') },
  memory: { value: 'SIZE', help: 'how large', parse: size(1024) },
  loud: flag('say more'),
} as const;

describe('options', () => {
  it('have their defaults, and undefined where there is none', () => {
    expect(parseOptions(TABLE, [])).toEqual({ count: 3, mode: 'fast', memory: undefined, loud: false });
  });

  it('are taken from the arguments, with a space or an equals sign', () => {
    expect(parseOptions(TABLE, ['--count', '7', '--mode=slow', '--memory', '32mb', '--loud'])).toEqual({
      count: 7,
      mode: 'slow',
      memory: 32 * 1024 * 1024,
      loud: true,
    });
  });

  it.each([
    [['--count', '0'], /--count: "0" is not a whole number from 1 to 10/],
    [['--count', '2.5'], /--count/],
    [['--count', ''], /--count/],
    [['--mode', 'quick'], /--mode: "quick" is none of fast, slow/],
    [['--memory', '1'], /--memory: "1" is not a size/],
    [['--memory', '3 apples'], /--memory/],
    [['--colour'], /--colour/],
    [['--count'], /--count/],
    [['stray'], /stray/],
  ])('are refused when they make no sense: %j', (args, message) => {
    expect(() => parseOptions(TABLE, args)).toThrow(UsageError);
    expect(() => parseOptions(TABLE, args)).toThrow(message);
  });

  it('are all in the help, with what they stand for and their defaults', () => {
    expect(parseOptions(TABLE, ['--help'])).toBe('help');
    const help = helpText('Usage: thing', TABLE);
    for (const part of ['Usage: thing', '--count N', '(default 3)', '--memory SIZE', '--loud', '--help']) {
      expect(help).toContain(part);
    }
  });

  it('read URLs and texts, and refuse what is none', () => {
    expect(httpUrl('http://127.0.0.1:80').port).toBe('');
    expect(() => httpUrl('ftp://x')).toThrow(UsageError);
    expect(() => plainText('')).toThrow(UsageError);
  });
});
