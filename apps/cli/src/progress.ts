/**
 * A bar on one line of a terminal, drawn again at most ten times a second, and taken away at the end:
 *
 *     exporting ███████████░░░░░░░░░  55 %  1,234,000 of 2,230,000
 */
import type { CliProgress } from '@ferrite/core/module';

const BAR_LENGTH = 20;
const REDRAW_MS = 100;
const TO_LINE_START_AND_CLEAR = '\r\u001b[K';

export interface ProgressTarget {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export function makeProgress(label: string, target: ProgressTarget, nowMs: () => number = Date.now): CliProgress {
  if (target.isTTY !== true) return { update: () => undefined, end: () => undefined };
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    update(done, total) {
      if (nowMs() - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs();
      target.write(TO_LINE_START_AND_CLEAR + barLine(label, done, total));
    },
    end() {
      if (drawnMs !== Number.NEGATIVE_INFINITY) target.write(TO_LINE_START_AND_CLEAR);
    },
  };
}

function barLine(label: string, done: number, total: number | undefined): string {
  const count = done.toLocaleString('en-US');
  if (total === undefined || total === 0) return `${label} ${count}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR_LENGTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_LENGTH - filled);
  return `${label} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${count} of ${total.toLocaleString('en-US')}`;
}
