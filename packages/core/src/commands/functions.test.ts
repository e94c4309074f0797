import { expect, test } from 'vitest';
import { makeTestClient } from '../../test/test-client.ts';

test('FUNCTION says that there are none, and that none can be loaded', () => {
  const client = makeTestClient();
  expect(client.send('FUNCTION', 'FLUSH')).toBe('OK');
  expect(client.send('FUNCTION', 'FLUSH', 'async')).toBe('OK');
  expect(client.send('FUNCTION', 'FLUSH', 'x')).toMatchObject({ message: expect.stringMatching(/only supports/) });
  expect(client.send('FUNCTION', 'LIST')).toEqual([]);
  expect(client.send('FUNCTION', 'LOAD', '#!lua name=l')).toMatchObject({
    message: expect.stringMatching(/no interpreter/),
  });
});
