/** Commands on strings, against what redis answers. */
import { expect, it } from 'vitest';
import { makeTestClient } from '../../test/test-client.ts';

it('GET returns what SET stored, and null for a key that is missing', () => {
  const client = makeTestClient();
  expect(client.send('SET', 'k', 'v')).toBe('OK');
  expect(client.send('GET', 'k')).toBe('v');
  expect(client.send('GET', 'other')).toBe(null);
});
