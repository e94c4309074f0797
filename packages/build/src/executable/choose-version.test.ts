import { expect, it } from 'vitest';
import { chooseVersion } from './choose-version.ts';

it('the version that runs is chosen where there is one', () => {
  expect(chooseVersion(['20.11.0', '20.20.2', '26.1.0'], '20.20.2')).toBe('20.20.2');
});

it('else the newest of its major version, else the newest of all', () => {
  expect(chooseVersion(['20.11.0', '20.9.0', '20.18.1', '26.1.0', '26.0.0'], '20.20.2')).toBe('20.18.1');
  expect(chooseVersion(['18.1.0', '24.2.0', '24.10.0', '25.0.0-rc.1'], '20.20.2')).toBe('24.10.0');
});

it('a Node.js that is too old for Ferrite is none', () => {
  expect(() => chooseVersion(['18.20.8', '20.10.0'], '20.20.2')).toThrow('there is no Node.js of 20.11 or newer');
});
