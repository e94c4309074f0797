/**
 * What is measured: a command at a depth of pipelining, with the targets for CPU time per operation, redis's divided by
 * Ferrite's (above 1, Ferrite is cheaper). `requests` take a few seconds on a machine of 2020.
 */
const requestsAtDepth = { 1: 200_000, 16: 1_500_000, 64: 3_000_000 };

export const profiles = {
  memory: 'without persistence on either side',
  everysec: 'an append-only file with an fsync each second on redis, `everysec` on Ferrite',
};

/** `targets`: `[must, aim]` by profile, where there are any. */
const table = [
  ['get', 1, { memory: [0.8, 0.95], everysec: [0.8, 0.95] }],
  ['set', 1, { memory: [0.8, 0.95], everysec: [0.8, 0.95] }],
  ['get', 16, { memory: [1.1, 1.4] }],
  ['set', 16, { memory: [1.1, 1.4] }],
  ['get', 64, { memory: [1.4, 1.8], everysec: [1.6, 2] }],
  ['set', 64, { memory: [1.4, 1.8], everysec: [1.6, 2] }],
  ['incr', 64, { memory: [1.2, 1.5] }],
  ['mset', 64, { memory: [1.5, 2] }],
];

export const cells = table.map(([command, depth, targets]) => ({
  name: `${command}-${depth}`,
  command,
  depth,
  targets,
  requests: Math.round(requestsAtDepth[depth] / (command === 'mset' ? 6 : 1)),
}));
