/** What an instance knows of the process and the server around it, and the figures that a look now and then gives. */
import { cpus, freemem, release, totalmem, type } from 'node:os';
import type { Store } from '../engine/store.ts';

const RUN_ID_WORDS = 5;
const HEX_DIGITS = 8;
/** Memory is looked at so seldom, for a look takes about as long as twenty commands. */
const LOOKS_PER_MEMORY = 10;

interface MemoryUse {
  /** Of JavaScript's heap, and of buffers beside it. */
  usedBytes: number;
  rssBytes: number;
}

export class ServerFacts {
  /** 40 hexadecimal digits that no other start has. */
  readonly runId: string;
  readonly startedMs: number;
  /** Set by whoever serves the instance: 0 and '' while nobody does. */
  port = 0;
  listeners: readonly string[] = [];
  executable = process.argv[1] ?? process.execPath;
  /** What the process took before anything was stored. */
  readonly startup: MemoryUse;
  peakUsedBytes = 0;
  private readonly store: Store;
  private looks = 0;

  constructor(store: Store) {
    this.store = store;
    let runId = '';
    for (let i = 0; i < RUN_ID_WORDS; i++) {
      runId += (store.options.entropy() >>> 0).toString(16).padStart(HEX_DIGITS, '0');
    }
    this.runId = runId;
    this.startedMs = store.clock.monotonicMs();
    this.startup = this.memoryUse();
  }

  /** About ten times a second. */
  look(): void {
    if (this.looks++ % LOOKS_PER_MEMORY === 0) this.memoryUse();
  }

  memoryUse(): MemoryUse {
    const { heapUsed, external, rss } = process.memoryUsage();
    const usedBytes = heapUsed + external;
    this.peakUsedBytes = Math.max(this.peakUsedBytes, usedBytes);
    return { usedBytes, rssBytes: rss };
  }

  get uptimeSeconds(): number {
    return Math.floor((this.store.clock.monotonicMs() - this.startedMs) / 1000);
  }

  get system(): { name: string; memoryBytes: number; freeBytes: number; processors: number } {
    return {
      name: `${type()} ${release()} ${process.arch}`,
      memoryBytes: totalmem(),
      freeBytes: freemem(),
      processors: cpus().length,
    };
  }
}
