import { expect, it } from 'vitest';
import { layOut } from './treemap-layout.ts';

const area = { x: 10, y: 20, width: 600, height: 400 };
const weights = [600, 600, 400, 300, 200, 200, 100];

it('areas are in proportion to weights, and fill the whole', () => {
  const places = layOut(weights, area);
  for (const [at, { width, height }] of places.entries()) {
    expect(width * height).toBeCloseTo((weights[at] / 2400) * 240_000, 6);
  }
});

it('rectangles lie within the area and do not overlap', () => {
  const places = layOut(weights, area);
  for (const [at, a] of places.entries()) {
    expect(a.x).toBeGreaterThanOrEqual(area.x - 1e-9);
    expect(a.x + a.width).toBeLessThanOrEqual(area.x + area.width + 1e-9);
    expect(a.y + a.height).toBeLessThanOrEqual(area.y + area.height + 1e-9);
    for (const b of places.slice(at + 1)) {
      const isApart =
        a.x + a.width <= b.x + 1e-9 ||
        b.x + b.width <= a.x + 1e-9 ||
        a.y + a.height <= b.y + 1e-9 ||
        b.y + b.height <= a.y + 1e-9;
      expect(isApart).toBe(true);
    }
  }
});

it('the example of the paper: 6, 6, 4, 3, 2, 2, 1 in a rectangle of 6 by 4', () => {
  const places = layOut([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  expect(places[0]).toEqual({ x: 0, y: 0, width: 3, height: 2 });
  expect(places[1]).toEqual({ x: 0, y: 2, width: 3, height: 2 });
  // 4 and 3 lie side by side at the top of what is left.
  expect(places[2].y).toBe(0);
  expect(places[3].y).toBe(0);
  expect(places[2].width / places[2].height).toBeCloseTo(4 / 7 / (7 / 9), 1);
});

it('one weight takes all, and no weight nothing', () => {
  expect(layOut([5], area)).toEqual([area]);
  expect(layOut([], area)).toEqual([]);
});
