/** Whether two keys of `length` bytes, each beginning on a word, are the same. */
export function sameKey(words: Int32Array, at: number, mine: Int32Array, mineAt: number, length: number): boolean {
  const whole = length >>> 2;
  for (let i = 0; i < whole; i++) if (words[at + i] !== mine[mineAt + i]) return false;
  const rest = length & 3;
  return rest === 0 || ((words[at + whole] ^ mine[mineAt + whole]) & (0xffffffff >>> (32 - rest * 8))) === 0;
}
