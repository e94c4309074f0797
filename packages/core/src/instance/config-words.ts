/** Words of a configuration line, and back: the quoting rules are those of inline commands. A character for each byte. */
import { InlineSplitter } from '../protocol/inline-splitter.ts';

const PLAIN = /^[!$%&(-[\]-~][!#$%&(-[\]-~]*$/;
const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\x07': '\\a' };

/** The words of a line; undefined if a quote in it is not closed, or not followed by a space. */
export function splitWords(line: string): string[] | undefined {
  const bytes = Buffer.from(line, 'latin1');
  const splitter = new InlineSplitter(bytes, 0, bytes.length);
  const words: string[] = [];
  while (splitter.next()) words.push(bytes.toString('latin1', splitter.start, splitter.end));
  return splitter.isUnbalanced ? undefined : words;
}

/** The word as a line may have it: in quotes if it would not be read as it is. */
export function quoteWord(word: string): string {
  return PLAIN.test(word) ? word : inQuotes(word);
}

export function inQuotes(word: string): string {
  const escaped = word.replace(/["\\]|[^ -~]/g, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    return ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
