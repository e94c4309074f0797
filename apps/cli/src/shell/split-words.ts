/** The words of a line, by redis's quoting: `SET a "two words\n"`, `GET 'it\'s'`, `"\x00\xff"`. */
import { InlineSplitter } from '@ferrite/core/tools';

/** Undefined when quotes are not balanced. */
export function splitWords(line: string): Buffer[] | undefined {
  const bytes = Buffer.from(line, 'utf8');
  const splitter = new InlineSplitter(bytes, 0, bytes.length);
  const words: Buffer[] = [];
  // The splitter unquotes in place: what it found is copied before it goes on.
  while (splitter.next()) words.push(Buffer.from(bytes.subarray(splitter.start, splitter.end)));
  return splitter.isUnbalanced ? undefined : words;
}
