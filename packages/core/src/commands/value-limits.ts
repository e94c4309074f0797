/** Limits of how values are kept that may be changed while the server runs. Implemented in `instance/`. */
export interface ValueLimits {
  /** `hll-sparse-max-bytes`: a HyperLogLog that would be longer becomes dense. */
  sparseHyperLogLogMaxBytes: number;
}
