/**
 * A subcommand of the program `ferrite`, as its own table and feature packages declare it: data from which arguments are
 * parsed and help is written, and code that is loaded when it is called.
 *
 * Types only: an embedded user carries nothing of it.
 */
import type { Readable, Writable } from 'node:stream';

export interface CliArgument {
  /** As help shows it, such as `PATH`. */
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
  /** The last one only: takes all that follow. */
  readonly repeated?: boolean;
}

export interface CliOption {
  /** Without its dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /**
   * `flag` stands alone. The others take a value: `text`, `integer` (a whole number from 0 on), `seconds` (with decimals),
   * `size` (bytes, or such as `64mb`), or one of a list of words.
   */
  readonly kind: 'flag' | 'text' | 'integer' | 'seconds' | 'size' | readonly string[];
  /** What help calls the value; default: by its kind. */
  readonly value?: string;
  readonly summary: string;
  /** Taken when the option is not given, and shown in help. */
  readonly default?: string;
  /** May be given several times. */
  readonly repeated?: boolean;
}

export interface CliSubcommand {
  /** One word. */
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly arguments?: readonly CliArgument[];
  readonly options?: readonly CliOption[];
  /** From the first argument on, everything is an argument, also what begins with a dash. */
  readonly restIsArguments?: boolean;
  /** All arguments are the subcommand's own affair, options and `--help` included. */
  readonly isRaw?: boolean;
  /** Paragraphs below the options. */
  readonly details?: readonly string[];
  /** Whole command lines. */
  readonly examples?: readonly string[];
  /** Its code. */
  readonly load: () => Promise<CliHandler>;
}

export interface CliHandler {
  /** Resolves with the exit code: 0 ok, 1 the operation failed or found something wrong. What it throws is shown, and is 1. */
  run(call: CliCall): Promise<number>;
}

/** What a subcommand was called with, and where it writes. */
export interface CliCall {
  readonly arguments: readonly string[];
  /** `--json` was given, which every subcommand takes. */
  readonly isJson: boolean;
  /** Standard input and output, for what is more than one result. */
  readonly input: Readable;
  readonly output: Writable;
  /** Input and output are terminals: somebody sits there. */
  readonly isInteractive: boolean;
  flag(option: string): boolean;
  /** The value of an option that is given or has a default; undefined otherwise. */
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  number(option: string): number | undefined;
  /** The one result, for people or, with `--json`, as an object on one line. */
  result(text: string, json: object): void;
  /** A line for people on standard error; nothing with `--json`. */
  note(text: string): void;
  /** A bar on standard error, where that is a terminal. */
  progress(label: string): CliProgress;
  /** The text in a color, where standard output shows colors. */
  paint(color: CliColor, text: string): string;
  /** A mistake in the arguments that only the subcommand can see: throw it, and the exit code is 2. */
  usageError(message: string): Error;
}

export type CliColor = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface CliProgress {
  /** `total` is undefined when nobody knows. */
  update(done: number, total?: number): void;
  /** Takes the bar away. */
  end(): void;
}
