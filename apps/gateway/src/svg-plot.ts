/**
 * The backlog over time as an SVG, for a page: outages shaded and named, the kill marked, below it what arrives at the
 * collector each second.
 *
 * No background and middle tones only, so that it reads on a light page and on a dark one. Called once, by the demo.
 */
import type { Mark, PhaseKind, Recording, Sample } from './recording.ts';
import { grouped, short, ticksUpTo } from './scale.ts';

export interface SvgText {
  readonly title: string;
  readonly subtitle: string;
  /** How many readings were lost, the largest word of the picture, and of how many. */
  readonly lost: number;
  readonly stored: number;
  /** The most that waited at one moment, which may lie between two samples. */
  readonly mostWaiting: number;
}

const WIDTH = 960;
const HEIGHT = 470;
const LEFT = 64;
const RIGHT = 24;
const MAIN = { top: 92, bottom: 318 };
const RATE = { top: 362, bottom: 424 };

const INK = '#7d8896';
const LINE = '#3b82f6';
const KILL = '#ef4444';
const GOOD = '#22a55e';
const PHASE: Readonly<Record<PhaseKind, string | undefined>> = {
  calm: undefined,
  down: '#ef4444',
  slow: '#f59e0b',
  failing: '#a855f7',
};

type Scale = (value: number) => number;

/** The whole picture as the text of an SVG file. */
export function plotAsSvg(recording: Recording, text: SvgText): string {
  const spanMs = Math.max(1, recording.elapsedMs);
  const x: Scale = (ms) => LEFT + (ms / spanMs) * (WIDTH - LEFT - RIGHT);
  // Room above the peak for the words of the marks.
  const ticks = ticksUpTo((recording.peak?.backlog ?? 0) * 1.25, 4);
  const y = scaleTo(ticks, MAIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-size="12" fill="${INK}"`,
    ` font-family="ui-sans-serif, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif">`,
    `<title>${escaped(text.title)}</title>`,
    gradient(),
    `<text x="${LEFT}" y="28" font-size="18" font-weight="600">${escaped(text.title)}</text>`,
    `<text x="${LEFT}" y="49">${escaped(text.subtitle)}</text>`,
    verdict(text),
    ...bands(recording, x),
    ...grid(ticks, y),
    ...curve(recording.samples, x, y),
    ...peakLabel(recording.peak, text.mostWaiting, x, y),
    ...recording.marks.map((mark) => markLine(mark, x)),
    ...rates(recording, x),
    ...timeAxis(spanMs, x),
    '</svg>',
    '',
  ].join('\n');
}

function scaleTo(ticks: readonly number[], panel: { top: number; bottom: number }): Scale {
  const top = ticks[ticks.length - 1];
  return (value) => panel.bottom - (value / top) * (panel.bottom - panel.top);
}

function gradient(): string {
  const stop = (offset: number, opacity: number): string =>
    `<stop offset="${offset}" stop-color="${LINE}" stop-opacity="${opacity}"/>`;
  return `<defs><linearGradient id="fill" x1="0" y1="0" x2="0" y2="1">${stop(0, 0.5)}${stop(1, 0.08)}</linearGradient></defs>`;
}

function verdict({ lost, stored }: SvgText): string {
  const right = WIDTH - RIGHT;
  const big = `text-anchor="end" font-size="24" font-weight="700" fill="${lost === 0 ? GOOD : KILL}"`;
  const words = text(right, 49, `of ${grouped(stored)} stored readings`, 'text-anchor="end"');
  return `${text(right, 30, `${grouped(lost)} lost`, big)}\n${words}`;
}

function bands(recording: Recording, x: Scale): string[] {
  return recording.phases.flatMap(({ kind, label, fromMs, toMs }) => {
    const colour = PHASE[kind];
    const left = x(fromMs);
    const width = x(toMs) - left;
    const name = text(left + width / 2, MAIN.top - 10, label, `text-anchor="middle" fill="${colour ?? INK}"`);
    if (colour === undefined) return [name];
    const band = (top: number, bottom: number): string =>
      rect(left, top, width, bottom - top, `fill="${colour}" opacity="0.12"`);
    const cap = rect(left, MAIN.top - 4, width, 3, `rx="1.5" fill="${colour}" opacity="0.8"`);
    return [band(MAIN.top, MAIN.bottom), band(RATE.top, RATE.bottom), cap, name];
  });
}

function grid(ticks: readonly number[], y: Scale): string[] {
  return ticks.flatMap((value) => [
    line(LEFT, y(value), WIDTH - RIGHT, y(value), `stroke="${INK}" stroke-opacity="${value === 0 ? 0.7 : 0.22}"`),
    text(LEFT - 10, y(value) + 4, short(value), 'text-anchor="end"'),
  ]);
}

/** The area and its upper edge; dashed where no gateway lived and the readings lay on the disk. */
function curve(samples: readonly Sample[], x: Scale, y: Scale): string[] {
  if (samples.length === 0) return [];
  const point = ({ atMs, backlog }: Sample): string => `${x(atMs).toFixed(1)},${y(backlog).toFixed(1)}`;
  const first = x(samples[0].atMs).toFixed(1);
  const last = x(samples[samples.length - 1].atMs).toFixed(1);
  const area = `M${first},${MAIN.bottom}L${samples.map(point).join('L')}L${last},${MAIN.bottom}Z`;
  const edges: string[] = [];
  for (let from = 0; from < samples.length; ) {
    let to = from + 1;
    while (to < samples.length && samples[to].alive === samples[from].alive) to++;
    const dash = samples[from].alive ? '' : ' stroke-dasharray="2 5"';
    const points = samples
      .slice(from, Math.min(to + 1, samples.length))
      .map(point)
      .join(' ');
    edges.push(
      `<polyline points="${points}" fill="none" stroke="${LINE}" stroke-width="2" stroke-linejoin="round"${dash}/>`,
    );
    from = to;
  }
  return [`<path d="${area}" fill="url(#fill)"/>`, ...edges];
}

function peakLabel(peak: Sample | undefined, mostWaiting: number, x: Scale, y: Scale): string[] {
  if (peak === undefined) return [];
  const cx = x(peak.atMs);
  const label = `most waiting: ${grouped(mostWaiting)}`;
  const [dx, anchor] = cx + 160 < WIDTH - RIGHT ? [8, 'start'] : [-8, 'end'];
  return [
    `<circle cx="${cx.toFixed(1)}" cy="${y(peak.backlog).toFixed(1)}" r="4" fill="${LINE}"/>`,
    text(cx + dx, y(peak.backlog) - 8, label, `text-anchor="${anchor}" font-weight="600" fill="${LINE}"`),
  ];
}

function markLine({ kind, atMs }: Mark, x: Scale): string {
  const at = x(atMs);
  if (kind === 'caughtUp') {
    const label = text(at - 1, MAIN.bottom - 32, 'caught up', `font-weight="600" fill="${GOOD}"`);
    return `${label}\n${line(at, MAIN.bottom - 26, at, MAIN.bottom, `stroke="${GOOD}" stroke-width="2"`)}`;
  }
  const [colour, label, anchor, dx] =
    kind === 'killed' ? ([KILL, '✕ SIGKILL', 'end', -6] as const) : ([GOOD, 'restarted', 'start', 6] as const);
  const words = text(at + dx, MAIN.top + 16, label, `text-anchor="${anchor}" font-weight="600" fill="${colour}"`);
  return `${line(at, MAIN.top, at, MAIN.bottom, `stroke="${colour}" stroke-width="1.5" stroke-dasharray="5 3"`)}\n${words}`;
}

/** What reaches the collector, as bars of half a second. */
function rates({ samples, elapsedMs }: Recording, x: Scale): string[] {
  const stepMs = 500;
  const bars = Array<number>(Math.ceil(elapsedMs / stepMs)).fill(0);
  for (let i = 1; i < samples.length; i++) {
    const bar = Math.min(bars.length - 1, Math.floor(samples[i].atMs / stepMs));
    bars[bar] += ((samples[i].delivered - samples[i - 1].delivered) * 1_000) / stepMs;
  }
  const ticks = ticksUpTo(Math.max(...bars, 1), 2);
  const y = scaleTo(ticks, RATE);
  return [
    text(LEFT, RATE.top - 12, 'arriving at the collector, readings per second', ''),
    ...grid(ticks, y),
    ...bars.map((value, i) => {
      const width = Math.min(x((i + 1) * stepMs) - 1.5, WIDTH - RIGHT) - x(i * stepMs);
      return rect(x(i * stepMs), y(value), width, RATE.bottom - y(value), `fill="${GOOD}" opacity="0.75"`);
    }),
  ];
}

function timeAxis(spanMs: number, x: Scale): string[] {
  return ticksUpTo(spanMs / 1_000, 8)
    .filter((seconds) => seconds * 1_000 <= spanMs)
    .map((seconds) => text(x(seconds * 1_000), RATE.bottom + 20, `${seconds} s`, 'text-anchor="middle"'));
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(words)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, attributes: string): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${attributes}/>`;
}

function rect(x: number, y: number, width: number, height: number, attributes: string): string {
  const box = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}"`;
  return `<rect ${box} ${attributes}/>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
