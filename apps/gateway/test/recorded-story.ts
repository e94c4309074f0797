/** A recording of a short story with known figures, for the tests of the plots and the view. */
import { Recording } from '../src/recording.ts';

/** Ten calm seconds, ten without a network and a kill at 16 s, ten of catching up; 100 readings a second. */
export function recordedStory(): Recording {
  let nowMs = 0;
  const recording = new Recording(() => nowMs);
  recording.enterPhase('calm', 'normal');
  for (let tenths = 1; tenths <= 300; tenths++) {
    nowMs = tenths * 100;
    if (tenths === 100) recording.enterPhase('down', 'network down');
    if (tenths === 160) recording.mark('killed');
    if (tenths === 180) recording.mark('restarted');
    if (tenths === 200) recording.enterPhase('calm', 'catching up');
    if (tenths === 260) recording.mark('caughtUp');
    const alive = tenths < 160 || tenths >= 180;
    const outage = Math.max(0, Math.min(tenths, 160) - 100) * 10 + Math.max(0, Math.min(tenths, 200) - 180) * 30;
    const backlog = tenths > 200 ? Math.max(0, 1_200 - (tenths - 200) * 20) : outage;
    recording.sample({ backlog, delivered: tenths * 10 - backlog, alive });
  }
  recording.endPhase();
  return recording;
}
