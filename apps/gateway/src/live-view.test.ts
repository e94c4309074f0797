import { describe, expect, it } from 'vitest';
import { recordedStory } from '../test/recorded-story.ts';
import { createView, type Snapshot } from './live-view.ts';

const SNAPSHOT: Snapshot = {
  recording: recordedStory(),
  expectedMs: 40_000,
  stationCount: 3,
  rate: 100,
  produced: 3_000,
  waiting: 12,
  delivered: 2_988,
  duplicates: 4,
  pid: 4242,
};

class FakeScreen {
  readonly isTTY: boolean;
  readonly columns = 100;
  readonly rows = 40;
  text = '';

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

describe('the live view', () => {
  it.each([
    ['without a terminal', false, {}],
    ['on a build server', true, { CI: 'true' }],
    ['with NO_COLOR', true, { NO_COLOR: '1' }],
    ['on a dumb terminal', true, { TERM: 'dumb' }],
  ])('is plain lines %s', (_where, isTTY, env) => {
    const screen = new FakeScreen(isTTY);
    const view = createView(screen, env);
    view.update(SNAPSHOT);
    view.update(SNAPSHOT);
    view.event('the network is gone');
    view.close();
    expect(screen.text).toBe('0:30  produced 3,000, waiting 12, delivered 2,988\n0:30  the network is gone\n');
  });

  it('redraws in place in a terminal and gives the cursor back', () => {
    const screen = new FakeScreen(true);
    const view = createView(screen, { TERM: 'xterm' });
    view.event('the network is gone');
    view.update(SNAPSHOT);
    const frame = screen.text;
    const lines = frame.split('\n').length - 1;
    view.update({ ...SNAPSHOT, pid: undefined });
    const second = screen.text.slice(frame.length);
    expect(frame).toContain('process 4242');
    expect(frame).toContain('the network is gone');
    expect(second.startsWith(`\x1b[${lines}A`)).toBe(true);
    expect(second).toContain('killed with SIGKILL');
    view.close();
    expect(frame.startsWith('\x1b[?25l')).toBe(true);
    expect(screen.text.endsWith('\x1b[?25h')).toBe(true);
  });
});
