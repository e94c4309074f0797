import { expect, it } from 'vitest';
import { readOptions } from './options.ts';

it('options have the values that redis-server would give them, unless named', () => {
  expect(readOptions([])).toMatchObject({
    port: 6379,
    bind: ['127.0.0.1'],
    maxClients: 10_000,
    durability: 'everysec',
  });
  const named = readOptions([
    '--port',
    '7000',
    '--bind',
    '127.0.0.1',
    '-::1',
    '--durability',
    'always',
    '--dir',
    './d',
  ]);
  expect(named).toMatchObject({ port: 7000, bind: ['127.0.0.1', '-::1'], durability: 'always', dir: './d' });
});

it.each([
  [['--colour', 'green'], "unknown option 'colour'"],
  [['--port', 'x'], "option 'port': 'x' is not a whole number up to 65535"],
  [['--port'], "option 'port': one value is needed"],
  [['--durability', 'maybe'], "option 'durability': 'maybe' is none of always, everysec, interval, none"],
  [['--protected-mode', 'perhaps'], "option 'protected-mode': 'perhaps' is none of yes, no"],
])('%j is refused: %s', (argv, message) => {
  expect(() => readOptions(argv)).toThrow(message);
});
