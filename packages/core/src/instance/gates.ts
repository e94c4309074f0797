/** What makes commands take the longer way (`stages.ts`). While no bit is set, the executor looks at nothing else. */

// Bits of a client's `gates`.
/** It has yet to give the password. */
export const GATE_LOCKED = 1;
/** MULTI was called. */
export const GATE_MULTI = 1 << 1;
export const GATE_SUBSCRIBED = 1 << 2;
/** It is shown what others do, and does nothing with keys itself. */
export const GATE_MONITOR = 1 << 3;
/** CLIENT REPLY SKIP was said. */
export const GATE_SKIP = 1 << 4;
export const GATE_TRACKING = 1 << 5;
/** Messages wait for the end of its command. */
export const GATE_DEFERRED = 1 << 6;

// Bits of an instance's.
/** Somebody is shown what all clients do. */
export const GATE_MONITORED = 1 << 7;
export const GATE_PAUSED = 1 << 8;
/** A feature may refuse commands. */
export const GATE_FEATURES = 1 << 10;
/** Writes need replicas, and there are none. */
export const GATE_NO_REPLICAS = 1 << 9;
/** The device lags behind what was written. */
export const GATE_BACKLOG = 1 << 11;
