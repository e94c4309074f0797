/**
 * The story that the demo tells: what fails when, and how it is known to have ended well.
 *
 * A chapter sets the collector's mode for a while; one of them kills the gateway in the middle and starts it again.
 * After the last chapter the gateway has to catch up, the sensors fall silent, everything drains, and the collector is
 * asked what is missing. `tellStory` is used by the demo and by the end-to-end test, with chapters of their own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cast, Opening } from './cast.ts';
import type { CollectorMode } from './collector.ts';
import type { GatewayStatus } from './gateway.ts';
import type { Audit } from './ledger.ts';
import type { PhaseKind, Recording } from './recording.ts';

export interface Chapter {
  readonly label: string;
  readonly mode: CollectorMode;
  readonly lastsMs: number;
  /** The gateway is killed this long into the chapter, and started again after `deadMs`. */
  readonly killAfterMs?: number;
  readonly deadMs?: number;
}

export const CHAPTERS: readonly Chapter[] = [
  { label: 'normal', mode: 'up', lastsMs: 5_000 },
  { label: 'network down', mode: 'down', lastsMs: 8_000 },
  { label: 'network back', mode: 'up', lastsMs: 7_000 },
  { label: 'slow', mode: 'slow', lastsMs: 6_000 },
  { label: 'HTTP 500', mode: 'failing', lastsMs: 8_000, killAfterMs: 4_000, deadMs: 2_000 },
];

/** How long catching up may take, and draining after it. */
const PATIENCE_MS = 45_000;
const SAMPLE_MS = 100;

export interface Outcome {
  readonly audit: Audit;
  readonly produced: number;
  readonly total: GatewayStatus;
  readonly highWater: number;
  readonly recovery: Opening | undefined;
  /** From the moment the collector was well again to an empty buffer. */
  readonly catchUpMs: number;
}

export interface Telling {
  readonly cast: Cast;
  readonly recording: Recording;
  readonly chapters: readonly Chapter[];
  /** How long all goes well after the catch-up, before the sensors fall silent. */
  readonly calmMs: number;
  /** Aborted when the person has seen enough. */
  readonly signal: AbortSignal;
  /** Called after each sample, ten times a second. */
  readonly onSample: () => void;
  /** Called when something happens. */
  readonly onEvent: (line: string) => void;
}

/** Tells the story from start to end; rejects when a process fails, patience ends, or the signal comes. */
export async function tellStory(telling: Telling): Promise<Outcome> {
  const { cast, recording, onSample } = telling;
  await cast.start();
  const sampling = setInterval(() => {
    recording.sample({ backlog: cast.status.backlog, delivered: cast.counts.delivered, alive: cast.alive });
    onSample();
  }, SAMPLE_MS);
  try {
    return await Promise.race([act(telling), cast.failure]);
  } finally {
    clearInterval(sampling);
  }
}

async function act(telling: Telling): Promise<Outcome> {
  const { cast, recording, chapters, calmMs, signal } = telling;
  let recovery: Opening | undefined;
  for (const chapter of chapters) recovery = (await play(telling, chapter)) ?? recovery;

  enter(telling, 'catching up', 'up');
  const catchUpMs = await catchUp(telling);
  recording.mark('caughtUp');
  await sleep(calmMs, undefined, { signal });

  cast.field.stopSampling();
  await until(telling, 'the sensors have been emptied', () => cast.field.waiting === 0);
  const heard = cast.statusCount;
  await until(telling, 'the buffer is empty', () => cast.statusCount >= heard + 2 && cast.status.backlog === 0);
  recording.endPhase();
  await cast.stopGateway();
  const highWater = Math.max(recording.peak?.backlog ?? 0, cast.total.highWater);
  const audit = await cast.audit();
  return { audit, produced: cast.field.produced, total: cast.total, highWater, recovery, catchUpMs };
}

/** Plays one chapter; returns how the gateway came back, if it was killed. */
async function play(telling: Telling, chapter: Chapter): Promise<Opening | undefined> {
  const { cast, recording, signal, onEvent } = telling;
  const { label, mode, lastsMs, killAfterMs, deadMs = 0 } = chapter;
  enter(telling, label, mode);
  if (killAfterMs === undefined) {
    await sleep(lastsMs, undefined, { signal });
    return undefined;
  }
  await sleep(killAfterMs, undefined, { signal });
  const pid = cast.gatewayPid;
  recording.mark('killed');
  await cast.killGateway();
  onEvent(`SIGKILL: the gateway (process ${pid}) is gone in the middle of its work`);
  await sleep(deadMs, undefined, { signal });
  const recovery = await cast.startGateway();
  recording.mark('restarted');
  onEvent(`the gateway is back as process ${cast.gatewayPid}: ${recovery.backlog} readings found in its store`);
  await sleep(Math.max(0, lastsMs - killAfterMs - deadMs - recovery.readyMs), undefined, { signal });
  return recovery;
}

/** Waits until an upload has left nothing behind; returns how long it took. */
async function catchUp(telling: Telling): Promise<number> {
  const { cast, recording } = telling;
  const beganMs = recording.elapsedMs;
  const before = cast.status.drained;
  await until(telling, 'the gateway has caught up', () => cast.status.drained > before);
  return recording.elapsedMs - beganMs;
}

function enter(telling: Telling, label: string, mode: CollectorMode): void {
  const kinds: Record<CollectorMode, PhaseKind> = { up: 'calm', down: 'down', slow: 'slow', failing: 'failing' };
  telling.cast.setMode(mode);
  telling.recording.enterPhase(kinds[mode], label);
  telling.onEvent(label);
}

async function until(telling: Telling, what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = telling.recording.elapsedMs + PATIENCE_MS;
  while (!holds()) {
    if (telling.recording.elapsedMs > deadlineMs)
      throw new Error(`waited ${PATIENCE_MS / 1000} s in vain until ${what}`);
    await sleep(SAMPLE_MS / 2, undefined, { signal: telling.signal });
  }
}
