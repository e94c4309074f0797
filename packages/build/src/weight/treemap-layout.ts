/**
 * Rectangles whose areas are proportional to weights, as square as can be: "Squarified Treemaps", Bruls, Huizing and van
 * Wijk, 2000. Pure geometry.
 */

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One rectangle for each weight, in their order, which must be from the heaviest down. All weights are above 0. */
export function layOut(weights: readonly number[], area: Rectangle): Rectangle[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scale = (area.width * area.height) / total;
  const placed: Rectangle[] = [];
  let free = area;
  for (let from = 0; from < weights.length; ) {
    const to = endOfRow(weights, from, Math.min(free.width, free.height), scale);
    free = placeRow(weights.slice(from, to), free, scale, placed);
    from = to;
  }
  return placed;
}

/** How many go into one row: as long as the worst of them gets no more oblong. */
function endOfRow(weights: readonly number[], from: number, side: number, scale: number): number {
  let sum = weights[from];
  let worst = worstRatio(weights[from], weights[from], sum, side, scale);
  for (let to = from + 1; to < weights.length; to++) {
    sum += weights[to];
    const ratio = worstRatio(weights[from], weights[to], sum, side, scale);
    if (ratio > worst) return to;
    worst = ratio;
  }
  return weights.length;
}

function worstRatio(heaviest: number, lightest: number, sum: number, side: number, scale: number): number {
  const depth = (sum * scale) / side;
  const ratio = (weight: number): number => {
    const length = (weight * scale) / depth;
    return Math.max(length / depth, depth / length);
  };
  return Math.max(ratio(heaviest), ratio(lightest));
}

/** Along the shorter side. Returns what is left free. */
function placeRow(row: readonly number[], free: Rectangle, scale: number, placed: Rectangle[]): Rectangle {
  const sum = row.reduce((total, weight) => total + weight, 0);
  const isColumn = free.width >= free.height;
  const side = isColumn ? free.height : free.width;
  const depth = (sum * scale) / side;
  let along = 0;
  for (const weight of row) {
    const length = (weight / sum) * side;
    placed.push(
      isColumn
        ? { x: free.x, y: free.y + along, width: depth, height: length }
        : { x: free.x + along, y: free.y, width: length, height: depth },
    );
    along += length;
  }
  return isColumn
    ? { x: free.x + depth, y: free.y, width: Math.max(0, free.width - depth), height: free.height }
    : { x: free.x, y: free.y + depth, width: free.width, height: Math.max(0, free.height - depth) };
}
