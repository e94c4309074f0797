import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliCall, CliSubcommand } from '@ferrite/core/module';
import { describe, expect, it } from 'vitest';
import { ferrite } from '../test/run-cli.ts';
import { subcommands } from './subcommands.ts';

let seen: CliCall;

const show: CliSubcommand = {
  name: 'show',
  summary: 'Show what it was called with',
  arguments: [
    { name: 'PATH', summary: 'A path' },
    { name: 'MORE', summary: 'More', optional: true },
  ],
  options: [
    { name: 'host', short: 'h', kind: 'text', summary: 'A host', default: '127.0.0.1' },
    { name: 'port', short: 'p', kind: 'integer', summary: 'A port' },
    { name: 'size', kind: 'size', summary: 'A size' },
    { name: 'wait', kind: 'seconds', summary: 'A time' },
    { name: 'format', kind: ['resp', 'jsonl'], summary: 'A format' },
    { name: 'quick', short: 'q', kind: 'flag', summary: 'Hurry' },
    { name: 'match', kind: 'text', summary: 'A pattern', repeated: true },
  ],
  details: ['A paragraph.'],
  examples: ['ferrite show here'],
  load: async () => ({
    run: async (call) => {
      seen = call;
      call.result(call.paint('red', 'shown'), { shown: true });
      return 0;
    },
  }),
};
const rest: CliSubcommand = {
  ...show,
  name: 'rest',
  restIsArguments: true,
  arguments: [{ name: 'WORD', summary: 'Words', optional: true, repeated: true }],
};
const broken: CliSubcommand = {
  name: 'broken',
  summary: 'Fail',
  load: async () => ({
    run: async () => {
      throw Object.assign(new Error('the disk is gone'), { code: 'FERRITE_IO' });
    },
  }),
};
const rows = [show, rest, broken];
const run = (...args: string[]) => ferrite(args, { rows });

describe('arguments', () => {
  it('are read as the row declares them', async () => {
    const { stdout } = await run(
      'show',
      'here',
      '-p',
      '7000',
      '--size=64mb',
      '--wait',
      '1.5',
      '-q',
      '--match',
      'a*',
      '--match=-b',
      '--',
      '-x',
    );
    expect(stdout).toBe('shown\n');
    expect(seen.arguments).toEqual(['here', '-x']);
    expect(seen.text('host')).toBe('127.0.0.1');
    expect(seen.number('port')).toBe(7000);
    expect(seen.number('size')).toBe(64 * 1024 * 1024);
    expect(seen.number('wait')).toBe(1.5);
    expect(seen.texts('match')).toEqual(['a*', '-b']);
    expect([seen.flag('quick'), seen.text('format'), seen.isJson]).toEqual([true, undefined, false]);
  });

  it('go on as they are once the first one has come, where the row says so', async () => {
    await run('rest', '-p', '7000', 'SET', 'a', '--port', '1', '--help', '--', '-5');
    expect(seen.arguments).toEqual(['SET', 'a', '--port', '1', '--help', '--', '-5']);
    expect(seen.number('port')).toBe(7000);
    await run('rest', '--', '--json');
    expect(seen.arguments).toEqual(['--json']);
  });

  it.each([
    [['show', 'here', '--prot', '7'], 'there is no option --prot; did you mean --port?'],
    [['show', 'here', '-x'], 'there is no option -x'],
    [['show'], 'PATH is missing'],
    [['show', 'a', 'b', 'c'], "'c' is one argument too many"],
    [['show', 'a', '--port', 'seven'], "option --port takes a whole number, not 'seven'"],
    [['show', 'a', '--port'], 'option --port needs a value: N'],
    [['show', 'a', '--host', '--quick'], 'option --host needs a value: TEXT'],
    [['show', 'a', '--size', '5 parsecs'], "option --size takes a size, such as 512 or 64mb, not '5 parsecs'"],
    [['show', 'a', '--format', 'json'], "option --format takes one of resp, jsonl, not 'json'; did you mean jsonl?"],
    [['show', 'a', '--quick=yes'], 'option --quick takes no value'],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, stderr, stdout } = await run(...args);
    expect(stderr.split('\n')[0]).toBe(`ferrite show: ${message}`);
    expect(stderr).toContain('Usage: ferrite show [OPTION...] PATH [MORE]\nTry: ferrite show --help');
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('the program', () => {
  it('says which command was probably meant', async () => {
    expect(await run('shwo')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'ferrite: there is no command shwo; did you mean show?\nTry: ferrite help\n',
    });
    expect((await run('--jsno')).stderr).toMatch(/^ferrite: there is no option --jsno\n/);
    expect((await run('help', 'brokn')).stderr).toMatch('did you mean broken?');
  });

  it('shows its help on standard output when asked, and on standard error with exit code 2 when not', async () => {
    const asked = await run('help');
    expect(asked.code).toBe(0);
    for (const { name, summary } of rows) expect(asked.stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
    expect(asked.stdout).toMatch(/^ {2}2 {2}the command line makes no sense$/m);
    expect(await run()).toMatchObject({ code: 2, stdout: '', stderr: asked.stdout });
  });

  it('makes the help of a command from its row', async () => {
    const { code, stdout } = await run('show', '--help');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "ferrite show: Show what it was called with

      Usage: ferrite show [OPTION...] PATH [MORE]

      Arguments:
        PATH  A path
        MORE  More

      Options:
        -h, --host TEXT          A host (default 127.0.0.1)
        -p, --port N             A port
            --size SIZE          A size
            --wait SECONDS       A time
            --format resp|jsonl  A format
        -q, --quick              Hurry
            --match TEXT         A pattern (may be repeated)
            --json               Write the result as JSON
            --help               Show this help

      A paragraph.

      Examples:
        ferrite show here
      "
    `);
    expect((await run('help', 'show')).stdout).toBe(stdout);
  });

  it('shows an error in a line, and with --json as an object', async () => {
    expect(await run('broken')).toMatchObject({ code: 1, stdout: '', stderr: 'ferrite broken: the disk is gone\n' });
    const { stderr } = await run('broken', '--json');
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'FERRITE_IO', message: 'the disk is gone' } });
    expect(JSON.parse((await run('show', '--json')).stderr).error.code).toBe('USAGE');
  });

  it('colors what a terminal shows, unless NO_COLOR is set', async () => {
    const colored = await ferrite(['show', 'a'], { rows, isTTY: true });
    expect(colored.stdout).toBe('\u001b[31mshown\u001b[0m\n');
    const plain = await ferrite(['show', 'a'], { rows, isTTY: true, environment: { NO_COLOR: '1' } });
    expect(plain.stdout).toBe('shown\n');
    expect((await run('show', 'a', '--json')).stdout).toBe('{"shown":true}\n');
  });

  it('has the commands of the features that it is told to load', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ferrite-feature-'));
    const path = join(folder, 'mine.mjs');
    writeFileSync(
      path,
      `export const feature = () => ({
        name: 'mine', version: '1.0.0', requires: {}, config: {}, values: {}, panels: [], setup: () => ({}),
        cli: [{ name: 'greet', summary: 'Greet', load: async () => ({
          run: async (call) => { call.result('hello', { hello: true }); return 0; } }) }],
      });\n`,
    );
    try {
      expect(await run('--features', path, 'greet')).toMatchObject({ code: 0, stdout: 'hello\n', stderr: '' });
      expect((await run('--features', path, 'help')).stdout).toMatch(/^ {2}greet +Greet$/m);
      expect((await run('greet')).code).toBe(2);
      expect(await run('--features', join(folder, 'none.mjs'), 'greet')).toMatchObject({ code: 2 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says its version', async () => {
    expect((await run('--version')).stdout).toMatch(/^ferrite \d+\.\d+\.\d+/);
  });
});

describe('the table', () => {
  it('has a unique name, a summary and code behind each row', async () => {
    expect(new Set(subcommands.map((row) => row.name)).size).toBe(subcommands.length);
    for (const row of subcommands) {
      expect(row.summary).toMatch(/^[A-Z][^.]+$/);
      expect(typeof (await row.load()).run).toBe('function');
      const shorts = (row.options ?? []).flatMap(({ short }) => short ?? []);
      expect(new Set(shorts).size).toBe(shorts.length);
    }
  }, 120_000);
});
