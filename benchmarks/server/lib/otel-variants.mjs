/** What is compared by `otel.mjs`: options of the feature (none: it is not loaded), and the share that the SDK's sampler keeps. */
export const variants = {
  plain: { what: 'without the feature' },
  again: { what: 'without the feature, once more: the noise' },
  idle: { what: 'the feature, no SDK', options: {}, mustMax: 1.03 },
  late: { what: 'the feature with `late`, no SDK', options: { late: true } },
  sampled: { what: "an SDK, `spans: 'batches'`, 1 % kept", options: {}, sampledShare: 0.01 },
  batches: { what: "an SDK, `spans: 'batches'`, all kept", options: {}, sampledShare: 1 },
  commands: { what: "an SDK, `spans: 'commands'`, all kept", options: { spans: 'commands' }, sampledShare: 1 },
  slow: {
    what: "an SDK, `spans: 'commands'`, `slowMs: 10`",
    options: { spans: 'commands', slowMs: 10 },
    sampledShare: 1,
  },
};
