import { describe, expect, it } from 'vitest';
import { recordedStory } from '../test/recorded-story.ts';
import { Recording } from './recording.ts';
import { plotAsSvg } from './svg-plot.ts';

const TEXT = {
  title: 'Backlog <of> a & b',
  subtitle: '100 readings per second',
  lost: 0,
  stored: 3_000,
  mostWaiting: 1_234,
};

describe('the plot as SVG', () => {
  const svg = plotAsSvg(recordedStory(), TEXT);

  it('names phases, marks, the peak and what was lost', () => {
    for (const words of ['normal', 'network down', 'catching up', '✕ SIGKILL', 'restarted', 'caught up', '30 s']) {
      expect(svg).toContain(`>${words}</text>`);
    }
    expect(svg).toContain('>most waiting: 1,234</text>');
    expect(svg).toContain('>0 lost</text>');
    expect(svg).toContain('>of 3,000 stored readings</text>');
  });

  it('is well-formed: every element is closed, every special character escaped, every number a number', () => {
    expect(svg).toContain('Backlog &lt;of&gt; a &amp; b');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const open: string[] = [];
    for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^<>]*?(\/?)>/g)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (self !== '/') open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('shades what fails and nothing else, and dashes the line where no gateway lived', () => {
    expect(svg.match(/opacity="0\.12"/g)).toHaveLength(2);
    expect(svg.match(/stroke-dasharray="2 5"/g)).toHaveLength(1);
    expect(svg.match(/<polyline/g)).toHaveLength(3);
  });

  it('shows losses in another colour than none', () => {
    const colourOf = (picture: string): string | undefined => /fill="(#\w+)">[\d,]+ lost</.exec(picture)?.[1];
    expect(colourOf(plotAsSvg(recordedStory(), { ...TEXT, lost: 1_234 }))).not.toBe(colourOf(svg));
    expect(plotAsSvg(recordedStory(), { ...TEXT, lost: 1_234 })).toContain('>1,234 lost</text>');
  });

  it('draws an empty frame from an empty recording', () => {
    expect(plotAsSvg(new Recording(() => 0), TEXT)).not.toMatch(/NaN|undefined|Infinity|polyline/);
  });
});
