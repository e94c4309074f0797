/** Figures of a store that was used a little, and of a server that there is not. */
import { open, type Stats } from '@ferrite/core';
import type { CommandFigures, ServerFigures } from '../src/figures.ts';

export function storeFigures(): Stats {
  const db = open();
  db.set('a', '1');
  db.set('b', '2');
  db.get('a');
  db.get('b');
  db.get('missing');
  const stats = db.stats();
  db.close();
  return stats;
}

export function serverFigures(commands: Record<string, CommandFigures>): ServerFigures {
  return {
    connections: 3,
    connectionsAccepted: 5,
    connectionsRejected: 1,
    inputBytes: 700,
    outputBytes: 900,
    keyHits: 8,
    keyMisses: 2,
    commands: () => Object.entries(commands),
  };
}

/** Durations in microseconds, each of one call. */
export function commandFigures(durations: number[], failed = 0, rejected = 0): CommandFigures {
  const sorted = [...durations].sort((one, other) => one - other);
  return {
    calls: durations.length,
    micros: durations.reduce((sum, each) => sum + each, 0),
    failed,
    rejected,
    histogram: {
      total: durations.length,
      percentile: (percent) => sorted[Math.ceil((percent / 100) * sorted.length) - 1],
      byPowerOfTwo: () => {
        const found: [number, number][] = [];
        for (let micros = 1; micros < 2 ** 25; micros *= 2) {
          const count = durations.filter((each) => each <= micros).length;
          if (count > 0 && found.at(-1)?.[1] !== count) found.push([micros, count]);
        }
        return found;
      },
    },
  };
}
