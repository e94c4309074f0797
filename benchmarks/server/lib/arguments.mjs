/** Options on the command line of a benchmark. */
import { parseArgs } from 'node:util';

/** What `check` makes of the values; ends the process with the usage when help is asked for, or something is wrong. */
export function readArguments(options, usage, check) {
  const say = (line) => process.stdout.write(`${line}\n`);
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', default: false } } });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    return check(values);
  } catch (error) {
    say(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}

/** The names in `a,b,c`, each of which has to be known. */
export function namesIn(text, known) {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  for (const name of names) if (!known.includes(name)) throw new Error(`unknown: ${name}`);
  return names;
}
