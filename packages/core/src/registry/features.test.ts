import { connect } from 'node:net';
import { afterEach, expect, expectTypeOf, it } from 'vitest';
import { commandDocs } from '../docs.ts';
import { type Database, open } from '../embedded/database.ts';
import { Config } from '../instance/config.ts';
import { loadConfig } from '../instance/config-load.ts';
import { serve } from '../server.ts';
import { cfg } from './config-key.ts';
import { defineFeature, type Feature } from './feature.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function keep<T extends { close(): unknown }>(closable: T): T {
  opened.push(closable);
  return closable;
}

/** A feature that does nothing but be there. */
function plain(name: string, details: { version?: string; requires?: Record<string, string> } = {}): Feature {
  return defineFeature({ name, version: '1.0.0', ...details, setup: () => {} })();
}

const greeter = defineFeature({
  name: 'greeter',
  version: '1.2.0',
  config: {
    greeting: cfg.text({ default: 'hello' }),
    countMax: cfg.int({ default: 3, min: 1, max: 9, alias: 'tls-session-cache-size' }),
    quiet: cfg.bool({ default: false, fixed: true }),
  },
  setup: (context) => {
    let count = 0;
    context.config.onChange('greeting', (text) => {
      if (text === 'rude') throw new Error('that is rude');
    });
    const greet = (name: string): string => {
      count++;
      return `${context.config.get('greeting')} ${name}`;
    };
    context.command({
      name: 'greeter.greet',
      arity: 2,
      flags: ['fast'],
      doc: { summary: 'Greets somebody.', since: '1.0.0', syntax: 'name' },
      run: (call) => call.reply.bulkText(greet(call.text(1))),
    });
    context.info('Greeter', () => ({ greeted: count, most: context.config.get('countMax') }));
    return { greet };
  },
});

async function ask(db: Database<string, unknown>, config: Config | undefined, ...lines: string[]): Promise<string> {
  const served = keep(await serve(db, config === undefined ? { port: 0, docs: commandDocs } : { config, port: 0 }));
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.end(lines.map((line) => `${line}\r\n`).join(''));
    });
    socket.on('data', (chunk) => (reply += chunk.toString()));
    socket.on('end', () => resolve(reply));
  });
}

it('what a feature offers is in db.features, under its name and with its type', () => {
  const db = keep(open({ features: [greeter({ greeting: 'good day' }), plain('other')] }));
  expect(db.features.greeter.greet('you')).toBe('good day you');
  expectTypeOf(db.features.greeter.greet).toEqualTypeOf<(name: string) => string>();
  expectTypeOf<keyof typeof db.features>().toEqualTypeOf<'greeter'>();
  expect(keep(db.clone()).features.greeter).toBe(db.features.greeter);
  const bare = keep(open());
  expectTypeOf(bare.features).toEqualTypeOf<Readonly<Record<never, never>>>();
  expect(bare.features).toEqual({});
});

it('clients call its commands, and see its section of INFO and its documentation', async () => {
  const db = keep(open({ features: [greeter()] }));
  const reply = await ask(
    db,
    undefined,
    'GREETER.GREET you',
    'INFO greeter',
    'COMMAND LIST FILTERBY MODULE greeter',
    'COMMAND DOCS greeter.greet',
    'GREETER.GREET',
    'INFO modules',
  );
  expect(reply).toMatch(/^\$9\r\nhello you\r\n/);
  expect(reply).toMatch(/# Greeter\r\ngreeted:1\r\nmost:3\r\n/);
  expect(reply).toMatch(/\*1\r\n\$13\r\ngreeter\.greet\r\n/);
  expect(reply).toMatch(/Greets somebody\./);
  expect(reply).toMatch(/-ERR wrong number of arguments for 'greeter\.greet' command/);
  expect(reply).toMatch(/feature_greeter:1\.2\.0/);
});

it('its configuration is in CONFIG, files and the command line, by its own names and by redis ones', async () => {
  const config = new Config([greeter()]);
  const sources = { readFile: () => 'greeter.greeting "grüezi"\n', readInput: () => '' };
  loadConfig(config, ['file.conf', '--tls-session-cache-size', '7', '--durability', 'none'], {
    ...sources,
    readFile: () => Buffer.from(sources.readFile()).toString('latin1'),
  });
  const db = keep(open({ features: [config.configure(greeter())] }));
  expect(db.features.greeter.greet('you')).toBe('grüezi you');
  const reply = await ask(
    db,
    config,
    'CONFIG GET greeter.count-max',
    'CONFIG GET tls-session-cache-size',
    'CONFIG SET tls-session-cache-size 10',
    'CONFIG SET greeter.greeting rude',
    'CONFIG SET greeter.quiet yes',
    'CONFIG SET greeter.greeting moin',
    'GREETER.GREET you',
    'CONFIG GET greeter.*',
  );
  expect(reply).toMatch(/^\*2\r\n\$17\r\ngreeter\.count-max\r\n\$1\r\n7\r\n\*2\r\n\$22\r\n/);
  expect(reply).toMatch(/argument must be between 1 and 9 inclusive/);
  expect(reply).toMatch(/that is rude/);
  expect(reply).toMatch(/'greeter\.quiet'\) - can't set immutable config/);
  expect(reply).toMatch(/\$8\r\nmoin you\r\n\*6\r\n/);
});

it.each<[string, readonly Feature[], RegExp]>([
  [
    'given twice',
    [plain('a'), plain('a', { version: '2.0.0' })],
    /'a' was given twice, in versions 1\.0\.0 and 2\.0\.0/,
  ],
  ['with a missing one', [plain('a', { requires: { b: '^1.0.0' } })], /'a' 1\.0\.0 requires feature 'b' \^1\.0\.0/],
  [
    'with an old one',
    [plain('a', { requires: { b: '^2.0.0' } }), plain('b')],
    /requires feature 'b' \^2\.0\.0, but this is 1/,
  ],
  ['for another core', [plain('a', { requires: { core: '>=9.0.0' } })], /requires the core >=9\.0\.0, but this is/],
  [
    'in a circle',
    [plain('a', { requires: { b: '*' } }), plain('b', { requires: { a: '*' } })],
    /features require each other: a -> b -> a/,
  ],
])('features %s are refused, and both sides named', (_, features, message) => {
  expect(() => open({ features })).toThrow(message);
});

it('the same command, section or configuration key in two features is refused, and both named', () => {
  const make = (name: string, setup: Parameters<typeof defineFeature>[0]['setup']): Feature =>
    defineFeature({ name, version: '1.0.0', setup })();
  const command = { name: 'x.y', arity: 1, flags: [], doc: { summary: '', since: '1.0.0' }, run: () => {} } as const;
  const commands = ['a', 'b'].map((name) => make(name, (context) => context.command(command)));
  expect(() => open({ features: commands })).toThrow("features 'a' and 'b' both add the command 'x.y'");
  const sections = ['a', 'b'].map((name) => make(name, (context) => context.info('Same', () => ({}))));
  expect(() => open({ features: sections })).toThrow("features 'a' and 'b' both add the INFO section 'same'");
  const key = { same: cfg.int({ default: 1, alias: 'tls-key-file' }) };
  const keys = ['a', 'b'].map((name) => defineFeature({ name, version: '1.0.0', config: key, setup: () => {} })());
  expect(() => open({ features: keys })).toThrow("features 'a' and 'b' both have a configuration key 'tls-key-file'");
});

it('names that the core has are refused when the store is opened, and both sides named', () => {
  const command = { name: 'get', arity: 1, flags: [], doc: { summary: '', since: '1.0.0' }, run: () => {} } as const;
  const getter = defineFeature({ name: 'a', version: '1.0.0', setup: (context) => context.command(command) });
  expect(() => open({ features: [getter()] })).toThrow("feature 'a' adds the command 'get', which the core has");
  const teller = defineFeature({
    name: 'c',
    version: '1.0.0',
    setup: (context) => context.info('Memory', () => ({})),
  });
  expect(() => open({ features: [teller()] })).toThrow(
    "feature 'c' adds the INFO section 'memory', which the core has",
  );
  const port = defineFeature({
    name: 'b',
    version: '1.0.0',
    config: { port: cfg.int({ default: 1, alias: 'port' }) },
    setup: () => {},
  });
  const message = "feature 'b' has a configuration key 'port', which the core has, too";
  expect(() => open({ features: [port()] })).toThrow(message);
  expect(() => new Config([port()])).toThrow(message);
});

it('rename-command gives a command of a feature another name, or takes it away', async () => {
  const sources = { readFile: () => '', readInput: () => '' };
  const configured = (...args: string[]): Config => {
    const config = new Config([greeter()]);
    loadConfig(config, ['--durability', 'none', ...args], sources);
    return config;
  };
  const db = keep(open({ features: [greeter()] }));
  const renamed = configured('--rename-command', 'Greeter.Greet', 'HAIL', '--rename-command', 'GET', 'greeter.greet');
  const reply = await ask(db, renamed, 'hail you', 'GREETER.GREET k', 'GET k');
  expect(reply).toMatch(/^\$9\r\nhello you\r\n\$-1\r\n-ERR unknown command 'GET'/);
  const none = configured('--rename-command', 'greeter.greet', '');
  const another = keep(open({ features: [greeter()] }));
  expect(await ask(another, none, 'GREETER.GREET you')).toMatch(/^-ERR unknown command 'GREETER\.GREET'/);
});

it('rename-command of a command that no feature has, or to the name of one, is refused when the server starts', async () => {
  const db = keep(open({ features: [greeter()] }));
  const start = (from: string, to: string): Promise<unknown> => {
    const config = new Config([greeter()]);
    config.renamedCommands.set(from, to);
    return serve(db, { config, port: 0 });
  };
  await expect(start('greeter.none', 'x')).rejects.toThrow('rename-command greeter.none "x": there is no such command');
  await expect(start('get', 'greeter.greet')).rejects.toThrow("feature 'greeter' has a command of this name");
  await expect(start('greeter.greet', 'get')).rejects.toThrow('the core has a command of this name');
});

it('features are set up after those they require, and closed in reverse', () => {
  const told: string[] = [];
  const make = (name: string, requires: Record<string, string>): Feature =>
    defineFeature({
      name,
      version: '1.0.0',
      requires,
      setup: (context) => {
        told.push(`setup ${name}`);
        context.on('open', () => told.push(`open ${name}`));
        context.on('recover', ({ clean }) => told.push(`recover ${name} ${clean}`));
        context.on('close', () => told.push(`close ${name}`));
      },
    })();
  const db = open({ features: [make('b', { a: '*' }), make('a', {})] });
  expect(told.splice(0)).toEqual(['setup a', 'setup b', 'recover a true', 'recover b true', 'open a', 'open b']);
  db.close();
  expect(told).toEqual(['close b', 'close a']);
});

it('a feature that cannot be set up leaves nothing open, and those before it are closed', () => {
  const told: string[] = [];
  const first = defineFeature({
    name: 'first',
    version: '1.0.0',
    setup: (context) => context.on('close', () => told.push('closed')),
  });
  const broken = defineFeature({
    name: 'broken',
    version: '1.0.0',
    setup: () => {
      throw new Error('no license');
    },
  });
  expect(() => open({ features: [first(), broken()] })).toThrow("feature 'broken' could not be set up: no license");
  expect(told).toEqual(['closed']);
});

it('middleware refuses commands, and is shown each command, batch and operation', async () => {
  const told: string[] = [];
  const watcher = defineFeature({
    name: 'watcher',
    version: '1.0.0',
    setup: (context) =>
      context.use({
        admit: (call) => (call.row.name === 'append' ? 'no appending today' : ''),
        before: (call) => told.push(`before ${call.row.name}`),
        after: (call, error) => told.push(`after ${call.row.name} ${error}`.trimEnd()),
        batchBegin: () => told.push('begin'),
        batchEnd: (_, commands) => told.push(`end ${commands}`),
        around: (operation, run) => {
          told.push(`around ${operation.name} ${operation.keys}`);
          return run();
        },
      }),
  });
  const db = keep(open({ features: [watcher()] }));
  db.set('k', 'v');
  expect(db.getMany(['k', 'l'])).toEqual(['v', undefined]);
  db.batch().set('a', '1').set('b', '2').commit();
  expect(told.splice(0)).toEqual(['around set 1', 'around getMany 2', 'around batch 2']);
  const reply = await ask(db, undefined, 'GET k', 'APPEND k x', 'INCR k', 'MULTI', 'GET k', 'EXEC');
  expect(reply).toMatch(/-ERR no appending today/);
  const batches = told.filter((line) => /^(begin|end)/.test(line));
  expect(batches[0]).toBe('begin');
  // However the six commands were cut into reads.
  expect(batches.filter((line) => line !== 'begin').reduce((sum, line) => sum + Number(line.slice(4)), 0)).toBe(6);
  expect(told.filter((line) => !/^(begin|end)/.test(line))).toEqual([
    'before get',
    'after get',
    'before incr',
    'after incr value is not an integer or out of range',
    'before multi',
    'after multi',
    'before exec',
    'before get',
    'after get',
    'after exec',
  ]);
});
