/** "Did you mean": the known word that is nearest to one that is not known. */

/** The nearest of `known`, if it is near enough to be what was meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  // A third of its letters may be wrong.
  let bestDistance = Math.floor(word.replace(/^-+/, '').length / 3) + 1;
  for (const each of known) {
    const isBeginning = word.length >= 2 && each.startsWith(word);
    const distance = isBeginning ? 1 : editDistance(word, each);
    if (distance < bestDistance) {
      best = each;
      bestDistance = distance;
    }
  }
  return best;
}

/** The sentence to put behind an error, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const best = nearest(word, known);
  return best === undefined ? '' : `; did you mean ${best}?`;
}

/** Letters to add, drop, change or exchange with their neighbour (Damerau 1964, in its restricted form). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      row[j] = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (isSame ? 0 : 1));
      const isExchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isExchanged) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
