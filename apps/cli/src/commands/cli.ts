/** `ferrite cli`: one command, the commands of standard input, or a shell. */
import { createInterface } from 'node:readline';
import type { CliCall } from '@ferrite/core/module';
import { ReplyError } from '@ferrite/core/tools';
import { FAILED, OK } from '../exit-codes.ts';
import { targetOf } from '../client/server-target.ts';
import { Connection } from '../shell/connection.ts';
import { Printer } from '../shell/printer.ts';
import { runShell } from '../shell/shell.ts';
import { splitWords } from '../shell/split-words.ts';

/** Commands of standard input that are sent before their replies have come. */
const AHEAD_MAX = 1000;

export async function run(call: CliCall): Promise<number> {
  const target = { ...targetOf(call), database: call.number('db') ?? 0, protocol: call.flag('resp3') ? 3 : 2 } as const;
  const connection = new Connection(target);
  const isTerminal = (call.output as NodeJS.WriteStream).isTTY === true;
  const printer = new Printer(call, isTerminal);
  if (call.arguments.length === 0 && call.isInteractive) return runShell(call, connection, printer);
  connection.onMessage = (value) => printer.show(value);
  try {
    await connection.open();
    if (call.arguments.length === 0) return await runLines(call, connection, printer);
    const words: Uint8Array[] = call.arguments.map((word) => Buffer.from(word, 'utf8'));
    if (call.flag('stdin')) words.push(await readAll(call));
    return await runOne(words, connection, printer);
  } finally {
    connection.close();
  }
}

async function runOne(words: readonly Uint8Array[], connection: Connection, printer: Printer): Promise<number> {
  const { reply, isStreaming } = await connection.run(words);
  printer.show(reply);
  if (isStreaming) await untilInterrupted(connection);
  return printer.hasFailed ? FAILED : OK;
}

/** Messages come until the server ends it, or Ctrl-C does. */
async function untilInterrupted(connection: Connection): Promise<void> {
  const stop = (): void => connection.close();
  process.once('SIGINT', stop);
  await connection.ended();
  process.removeListener('SIGINT', stop);
}

/** Each line is a command. Replies are shown in the order of the lines, also for a line that makes no sense. */
async function runLines(call: CliCall, connection: Connection, printer: Printer): Promise<number> {
  let shown: Promise<void> = Promise.resolve();
  let ahead = 0;
  let number = 0;
  for await (const line of createInterface({ input: call.input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    const words = splitWords(line);
    if (words?.length === 0) continue;
    const answer =
      words === undefined
        ? { reply: new ReplyError(`ERR line ${number}: the quotes are not balanced`), isStreaming: false }
        : connection.run(words);
    shown = Promise.all([answer, shown]).then(async ([{ reply, isStreaming }]) => {
      printer.show(reply);
      if (isStreaming) await untilInterrupted(connection);
    });
    // A failure is thrown where it is waited for.
    shown.catch(() => undefined);
    if (++ahead % AHEAD_MAX === 0) await shown;
  }
  await shown;
  return printer.hasFailed ? FAILED : OK;
}

async function readAll(call: CliCall): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of call.input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
