/** All commands of core. */
import { bitfieldCommands } from './bitfield-commands.ts';
import { bitmapCommands } from './bitmaps.ts';
import type { CommandRow } from './command.ts';
import { connectionCommands } from './connection.ts';
import { hyperLogLogCommands } from './hyperloglog.ts';
import { keyCommands } from './keys.ts';
import { lcsCommands } from './lcs.ts';
import { stringNumberCommands } from './string-numbers.ts';
import { stringRangeCommands } from './string-ranges.ts';
import { stringCommands } from './strings.ts';

export const allCommands: readonly CommandRow[] = [
  ...connectionCommands,
  ...keyCommands,
  ...stringCommands,
  ...stringNumberCommands,
  ...stringRangeCommands,
  ...lcsCommands,
  ...bitmapCommands,
  ...bitfieldCommands,
  ...hyperLogLogCommands,
];
