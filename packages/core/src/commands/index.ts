/** All commands of core. */
import { bitfieldCommands } from './bitfield-commands.ts';
import { bitmapCommands } from './bitmaps.ts';
import { clientCommands } from './client.ts';
import type { CommandRow } from './command.ts';
import { configurationCommands } from './configuration.ts';
import { connectionCommands } from './connection.ts';
import { databaseCommands } from './databases.ts';
import { debugCommands } from './debug.ts';
import { dumpCommands } from './dump.ts';
import { expireCommands } from './expire.ts';
import { geoCommands } from './geo.ts';
import { geoSearchCommands } from './geo-search.ts';
import { functionCommands } from './functions.ts';
import { keyMoveCommands } from './key-moves.ts';
import { memoryCommands } from './memory.ts';
import { nodeCommands } from './node.ts';
import { objectCommands } from './object.ts';
import { persistenceCommands } from './persistence.ts';
import { scanCommands } from './scan.ts';
import { hashExpiryCommands } from './hash-expiry.ts';
import { hashFieldValueCommands } from './hash-field-values.ts';
import { hashScanCommands } from './hash-scans.ts';
import { hashCommands } from './hashes.ts';
import { hyperLogLogCommands } from './hyperloglog.ts';
import { hyperLogLogDebugCommands } from './hyperloglog-debug.ts';
import { informationCommands } from './information.ts';
import { introspectionCommands } from './introspection.ts';
import { keyCommands } from './keys.ts';
import { latencyCommands } from './latency.ts';
import { slowLogCommands } from './slow-log.ts';
import { lcsCommands } from './lcs.ts';
import { sortCommands } from './sort.ts';
import { shutdownCommands } from './shutdown.ts';
import { sortedSetAlgebraCommands } from './sorted-set-algebra.ts';
import { sortedSetPopCommands } from './sorted-set-pops.ts';
import { sortedSetRangeCommands } from './sorted-set-ranges.ts';
import { sortedSetScanCommands } from './sorted-set-scans.ts';
import { sortedSetCommands } from './sorted-sets.ts';
import { streamGroupCommands } from './stream-groups.ts';
import { streamInfoCommands } from './stream-info.ts';
import { streamPendingCommands } from './stream-pending.ts';
import { streamReadCommands } from './stream-reads.ts';
import { streamCommands } from './streams.ts';
import { stringNumberCommands } from './string-numbers.ts';
import { stringRangeCommands } from './string-ranges.ts';
import { pubsubCommands } from './pubsub.ts';
import { listMoveCommands } from './list-moves.ts';
import { listCommands } from './lists.ts';
import { setAlgebraCommands } from './set-algebra.ts';
import { setScanCommands } from './set-scans.ts';
import { setCommands } from './sets.ts';
import { stringCommands } from './strings.ts';
import { transactionCommands } from './transactions.ts';

export const allCommands: readonly CommandRow[] = [
  ...configurationCommands,
  ...connectionCommands,
  ...databaseCommands,
  ...dumpCommands,
  ...expireCommands,
  ...keyCommands,
  ...keyMoveCommands,
  ...memoryCommands,
  ...objectCommands,
  ...persistenceCommands,
  ...scanCommands,
  ...shutdownCommands,
  ...sortCommands,
  ...stringCommands,
  ...stringNumberCommands,
  ...stringRangeCommands,
  ...lcsCommands,
  ...bitmapCommands,
  ...bitfieldCommands,
  ...hashCommands,
  ...hashScanCommands,
  ...hashExpiryCommands,
  ...hashFieldValueCommands,
  ...listCommands,
  ...listMoveCommands,
  ...setCommands,
  ...setScanCommands,
  ...setAlgebraCommands,
  ...sortedSetCommands,
  ...sortedSetRangeCommands,
  ...sortedSetPopCommands,
  ...sortedSetAlgebraCommands,
  ...sortedSetScanCommands,
  ...geoCommands,
  ...geoSearchCommands,
  ...streamCommands,
  ...streamReadCommands,
  ...streamGroupCommands,
  ...streamPendingCommands,
  ...streamInfoCommands,
  ...hyperLogLogCommands,
  ...hyperLogLogDebugCommands,
  ...functionCommands,
  ...clientCommands,
  ...transactionCommands,
  ...pubsubCommands,
  ...debugCommands,
  ...nodeCommands,
  ...informationCommands,
  ...introspectionCommands,
  ...slowLogCommands,
  ...latencyCommands,
];
