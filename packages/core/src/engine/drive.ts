/**
 * Who drives background work, and so how it may wait for the device.
 *
 * `loop`: slices between other work; the device is waited for in the pool. `starved`: from within writes, because the
 * program's loop never yields and would not hear when the pool is done; a sync is started in the pool and, half a second
 * later, made sure of by a synchronous one that finds little left. `now`: whatever it costs, as at close.
 */

export type Drive = 'loop' | 'starved' | 'now';

export const STARVED_SYNC_MS = 500;
