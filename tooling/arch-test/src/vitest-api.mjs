/**
 * What the tests import from `vitest`, without Vite: its own runner, matchers and spies, which are plain JavaScript and so
 * run on processors for which Vite's native parts do not exist.
 *
 * Only what the tests of the core use is here; anything else fails when the tests are bundled. Put in the place of
 * `vitest` by `bundle.mjs`.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  customMatchers,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import { getCurrentTest } from '@vitest/runner';
import { restoreAllMocks, spyOn } from '@vitest/spy';

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from '@vitest/runner';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = makeExpect();
globalThis[GLOBAL_EXPECT] = expect;

export const vi = { restoreAllMocks, spyOn, waitUntil };

function makeExpect() {
  const made = (value, message) => {
    setState({ assertionCalls: getState(made).assertionCalls + 1 }, made);
    const assertion = chai.expect(value, message);
    const current = getCurrentTest();
    return current === undefined ? assertion : assertion.withTest(current);
  };
  Object.assign(made, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT]);
  made.getState = () => getState(made);
  made.setState = (state) => setState(state, made);
  setState({ assertionCalls: 0, isExpectingAssertions: false, currentTestName: '' }, made);
  made.extend = (matchers) => chai.expect.extend(made, matchers);
  made.extend(customMatchers);
  return made;
}

async function waitUntil(condition, { interval = 50, timeout = 1000 } = {}) {
  const endMs = Date.now() + timeout;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > endMs) throw new Error('Timed out in waitUntil!');
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
