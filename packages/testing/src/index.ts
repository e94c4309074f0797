/**
 * The simulated world that the engine's tests run in: a clock that stands still and a disk that fails on request.
 */
export type { StalledOperation } from './completions.ts';
export type { CrashModel, SectorModel } from './crash.ts';
export type { Fault, SimOperation } from './faults.ts';
export { SimClock } from './sim-clock.ts';
export { SimDevice, type SimDeviceOptions } from './sim-device.ts';
export { PowerCut, type SimCounts, type SimStep } from './sim-disk.ts';
