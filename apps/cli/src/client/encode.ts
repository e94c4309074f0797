/** Commands as they go over the wire: an array of bulk strings. */

/** Text is UTF-8. */
export type Word = string | number | Uint8Array;

export function encodeCommand(words: readonly Word[]): Buffer {
  const parts = words.map((word) => (typeof word === 'object' ? word : Buffer.from(String(word), 'utf8')));
  const heads = parts.map((part) => `$${part.length}\r\n`);
  const count = `*${parts.length}\r\n`;
  let length = count.length;
  for (let i = 0; i < parts.length; i++) length += heads[i].length + parts[i].length + 2;
  const bytes = Buffer.allocUnsafe(length);
  let at = bytes.write(count, 0, 'latin1');
  for (let i = 0; i < parts.length; i++) {
    at += bytes.write(heads[i], at, 'latin1');
    bytes.set(parts[i], at);
    at += parts[i].length;
    bytes[at++] = 0x0d;
    bytes[at++] = 0x0a;
  }
  return bytes;
}
