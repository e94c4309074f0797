import { expect, it } from 'vitest';
import { allCommands } from '../commands/index.ts';
import { inertParameters } from '../instance/config-inert.ts';
import { liveParameters } from '../instance/config-live.ts';
import { INERT, type Parameter, STAND_IN } from '../instance/config-parameter.ts';
import { open } from '../embedded/database.ts';
import { serve } from '../server.ts';
import { SocketClient } from '../../test/socket-client.ts';
import { coreNames } from './core-names.ts';

it('the names of the core are those of its tables: whoever adds a command or parameter adds its name', () => {
  const all: readonly Parameter[] = [...liveParameters, ...inertParameters];
  const parameters = all.filter(({ flags }) => (flags & (INERT | STAND_IN)) === 0);
  const names = parameters.flatMap(({ name, alias }) => (alias === '' ? [name] : [name, alias]));
  expect([...coreNames.command].sort()).toEqual(allCommands.map(({ name }) => name).sort());
  expect([...coreNames['configuration key']].sort()).toEqual(names.sort());
});

it('the sections of INFO that the core has are those that INFO shows', async () => {
  const db = open();
  const served = await serve(db, { port: 0 });
  const client = await SocketClient.connect(served.port);
  const text = String(await client.call('INFO', 'everything'));
  const titles = [...text.matchAll(/^# (.*)\r$/gm)].map(([, title]) => title.toLowerCase());
  expect([...coreNames['INFO section']].sort()).toEqual(titles.sort());
  client.destroy();
  await served.close();
  db.close();
});
