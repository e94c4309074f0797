/** How large the next segment should be: a sixteenth of what is stored, between the limits, in whole pages. */

import { UNIT_BYTES } from './address.ts';
import type { Segments } from './segments.ts';
import type { Store } from './store.ts';

const SHARE = 16;

export function segmentUnitsFor(store: Store, main: Segments, cold: Segments): number {
  const { segmentMinBytes, segmentMaxBytes } = store.options;
  let dead = 0;
  for (const segment of main.list) dead += Math.max(0, segment.deadUnits);
  for (const segment of cold.list) dead += Math.max(0, segment.deadUnits);
  const live = main.bytesOnDisk + cold.bytesOnDisk - dead * UNIT_BYTES;
  const page = store.pageBytes;
  const wanted = Math.min(Math.max(live / SHARE, segmentMinBytes), segmentMaxBytes);
  return (Math.ceil(wanted / page) * page) / UNIT_BYTES;
}
