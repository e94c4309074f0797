/** `fromStart`: indexes of ranges as commands take them, which count from the end where they are negative. */

/** The index counted from the start; not negative, but perhaps past the end. */
export function fromStart(index: number, length: number): number {
  return index < 0 ? Math.max(0, length + index) : index;
}
