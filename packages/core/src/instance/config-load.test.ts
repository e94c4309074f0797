import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { Config } from './config.ts';
import { loadConfig } from './config-load.ts';
import { quoteWord, splitWords } from './config-words.ts';

const RUNS = 3000;

function load(files: Record<string, string>, ...args: string[]): Config {
  const config = new Config();
  loadConfig(config, args, { readFile: (path) => files[path], readInput: () => files['-'] });
  return config;
}

/** The value of one parameter after reading a file. */
function valueOf(name: string, text: string): string {
  return load({ f: text }, 'f').find([name])[0][1];
}

describe('a configuration file', () => {
  it('is read line by line: comments and empty lines are passed over, names are of either case', () => {
    const config = load({ f: '# port 1\n\n  PORT 7000 \r\n\tmaxmemory 1gb\n' }, 'f');
    expect([config.number('port'), config.number('maxmemory')]).toEqual([7000, 2 ** 30]);
  });

  it.each([
    ['requirepass', 'requirepass "a \\"b\\" \\x41\\n"', 'a "b" A\n'],
    ['requirepass', "requirepass 'it\\'s'", "it's"],
    ['logfile', "logfile ''", ''],
    ['bind', 'bind 127.0.0.1 -::1', '127.0.0.1 -::1'],
    ['bind', 'bind "127.0.0.1 -::1"', '127.0.0.1 -::1'],
    ['bind', 'bind ""', ''],
    ['save', 'port 1', '3600 1 300 100 60 10000'],
    ['save', 'save 900 1', '900 1'],
    ['save', 'save 900 1\nsave 300 10 60 100', '900 1 300 10 60 100'],
    ['save', 'save 900 1\nsave ""', ''],
    ['save', 'save ""\nsave 5 6', '5 6'],
    [
      'client-output-buffer-limit',
      'client-output-buffer-limit normal 1kb 2 3 pubsub 4 5 6\nclient-output-buffer-limit replica 7 8 9',
      'normal 1024 2 3 slave 7 8 9 pubsub 4 5 6',
    ],
    ['replica-priority', 'slave-priority 7', '7'],
    ['durability', 'appendonly no', 'interval'],
    ['durability', 'appendonly yes\nappendfsync always', 'always'],
    ['durability', 'appendonly yes\nappendfsync no', 'written'],
    ['durability', 'appendonly no\nappendfsync always\nappendonly yes', 'always'],
    ['durability', 'appendonly no\ndurability none', 'none'],
    ['appendonly', 'durability none', 'no'],
    ['appendfsync', 'durability always', 'always'],
  ])('%s: %j gives %j', (name, text, value) => {
    expect(valueOf(name, text)).toBe(value);
  });

  it('may include others, what comes later wins', () => {
    const files = { f: 'port 1\ninclude more\ntimeout 3', more: 'port 2\ntimeout 1' };
    const config = load(files, 'f');
    expect([config.number('port'), config.number('timeout')]).toEqual([2, 3]);
    expect(() => load({ f: 'include f' }, 'f')).toThrow('more than 16 files are included');
  });

  it.each([
    ['port 1\nport x y', "Reading the configuration file, at line 2\n>>> 'port x y'\nwrong number of arguments"],
    ['port x', "at line 1\n>>> 'port x'\nargument couldn't be parsed into an integer"],
    ['\n\nrequirepass "x', "at line 3\n>>> 'requirepass \"x'\nUnbalanced quotes in configuration line"],
    ['requirepass "x"y', 'Unbalanced quotes in configuration line'],
    ['nothing', 'Bad directive or wrong number of arguments'],
    ['save 1', 'Invalid save parameters'],
    ['shutdown-on-sigint', 'argument(s) must be one of the following'],
    ['replicaof 127.0.0.1 abc', 'Invalid master port'],
    ['replicaof 127.0.0.1 6379', 'replication is not supported'],
    ['cluster-enabled yes', 'cluster mode is not supported'],
    ['user alice on', 'users of ACLs are not supported'],
    ['rename-command nothing x', 'No such command in rename-command'],
    ['rename-command get set', 'Target command name already exists'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => load({ f: text }, 'f')).toThrow(message);
  });

  it('forgets what redis has forgotten', () => {
    expect(() => load({ f: 'lua-replicate-commands yes' }, 'f')).not.toThrow();
  });
});

describe('the command line', () => {
  it.each([
    [['--port', '7000', '--bind', '127.0.0.1', '-::1', '--timeout', '5'], 'bind', '127.0.0.1 -::1'],
    [['--maxmemory 700mb', '--maxmemory-policy volatile-lru'], 'maxmemory', '734003200'],
    [['f', 'loglevel', 'verbose', "--maxmemory '700mb'"], 'loglevel', 'verbose'],
    [['--proc-title-template', '--my--title', '--port', '7'], 'proc-title-template', '--my--title'],
    [['--save', '--port', '7'], 'save', ''],
    [['--port', '7', '--save'], 'save', ''],
    [['--save', '', '--port', '7'], 'save', ''],
    [['--save', '3600', '1'], 'save', '3600 1'],
    [['f', '--save', '3600', '1'], 'save', '900 1 3600 1'],
    [['--shutdown-on-sigint', 'nosave force now'], 'shutdown-on-sigint', 'nosave now force'],
    [['f', '--port', '9'], 'port', '9'],
    [['f', '--timeout', '9', '-'], 'port', '8'],
    [['-', '--timeout', '9'], 'port', '8'],
  ])('%j sets %s to %j', (args, name, value) => {
    const config = load({ f: 'port 1\nsave 900 1', '-': 'port 8\ntimeout 8' }, ...args);
    expect(config.find([name])[0][1]).toBe(value);
  });

  it.each([
    [['--port', '6379', '6380'], `'port "6379" "6380"'\nwrong number of arguments`],
    [['--port', '--loglevel', 'verbose'], `'port "--loglevel" "verbose"'\nwrong number of arguments`],
    [['--port', '--bla'], `'port "--bla"'\nargument couldn't be parsed into an integer`],
    [['--shutdown-on-sigint'], "'shutdown-on-sigint'\nargument(s) must be one of"],
  ])('%j is refused: %j', (args, message) => {
    expect(() => load({}, ...args)).toThrow(message);
  });
});

it('words that are quoted and split again are the same, whatever their bytes', () => {
  const seed = Date.now();
  const prng = new Prng(seed);
  for (let run = 0; run < RUNS; run++) {
    const words = Array.from({ length: 1 + prng.nextBelow(4) }, () => randomWord(prng));
    const line = words.map(quoteWord).join(' ');
    expect(line, `seed ${seed}`).not.toMatch(/[\n\r]/);
    expect(splitWords(line), `seed ${seed}`).toEqual(words);
  }
});

it('no text makes the reader fail in any way but its own', () => {
  const seed = Date.now();
  const prng = new Prng(seed);
  const names = [
    'port',
    'save',
    'bind',
    'client-output-buffer-limit',
    'rename-command',
    'durability',
    'maxmemory-clients',
  ];
  for (let run = 0; run < RUNS; run++) {
    const text = `${names[prng.nextBelow(names.length)]} ${randomWord(prng)} ${randomWord(prng)}\n${randomWord(prng)}`;
    try {
      load({ f: text }, 'f');
    } catch (error) {
      expect((error as Error).name, `seed ${seed}: ${JSON.stringify(text)}`).toBe('ConfigFileError');
    }
  }
});

function randomWord(prng: Prng): string {
  const likely = 'ab1 "\\\'#\n\t0x';
  const letters = Array.from({ length: prng.nextBelow(8) }, () =>
    prng.nextBelow(2) === 0 ? likely[prng.nextBelow(likely.length)] : String.fromCharCode(prng.nextBelow(256)),
  );
  return letters.join('');
}
