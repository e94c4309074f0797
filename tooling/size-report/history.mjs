/**
 * What each release weighed: a line of JSON for each in `size-history.jsonl`, and the chart made from it.
 */
import { kilobytes } from '@ferrite/build';
import { weightOf } from './budgets.mjs';

const WIDTH = 900;
const HEIGHT = 360;
const LEFT = 70;
const RIGHT = 150;
const TOP = 56;
const BOTTOM = 40;
const COLORS = ['#4e79a7', '#d9730d', '#59a14f', '#e15759', '#b07aa1', '#499894', '#9d7660'];

/** A line: the version, its date, and for each row what it weighs. */
export function historyLine(version, date, rows) {
  const weights = rows.map((row) => {
    const { minifiedBytes, gzipBytes, brotliBytes } = weightOf(row);
    return [row.name, { minifiedBytes, gzipBytes, brotliBytes }];
  });
  return `${JSON.stringify({ version, date, weights: Object.fromEntries(weights) })}\n`;
}

export function parseHistory(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** What the last release weighed, by the names of rows; nothing before the first. */
export function lastRelease(history) {
  return history.at(-1)?.weights ?? {};
}

/** Kilobytes, minified, by release: a line for each row. */
export function drawHistory(history) {
  const names = [...new Set(history.flatMap(({ weights }) => Object.keys(weights)))];
  const largest = Math.max(
    1,
    ...history.flatMap(({ weights }) => Object.values(weights).map((each) => each.minifiedBytes)),
  );
  const top = Math.ceil(largest / 100_000) * 100_000;
  const x = (at) => LEFT + (history.length < 2 ? 0.5 : at / (history.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (bytes) => TOP + (1 - bytes / top) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#ffffff"/>`,
    `<text x="16" y="30" font-size="18" font-weight="600" fill="#1f2328">Weight by release, minified</text>`,
  ];
  for (let bytes = 0; bytes <= top; bytes += 100_000) {
    parts.push(`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(bytes)}" y2="${y(bytes)}" stroke="#d1d9e0"/>`);
    parts.push(text(LEFT - 8, y(bytes) + 4, `${bytes / 1000} KB`, 'end'));
  }
  for (const [at, { version }] of history.entries()) parts.push(text(x(at), HEIGHT - 16, version, 'middle'));
  parts.push(...drawLines(history, names, x, y));
  return `${[...parts, '</svg>'].join('\n')}\n`;
}

function drawLines(history, names, x, y) {
  const labels = apart(names.map((name) => ({ name, at: y(history.at(-1)?.weights[name]?.minifiedBytes ?? 0) })));
  return names.flatMap((name, index) => {
    const color = COLORS[index % COLORS.length];
    const points = history.flatMap(({ weights }, at) =>
      weights[name] === undefined ? [] : [[x(at), y(weights[name].minifiedBytes)]],
    );
    const bytes = history.at(-1)?.weights[name]?.minifiedBytes;
    return [
      `<polyline points="${points.map((point) => point.join()).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...points.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3.5" fill="${color}"/>`),
      bytes === undefined
        ? ''
        : text(WIDTH - RIGHT + 12, labels.get(name) + 4, `${name} ${kilobytes(bytes)}`, 'start', color),
    ];
  });
}

/** Labels at the right are moved down until none covers another. */
function apart(labels) {
  const sorted = [...labels].sort((a, b) => a.at - b.at);
  let free = 0;
  return new Map(
    sorted.map(({ name, at }) => {
      const place = Math.max(at, free);
      free = place + 15;
      return [name, place];
    }),
  );
}

function text(x, y, content, anchor, color = '#59636e') {
  return `<text x="${x}" y="${y}" font-size="12" text-anchor="${anchor}" fill="${color}">${content}</text>`;
}
