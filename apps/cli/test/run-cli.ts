/** Runs the program within a test: as a call, with what it writes in strings. */
import type { CliSubcommand } from '@ferrite/core/module';
import { runProgram } from '../src/run.ts';
import { subcommands } from '../src/subcommands.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  rows?: readonly CliSubcommand[];
  isTTY?: boolean;
  environment?: Record<string, string>;
}

export async function ferrite(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    isTTY: options.isTTY === true,
    write: (text: string): void => {
      written[name] += text;
    },
  });
  const code = await runProgram(args, options.rows ?? subcommands, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    environment: options.environment ?? {},
  });
  return { code, ...written };
}
