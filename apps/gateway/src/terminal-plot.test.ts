import { describe, expect, it } from 'vitest';
import { recordedStory } from '../test/recorded-story.ts';
import { inColour, plainly } from './ansi.ts';
import { Recording } from './recording.ts';
import { plotInTerminal } from './terminal-plot.ts';

describe('the plot in the terminal', () => {
  it('shows the backlog with its axes, phases and marks', () => {
    const lines = plotInTerminal(recordedStory(), { width: 76, rows: 8, spanMs: 0 }, plainly);
    expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
      "
                                         SIGKILL ✕    ↻ restarted       ✓
       1.5k ┤                                    ┊
            │                                    ┊        ⢀⡄
         1k ┤                                    ┊       ⣠⣿⣿⣶⣄
            │                                    ┊     ⢀⣾⣿⣿⣿⣿⣿⣷⣄
            │                                    ⢀⣀⣀⣀⣀⣠⣾⣿⣿⣿⣿⣿⣿⣿⣿⣷⣄
        500 ┤                                ⣀⣤⣴⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣦⡀
            │                            ⣠⣤⣶⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣦⡀
            │⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣠⣴⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣦⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
          0 └───────────5 s────────10 s────────15 s───────20 s────────25 s────────
                     normal         ├─── network down ────┤     catching up
      "
    `);
  });

  it('keeps its lines within the width, however narrow', () => {
    for (const width of [30, 47, 64, 110]) {
      const lines = plotInTerminal(recordedStory(), { width, rows: 6, spanMs: 0 }, plainly);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines).toHaveLength(9);
    }
  });

  it('drops words of a phase that do not fit, rather than cutting them', () => {
    const narrow = plotInTerminal(recordedStory(), { width: 40, rows: 4, spanMs: 0 }, plainly).join('\n');
    expect(narrow).toMatch(/├─ down ──┤/);
    expect(narrow).not.toContain('networ');
  });

  it('leaves the time that is still to come empty', () => {
    const half = plotInTerminal(recordedStory(), { width: 76, rows: 6, spanMs: 60_000 }, plainly);
    for (const line of half.slice(1, 7)) expect(line.length).toBeLessThan(7 + 36);
  });

  it('is an empty frame before anything is recorded', () => {
    const lines = plotInTerminal(new Recording(() => 0), { width: 40, rows: 4, spanMs: 10_000 }, plainly);
    expect(lines.join('\n')).not.toMatch(/[\u2800-\u28ff]/);
    expect(lines.join('\n')).toContain('0 └');
  });

  it('says the same in colour', () => {
    const size = { width: 76, rows: 8, spanMs: 0 };
    const coloured = plotInTerminal(recordedStory(), size, inColour).join('\n');
    const bare = coloured.replaceAll(/\x1b\[[0-9;]*m/g, '').replaceAll(/ +$/gm, '');
    expect(coloured).toContain('\x1b[38;5;203m');
    expect(bare).toBe(plotInTerminal(recordedStory(), size, plainly).join('\n'));
  });
});
