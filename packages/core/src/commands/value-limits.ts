/** Limits of how values are kept that may be changed while the server runs. Implemented in `instance/`. */
import type { HashLimits } from '../keyspace/hashes.ts';
import type { SetLimits } from '../keyspace/sets.ts';
import type { SortedSetLimits } from '../keyspace/sorted-sets.ts';
import type { StreamLimits } from '../keyspace/streams.ts';

export interface ValueLimits {
  /** `hll-sparse-max-bytes`: a HyperLogLog that would be longer becomes dense. */
  sparseHyperLogLogMaxBytes: number;
  /** `hash-max-listpack-*`: what OBJECT ENCODING says of hashes. */
  readonly hashes: HashLimits;
  /** `set-max-intset-entries` and `set-max-listpack-*`: what OBJECT ENCODING says of sets. */
  readonly sets: SetLimits;
  /** `zset-max-listpack-*`: what OBJECT ENCODING says of sorted sets. */
  readonly sortedSets: SortedSetLimits;
  /** `stream-node-max-entries`: what trimming with `~` takes for a node. */
  readonly streams: StreamLimits;
}
