/**
 * What the three programs have in common: how they read their options, end, and never outlive the one who started them.
 *
 * A child process started by the demo has a channel to it; when the channel closes, because the demo ended or was
 * killed, the child ends too. Exit codes: 0 all well, 1 failed, 2 wrong options, 130 interrupted.
 */
import { messageOf } from './http.ts';
import { helpText, type OptionTable, type OptionValues, parseOptions, UsageError } from './options.ts';

/** Reads the options of this process; prints help or what is wrong with them, and ends the process then. */
export function optionsOfProcess<T extends OptionTable>(usage: string, table: T): OptionValues<T> {
  try {
    const options = parseOptions(table, process.argv.slice(2));
    if (options !== 'help') return options;
    process.stdout.write(helpText(usage, table));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nTry --help.\n`);
    process.exit(2);
  }
}

/**
 * Calls `stop` once, when the process is asked to end by a signal or because its parent is gone, then ends it. A second
 * signal ends it at once.
 */
export function stopWhenAsked(stop: () => Promise<void>): void {
  let asked = false;
  const ask = (code: number): void => {
    if (asked) process.exit(code);
    asked = true;
    stop().then(
      () => process.exit(0),
      (error) => die(error),
    );
  };
  process.on('SIGINT', () => ask(130));
  process.on('SIGTERM', () => ask(143));
  if (process.channel !== undefined) process.on('disconnect', () => ask(1));
}

/** Ends the process with an error. */
export function die(error: unknown): never {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}

/** Tells the parent, where there is one that listens. */
export function tell(message: unknown): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
