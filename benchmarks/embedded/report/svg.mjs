/**
 * A small writer of bar charts as SVG: panels of horizontal bars, one colour for Ferrite and one for the others, a
 * whisker from the lowest to the highest round, the median as text, the durability in small type under the name.
 */
const width = 860;
const labelWidth = 250;
const valueWidth = 110;
const rowHeight = 34;
const barHeight = 16;
const margin = 24;
const panelHeadHeight = 40;
const colors = {
  ferrite: '#c2410c',
  other: '#64748b',
  limit: '#cbd5e1',
  text: '#0f172a',
  faint: '#64748b',
  rule: '#e2e8f0',
};
const font = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"';

/**
 * `panels`: `[{ title, format, bars: [{ label, detail, kind, summary }] }]`, where `kind` is ferrite, other or limit and
 * `summary` is `{ median, min, max }`.
 */
export function barChart({ title, subtitle, footer, panels }) {
  const parts = [];
  let y = margin + 8;
  parts.push(text(margin, y + 8, title, { size: 20, weight: 600 }));
  parts.push(text(margin, y + 30, subtitle, { size: 12, color: colors.faint }));
  y += 44;
  for (const panel of panels) {
    parts.push(...drawPanel(panel, y));
    y += panelHeadHeight + panel.bars.length * rowHeight + 8;
  }
  parts.push(text(margin, y + 14, footer, { size: 11, color: colors.faint }));
  const height = y + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, bars, format }, top) {
  const left = margin + labelWidth;
  const room = width - left - valueWidth - margin;
  const largest = Math.max(...bars.map(({ summary }) => summary.max)) || 1;
  const scale = (value) => (value / largest) * room;
  const bottom = top + panelHeadHeight + bars.length * rowHeight - 6;
  const parts = [
    text(margin, top + 24, title, { size: 14, weight: 600 }),
    `<line x1="${left}" y1="${top + panelHeadHeight - 6}" x2="${left}" y2="${bottom}" stroke="${colors.rule}"/>`,
  ];
  for (const [at, bar] of bars.entries()) {
    parts.push(...drawBar(bar, { left, top: top + panelHeadHeight + at * rowHeight, scale, format }));
  }
  return parts;
}

function drawBar({ label, detail, kind, summary }, { left, top, scale, format }) {
  const middle = top + barHeight / 2;
  const length = Math.max(1, scale(summary.median));
  const isOwn = kind === 'ferrite';
  const parts = [
    text(left - 10, top + 9, label, { size: 13, weight: isOwn ? 600 : 400, anchor: 'end' }),
    text(left - 10, top + 22, detail, { size: 9.5, color: colors.faint, anchor: 'end' }),
    `<rect x="${left}" y="${top}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" fill="${colors[kind]}"/>`,
  ];
  const low = left + scale(summary.min);
  const high = left + scale(summary.max);
  if (high - low > 1.5) {
    const ends = `M${low.toFixed(1)} ${middle - 4}v8M${high.toFixed(1)} ${middle - 4}v8`;
    const path = `M${low.toFixed(1)} ${middle}H${high.toFixed(1)}${ends}`;
    parts.push(`<path d="${path}" stroke="#ffffff" stroke-width="3" fill="none"/>`);
    parts.push(`<path d="${path}" stroke="${colors.text}" stroke-width="1.2" fill="none"/>`);
  }
  const valueX = Math.max(left + length, high) + 8;
  parts.push(text(valueX, top + 12.5, format(summary.median), { size: 12, weight: isOwn ? 600 : 400 }));
  return parts;
}

function text(x, y, content, { size, weight = 400, color = colors.text, anchor = 'start' }) {
  const place = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"`;
  return `<text ${place} ${font} font-size="${size}" font-weight="${weight}" fill="${color}">${escapeText(content)}</text>`;
}

function escapeText(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
