/**
 * A picture of what is in a bundle: an area for each folder, in it one for each module, in proportion to their bytes.
 *
 * An SVG without scripts, so that it is shown wherever pictures are; what a module weighs stands in its tooltip.
 */
import type { ModuleWeight } from './attribution.ts';
import { kilobytes } from './sizes.ts';
import { layOut, type Rectangle } from './treemap-layout.ts';

const WIDTH = 1200;
const MAP_HEIGHT = 720;
const MARGIN = 16;
const TITLE_HEIGHT = 62;
const HEADING_HEIGHT = 19;
const LEGEND_ROW_HEIGHT = 22;
const LEGEND_COLUMNS = 4;
const GAP = 1.5;
/** A letter's share of the height of the type, about. */
const LETTER = 0.58;
/** Hues that stay apart also where colors are hard to tell; a 13th group begins again. */
const COLORS = [
  '#4e79a7',
  '#d9730d',
  '#59a14f',
  '#b6992d',
  '#499894',
  '#e15759',
  '#79706e',
  '#d37295',
  '#b07aa1',
  '#9d7660',
  '#5f9ea0',
  '#6a994e',
];

interface Group {
  readonly name: string;
  readonly modules: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
  readonly color: string;
}

/** `modules` as `weigh` gives them; `title` and `subtitle` stand above. */
export function drawTreemap(modules: readonly ModuleWeight[], title: string, subtitle: string): string {
  const groups = groupsOf(modules);
  const area = { x: MARGIN, y: TITLE_HEIGHT, width: WIDTH - 2 * MARGIN, height: MAP_HEIGHT };
  const places = layOut(
    groups.map(({ bytes }) => bytes),
    area,
  );
  const legendTop = TITLE_HEIGHT + MAP_HEIGHT + 18;
  const height = legendTop + Math.ceil(groups.length / LEGEND_COLUMNS) * LEGEND_ROW_HEIGHT + MARGIN;
  const total = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="#ffffff"/>`,
    text({ x: MARGIN, y: 30 }, 20, '#1f2328', title, 600),
    text({ x: MARGIN, y: 50 }, 13, '#59636e', subtitle),
    ...groups.map((group, at) => drawGroup(group, places[at])),
    ...groups.map((group, at) => drawLegend(group, at, legendTop, total)),
    '</svg>',
    '',
  ].join('\n');
}

/** By the folder below `src`, or by the package where there is none. */
function groupsOf(modules: readonly ModuleWeight[]): Group[] {
  const byName = new Map<string, { name: string; bytes: number }[]>();
  for (const { module, bytes } of modules) {
    const parts = module.split('/');
    const packageParts = module.startsWith('@') ? 2 : 1;
    const inside = parts.slice(packageParts).filter((part) => part !== 'src');
    const packageName = parts.slice(0, packageParts).join('/');
    const name = inside.length > 1 ? `${packageName}/${inside[0]}` : packageName;
    const list = byName.get(name) ?? [];
    list.push({ name: inside.slice(inside.length > 1 ? 1 : 0).join('/'), bytes });
    byName.set(name, list);
  }
  const groups = [...byName].map(([name, list]) => ({ name, modules: list, bytes: sum(list), color: '' }));
  groups.sort((a, b) => b.bytes - a.bytes);
  return groups.map((group, at) => ({ ...group, color: COLORS[at % COLORS.length] }));
}

function drawGroup({ name, modules, bytes, color }: Group, place: Rectangle): string {
  const hasHeading = place.height > 3 * HEADING_HEIGHT && place.width > 60;
  const top = hasHeading ? HEADING_HEIGHT : 0;
  const inner = { x: place.x, y: place.y + top, width: place.width, height: place.height - top };
  const headings = [`${name} ${kilobytes(bytes)}`, `${shortName(name)} ${kilobytes(bytes)}`, shortName(name)];
  const heading =
    headings.find((each) => fit(each, place.width - 8, 12) === each) ?? fit(shortName(name), place.width - 8, 12);
  const cells = layOut(
    modules.map((module) => module.bytes),
    inner,
  );
  return [
    hasHeading ? text({ x: place.x + 3, y: place.y + 13.5 }, 12, '#1f2328', heading, 600) : '',
    ...modules.map((module, at) => drawModule(name, module, cells[at], color)),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function drawModule(
  group: string,
  { name, bytes }: { name: string; bytes: number },
  cell: Rectangle,
  color: string,
): string {
  const width = Math.max(0.4, cell.width - GAP);
  const height = Math.max(0.4, cell.height - GAP);
  const size = Math.min(12, Math.max(8, width / 9));
  const label = height > size + 5 ? fit(name.replace(/\.(ts|js|mjs)$/, ''), width - 6, size) : '';
  const weight = label !== '' && height > 2 * size + 9 ? fit(kilobytes(bytes), width - 6, size - 1) : '';
  return [
    `<g><title>${escape(`${group}/${name}: ${kilobytes(bytes)}`)}</title>`,
    `<rect x="${round(cell.x)}" y="${round(cell.y)}" width="${round(width)}" height="${round(height)}" rx="2" fill="${color}"/>`,
    label === '' ? '' : text({ x: cell.x + 4, y: cell.y + size + 3 }, size, '#ffffff', label, 500),
    weight === '' ? '' : text({ x: cell.x + 4, y: cell.y + 2 * size + 6 }, size - 1, '#ffffff', weight),
    '</g>',
  ].join('');
}

function drawLegend({ name, bytes, color }: Group, at: number, top: number, total: number): string {
  const column = (WIDTH - 2 * MARGIN) / LEGEND_COLUMNS;
  const x = MARGIN + (at % LEGEND_COLUMNS) * column;
  const y = top + Math.floor(at / LEGEND_COLUMNS) * LEGEND_ROW_HEIGHT;
  const share = `${((100 * bytes) / total).toFixed(1)} %`;
  return [
    `<rect x="${round(x)}" y="${y}" width="12" height="12" rx="2" fill="${color}"/>`,
    text({ x: x + 18, y: y + 10.5 }, 12, '#1f2328', `${fit(name, column - 110, 12)} ${kilobytes(bytes)}, ${share}`),
  ].join('');
}

/** The text, cut with an ellipsis if it is too long; empty if hardly any of it would be left. */
function fit(label: string, width: number, size: number): string {
  const letters = Math.floor(width / (size * LETTER));
  if (label.length <= letters) return label;
  return letters >= 5 ? `${label.slice(0, letters - 1)}…` : '';
}

function shortName(group: string): string {
  return group.slice(group.lastIndexOf('/') + 1);
}

function text(at: { x: number; y: number }, size: number, color: string, content: string, weight = 400): string {
  const style = weight === 400 ? '' : ` font-weight="${weight}"`;
  return `<text x="${round(at.x)}" y="${round(at.y)}" font-size="${round(size)}" fill="${color}"${style}>${escape(content)}</text>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function sum(list: readonly { bytes: number }[]): number {
  return list.reduce((total, { bytes }) => total + bytes, 0);
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
