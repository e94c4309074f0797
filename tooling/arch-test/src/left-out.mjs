/** Test files that `arch-test` leaves out unless it is asked for all, and why. A file that is gone must not stay here. */
export const leftOut = {
  'packages/core/src/commands/slow-log.test.ts':
    'expects that a command takes less than 10 ms, which an emulator does not',
  'packages/core/src/commands/debug.test.ts':
    'expects that a command takes less than 20 ms, which an emulator does not',
  'packages/core/src/commands/generic.test.ts': 'takes minutes when emulated',
  'packages/core/src/commands/large-strings.test.ts': 'takes minutes when emulated',
  'packages/core/src/engine/live-limits.test.ts': 'takes minutes when emulated',
  'packages/core/src/engine/ordered-index.test.ts': 'takes minutes when emulated',
};
