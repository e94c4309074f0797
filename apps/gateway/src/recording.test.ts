import { expect, it } from 'vitest';
import { Recording } from './recording.ts';

it('keeps phases, marks and samples with the time since it began', () => {
  let nowMs = 5_000;
  const recording = new Recording(() => nowMs);
  recording.enterPhase('calm', 'normal');
  nowMs += 100;
  recording.sample({ backlog: 7, delivered: 1, alive: true });
  recording.enterPhase('down', 'network down');
  nowMs += 50;
  recording.mark('killed');
  expect(recording.samples).toEqual([{ atMs: 100, backlog: 7, delivered: 1, alive: true }]);
  expect(recording.marks).toEqual([{ kind: 'killed', atMs: 150 }]);
  expect(recording.phases).toEqual([
    { kind: 'calm', label: 'normal', fromMs: 0, toMs: 100 },
    { kind: 'down', label: 'network down', fromMs: 100, toMs: 150 },
  ]);
  recording.endPhase();
  nowMs += 1_000;
  expect(recording.phases.at(-1)?.toMs).toBe(150);
});

it('knows its peak, the first of equal ones', () => {
  let nowMs = 0;
  const recording = new Recording(() => nowMs);
  expect(recording.peak).toBeUndefined();
  for (const backlog of [1, 9, 3, 9]) {
    nowMs += 10;
    recording.sample({ backlog, delivered: 0, alive: true });
  }
  expect(recording.peak).toMatchObject({ backlog: 9, atMs: 20 });
});
