/** Pearson's test: whether draws gave each choice as often as any other. */

/** The 99.9th percentile of chi squared with so many degrees of freedom (Wilson and Hilferty, 1931). */
export function chiSquaredMax(degrees: number): number {
  const third = 2 / (9 * degrees);
  return degrees * (1 - third + 3.09 * Math.sqrt(third)) ** 3;
}

export function chiSquaredOf(counts: Map<string, number>, choices: number, draws: number): number {
  const expected = draws / choices;
  let sum = (choices - counts.size) * expected;
  for (const count of counts.values()) sum += (count - expected) ** 2 / expected;
  return sum;
}
