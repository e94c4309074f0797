import { expect, it } from 'vitest';
import { drawTreemap } from './treemap.ts';

const modules = [
  { module: '@ferrite/core/src/engine/recovery.ts', bytes: 11_200 },
  { module: '@ferrite/core/src/engine/log.ts', bytes: 6_800 },
  { module: '@ferrite/core/src/index.ts', bytes: 200 },
  { module: 'acme<&>/lib/deep/words.js', bytes: 4_000 },
];

it('each module has an area with its weight, below its folder or package', () => {
  const svg = drawTreemap(modules, 'A & B', 'all of it');
  expect(svg).toContain('<title>A &#38; B</title>');
  expect(svg).toContain('<title>@ferrite/core/engine/recovery.ts: 11.2 KB</title>');
  expect(svg).toContain('<title>@ferrite/core/index.ts: 0.2 KB</title>');
  expect(svg).toContain('<title>acme&#60;&#38;&#62;/lib/deep/words.js: 4.0 KB</title>');
  expect(svg.match(/<g><title>/g)).toHaveLength(modules.length);
  expect(svg).toContain('@ferrite/core/engine 18.0 KB, 81.1 %');
});

it('a picture is the same each time, and has no number that is not one', () => {
  const svg = drawTreemap(modules, 'title', 'subtitle');
  expect(drawTreemap(modules, 'title', 'subtitle')).toBe(svg);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});
