/** The rules of the house, applied to this workspace. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkAll } from '../src/check.ts';
import { formatProblem } from '../src/problem.ts';
import { readWorkspace } from '../src/source-file.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('the workspace keeps the rules of the house', () => {
  const files = readWorkspace(root);
  expect(files.map((file) => file.path)).toContain('packages/core/src/base/errors.ts');
  expect(checkAll(files).map(formatProblem)).toEqual([]);
});
