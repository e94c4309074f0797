/**
 * What a feature package, and the testing package, may import of core: the seams of the engine, what a feature is made
 * of, and nothing of core's inner rooms.
 */
export { type Clock, systemClock } from './base/clock.ts';
export { FerriteError } from './base/errors.ts';
export type { Log, LogLevel } from './base/log.ts';
export { Prng } from './base/prng.ts';
export type { Call } from './commands/call.ts';
export { type CommandRow, firstKey, type KeyRange } from './commands/command.ts';
export type { CommandDoc } from './commands/command-docs.ts';
export { forEveryKey } from './commands/keys-of.ts';
export type { Session } from './commands/session.ts';
export type { CommandFigures } from './commands/statistics.ts';
export type { Device, DeviceFile, DeviceLock, OpenMode } from './device/device.ts';
export { type Driven, type DrivenHost, openDriven } from './embedded/driven.ts';
export type { OpenOptions } from './embedded/options.ts';
export { copyStore } from './engine/backup.ts';
export type { RecoveryReport } from './engine/recovery.ts';
export type { Stats } from './engine/stats.ts';
export type { ReplyWriter } from './protocol/reply-writer.ts';
export type {
  CliArgument,
  CliCall,
  CliColor,
  CliHandler,
  CliOption,
  CliProgress,
  CliSubcommand,
} from './registry/cli-subcommand.ts';
export { cfg, type ConfigKey, type ConfigSpec, type ConfigValues } from './registry/config-key.ts';
export * from './registry/extension-points.ts';
export {
  defineFeature,
  type Feature,
  type FeatureDefinition,
  type FeatureFactory,
  type FeaturesOf,
  type NoFeatures,
  type PanelContribution,
} from './registry/feature.ts';
export type {
  CommandFlag,
  FeatureCommand,
  FeatureContext,
  FeatureEvents,
  InfoFields,
  ServerView,
  TransportHost,
  WriteEffect,
} from './registry/feature-context.ts';
export type { FeatureStore, OwnWriteOptions } from './registry/feature-store.ts';
export type { FeatureConfig } from './registry/feature-settings.ts';
export type { Middleware, Operation } from './registry/middleware.ts';
export type { AcceptedStream, Output, OutputEvents, Receive, Transport } from './registry/transport.ts';
export { type CommandArgument, type TypedCall, typedCalls } from './registry/typed-calls.ts';
export { NetStream, tcpTransport } from './server/net-transport.ts';
