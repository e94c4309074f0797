/** `ferrite tls`: certificates for servers and devices, from an authority of one's own. Loaded when it is called. */
import { FerriteError } from '@ferrite/core/module';
import { actions } from './command/actions.ts';
import { GivenOptions, options } from './command/options.ts';
import { tableOf } from './command/table.ts';

/** What the command prints to, and where it has the time from. */
export interface TlsCommandIo {
  out(text: string): void;
  error(text: string): void;
  /** Milliseconds since 1970. */
  now(): number;
}

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Runs `ferrite tls ARGS`. Returns the exit code: 0, 1 for what could not be done, 2 for what makes no sense. */
export function runTlsCommand(args: readonly string[], io: TlsCommandIo): number {
  const [name = '', ...rest] = args;
  if (name === '' || name === 'help' || name === '--help' || name === '-h' || rest.includes('--help')) {
    io.out(Object.hasOwn(actions, name) ? helpOf(name) : help());
    return name === '' ? EXIT_USAGE : EXIT_OK;
  }
  if (!Object.hasOwn(actions, name)) {
    io.error(`there is no ferrite tls ${name}; there are ${Object.keys(actions).join(', ')}`);
    return EXIT_USAGE;
  }
  const action = actions[name];
  try {
    const given = new GivenOptions(rest, action.options);
    if (action.takes === '' && given.words.length > 0) {
      throw new FerriteError(
        'FERRITE_INVALID_OPTION',
        `what is ${given.words[0]}? ferrite tls ${name} takes options only`,
      );
    }
    const { json, text } = action.run(given, io.now);
    io.out(given.has('json') ? JSON.stringify(json) : text);
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof FerriteError)) throw error;
    io.error(error.message);
    return error.code === 'FERRITE_INVALID_OPTION' ? EXIT_USAGE : EXIT_FAILED;
  }
}

function help(): string {
  const rows = Object.entries(actions).map(([name, { takes, text }]) => [
    `  ferrite tls ${name} ${takes}`.trimEnd(),
    text,
  ]);
  return [tableOf(['Usage:', ''], rows), '', 'ferrite tls NAME --help shows the options.'].join('\n');
}

function helpOf(name: string): string {
  const { takes, text, options: names } = actions[name];
  const rows = names.map((each) => [`  --${each} ${options[each].takes}`.trimEnd(), options[each].text]);
  return [
    `Usage: ferrite tls ${name} ${takes} [options]`.replace('  ', ' '),
    '',
    `  ${text}`,
    '',
    tableOf(['Options:', ''], rows),
  ].join('\n');
}
