#!/usr/bin/env node
/** `ferrite`, the program: hands the command line to `run.ts` and ends with the exit code that comes back. */
import { runProgram } from './run.ts';
import { subcommands } from './subcommands.ts';

// Who reads our output may stop reading, as `head` does: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await runProgram(process.argv.slice(2), subcommands, {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
});
