/**
 * What an import reads: of JSON lines, the commands of each line; of a RESP stream, each command. Both are counted from 1, and
 * what makes no sense is an item with an error, so that whoever goes on knows where.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ReplyParser } from '@ferrite/core/tools';
import type { Word } from '../client/encode.ts';
import { commandsOf } from './commands-of.ts';
import { fromJsonLine } from './json-line.ts';

export interface Item {
  /** A line, or a command of a stream. */
  readonly number: number;
  /** Undefined: it says itself, or it does not matter. */
  readonly database: number | undefined;
  readonly commands: readonly (readonly Word[])[];
  readonly error: string;
}

export async function* readJsonLines(input: Readable): AsyncGenerator<Item> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() !== '') yield itemOf(number, line);
  }
}

function itemOf(number: number, line: string): Item {
  try {
    const entry = fromJsonLine(line);
    return { number, database: entry.database, commands: commandsOf(entry), error: '' };
  } catch (error) {
    return { number, database: undefined, commands: [], error: (error as Error).message };
  }
}

/** Commands are arrays of bulk strings, which a parser of replies reads as well. */
export async function* readRespStream(input: Readable): AsyncGenerator<Item> {
  const parser = new ReplyParser({ strings: 'buffer' });
  let number = 0;
  const failed = (error: string): Item => ({ number: number + 1, database: undefined, commands: [], error });
  for await (const chunk of input) {
    parser.feed(chunk as Buffer);
    for (let reply = parser.next(); reply !== undefined; reply = parser.next()) {
      if (reply.kind === 'malformed') {
        yield failed(`it is no command of a RESP stream: ${reply.text}`);
        return;
      }
      const words = reply.kind === 'reply' && Array.isArray(reply.value) ? (reply.value as Buffer[]) : [];
      const isCommand = words.length > 0 && words.every((word) => Buffer.isBuffer(word));
      if (!isCommand) {
        yield failed('it is no command of a RESP stream');
        return;
      }
      yield { number: ++number, database: undefined, commands: [words], error: '' };
    }
  }
  if (!parser.isBetween) yield failed('the stream ends in the middle of a command');
}
