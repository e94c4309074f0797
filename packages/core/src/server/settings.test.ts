import { expect, it } from 'vitest';
import { Config } from '../instance/config.ts';
import { followSettings, ServerSettings } from './settings.ts';

it('settings are as the configuration has them, from the start and after each change', () => {
  const config = new Config();
  config.assign('maxclients', '7');
  const settings = new ServerSettings();
  followSettings(settings, config);
  expect(settings.clientsMax).toBe(7);
  expect(config.set([['maxclients', '8']], true)).toBe('');
  config.set([['timeout', '9']], true);
  config.set([['tcp-keepalive', '10']], true);
  config.set([['client-query-buffer-limit', '2mb']], true);
  config.set([['protected-mode', 'no']], true);
  config.set([['client-output-buffer-limit', 'replica 1 2 3 pubsub 4 5 6']], true);
  expect(settings).toEqual({
    clientsMax: 8,
    idleSeconds: 9,
    keepAliveSeconds: 10,
    queryBytesMax: 2 * 1024 * 1024,
    protectedMode: false,
    outputLimits: {
      normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
      replica: { hardBytes: 1, softBytes: 2, softSeconds: 3 },
      pubsub: { hardBytes: 4, softBytes: 5, softSeconds: 6 },
    },
  });
});

it('settings have the defaults of the configuration', () => {
  const settings = new ServerSettings();
  followSettings(settings, new Config());
  expect(settings).toEqual(new ServerSettings());
});
