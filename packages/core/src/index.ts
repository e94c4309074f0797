/** The embedded database: what a program that keeps its state in Ferrite imports. */

export { FerriteError, type FerriteErrorCode } from './base/errors.ts';
export type { Batch, BatchSetOptions } from './embedded/batch.ts';
export type { ChangeFeed, ChangesOptions } from './embedded/change-feed.ts';
export type {
  Change,
  CollectionChange,
  CollectionKind,
  CutChange,
  ElementsChange,
  EntryChange,
  MemberChange,
  StreamStateChange,
} from './embedded/change-types.ts';
export type { Codec } from './embedded/codec.ts';
export {
  Database,
  type DatabaseEvents,
  type Entry,
  open,
  type RangeOptions,
  type ScanOptions,
  type SetOptions,
  type SetResult,
  type ValueType,
} from './embedded/database.ts';
export type { BitRangeOptions } from './embedded/bitmap-methods.ts';
export type { GeoaddOptions, GeoPlace, GeosearchOptions, GeoUnit } from './embedded/geo-methods.ts';
export type { HexpireOptions, HgetexOptions, HsetexOptions } from './embedded/hash-expiry-methods.ts';
export type { ListEnd, PositionOptions } from './embedded/list-methods.ts';
export type { OpenOptions, Size } from './embedded/options.ts';
export type { SortOptions } from './embedded/sort-methods.ts';
export type {
  CombineOptions,
  MemberRangeOptions,
  RankRangeOptions,
  ScoreRangeOptions,
  SortedRangeOptions,
  ZaddOptions,
} from './embedded/sorted-set-options.ts';
export type {
  EntryFields,
  StreamEntry,
  StreamIds,
  XaddOptions,
  XautoclaimOptions,
  XclaimOptions,
  XgroupOptions,
  XpendingOptions,
  XreadgroupOptions,
  XreadOptions,
  XsetidOptions,
  XtrimOptions,
} from './embedded/stream-options.ts';
export type {
  ConsumerInfo,
  GroupInfo,
  PendingInfo,
  PendingSummary,
  StreamInfo,
} from './keyspace/stream-group-operations.ts';
export type { WaitOptions } from './embedded/waiting-methods.ts';
export type { Stats } from './engine/stats.ts';
export type { BackupReport } from './engine/backup.ts';
export type { Durability } from './engine/committer.ts';
export type { Key } from './engine/key-scratch.ts';
export type { Position } from './types/geohash.ts';
export type { RecoveryReport } from './engine/recovery.ts';
export type { EvictionPolicy } from './engine/store.ts';
