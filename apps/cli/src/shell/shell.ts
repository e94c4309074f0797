/**
 * The interactive shell: reads lines with history, completion and hints, and shows replies.
 *
 * Ctrl-C clears what was typed; ends a command that waits, or a stream of messages, by ending its connection; at an empty
 * prompt it leaves, as Ctrl-D and `exit` do.
 */
import { createInterface, type Interface } from 'node:readline';
import type { CliCall } from '@ferrite/core/module';
import { type CommandTable, commandsOf, ownCommands } from './command-table.ts';
import type { Connection } from './connection.ts';
import { helpText } from './help-text.ts';
import { completionsFor, hintFor } from './hints.ts';
import { History, historyPath } from './history.ts';
import type { Printer } from './printer.ts';
import { splitWords } from './split-words.ts';

const HISTORY_SIZE = 1000;
const OWN_COMMANDS = ['HELP', 'CLEAR', 'EXIT'];
const SAVE_CURSOR = '\u001b7';
const RESTORE_CURSOR = '\u001b8';
const CLEAR_TO_LINE_END = '\u001b[0K';
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

export async function runShell(call: CliCall, connection: Connection, printer: Printer): Promise<number> {
  const shell = new Shell(call, connection, printer);
  await shell.run();
  return 0;
}

class Shell {
  private readonly call: CliCall;
  private readonly connection: Connection;
  private readonly printer: Printer;
  private readonly history = new History(historyPath());
  private readonly lines: Interface;
  private table: CommandTable = ownCommands();
  private isBusy = false;
  private hasLeft = false;

  constructor(call: CliCall, connection: Connection, printer: Printer) {
    this.call = call;
    this.connection = connection;
    this.printer = printer;
    this.lines = createInterface({
      input: call.input,
      output: call.output,
      terminal: true,
      history: this.history.load(),
      historySize: HISTORY_SIZE,
      completer: (line: string) => completionsFor(this.table, line, OWN_COMMANDS),
    });
    connection.onMessage = (value) => printer.show(value);
  }

  async run(): Promise<void> {
    const { lines } = this;
    lines.on('SIGINT', () => this.interrupt());
    this.showHints();
    await this.learn();
    this.prompt();
    for await (const line of lines) {
      this.isBusy = true;
      await this.obey(line);
      this.isBusy = false;
      if (this.hasLeft) break;
      this.prompt();
    }
    lines.close();
    this.connection.close();
  }

  private prompt(): void {
    this.lines.setPrompt(this.connection.prompt);
    this.lines.prompt();
  }

  /** Connects, and asks the server for its commands. */
  private async learn(): Promise<void> {
    try {
      const client = await this.connection.open();
      this.table = (await commandsOf(client)) ?? this.table;
    } catch (error) {
      this.call.note(messageOf(error));
    }
  }

  private async obey(line: string): Promise<void> {
    const isKept = this.history.add(line);
    if (!isKept && line.trim() !== '') this.forget(line);
    const words = splitWords(line);
    if (words === undefined) return this.call.note('the quotes of this line are not balanced');
    if (words.length === 0) return;
    const [first, ...rest] = words.map(String);
    if (/^(exit|quit)$/i.test(first)) {
      this.hasLeft = true;
      return;
    }
    if (/^clear$/i.test(first)) this.call.output.write(CLEAR_SCREEN);
    else if (/^(help|\?)$/i.test(first)) this.call.output.write(`${helpText(this.table, rest)}\n`);
    else await this.send(words);
  }

  /** What tells a password is not to be found with the arrow keys either. */
  private forget(line: string): void {
    const { history } = this.lines as Interface & { history?: string[] };
    const at = history?.indexOf(line) ?? -1;
    if (at >= 0) history?.splice(at, 1);
  }

  private async send(words: readonly Uint8Array[]): Promise<void> {
    try {
      const { reply, isStreaming } = await this.connection.run(words);
      this.printer.show(reply);
      if (!isStreaming) return;
      this.call.note('Reading messages; Ctrl-C ends it');
      await this.connection.ended();
    } catch (error) {
      this.call.note(messageOf(error));
    }
  }

  private interrupt(): void {
    if (this.isBusy) {
      this.connection.close();
      return;
    }
    const isEmpty = this.lines.line === '';
    this.call.output.write('\n');
    if (isEmpty) this.lines.close();
    else {
      this.lines.write(null, { ctrl: true, name: 'e' });
      this.lines.write(null, { ctrl: true, name: 'u' });
      this.prompt();
    }
  }

  /** Behind the cursor, in gray, what may come next; taken away before a line is done. */
  private showHints(): void {
    const { input, output } = this.call;
    input.prependListener('keypress', (_, key?: { name?: string }) => {
      if (key?.name === 'return' || key?.name === 'enter') output.write(CLEAR_TO_LINE_END);
    });
    input.on('keypress', () => {
      const { line, cursor } = this.lines;
      if (this.isBusy || cursor < line.length || line === '') return;
      // A terminal may change its width, and may not tell it.
      const room = ((output as NodeJS.WriteStream).columns || 80) - this.lines.getPrompt().length - line.length - 1;
      const hint = hintFor(this.table, line).slice(0, Math.max(0, room));
      output.write(
        SAVE_CURSOR + CLEAR_TO_LINE_END + (hint === '' ? '' : this.call.paint('dim', hint)) + RESTORE_CURSOR,
      );
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
