/**
 * What a feature package, and the testing package, may import of core: the seams of the engine, and nothing of its
 * inner rooms.
 */
export { type Clock, systemClock } from './base/clock.ts';
export { FerriteError } from './base/errors.ts';
export { Prng } from './base/prng.ts';
export type { Device, DeviceFile, DeviceLock, OpenMode } from './device/device.ts';
export { type Driven, type DrivenHost, openDriven } from './embedded/driven.ts';
export type { OpenOptions } from './embedded/options.ts';
export { copyStore } from './engine/backup.ts';
export type {
  CliArgument,
  CliCall,
  CliColor,
  CliHandler,
  CliOption,
  CliProgress,
  CliSubcommand,
} from './instance/cli-subcommand.ts';
