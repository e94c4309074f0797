/** All commands of core. */
import type { CommandRow } from './command.ts';
import { connectionCommands } from './connection.ts';
import { databaseCommands } from './databases.ts';
import { dumpCommands } from './dump.ts';
import { expireCommands } from './expire.ts';
import { keyMoveCommands } from './key-moves.ts';
import { keyCommands } from './keys.ts';
import { memoryCommands } from './memory.ts';
import { objectCommands } from './object.ts';
import { persistenceCommands } from './persistence.ts';
import { scanCommands } from './scan.ts';
import { stringCommands } from './strings.ts';

export const allCommands: readonly CommandRow[] = [
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
  ...stringCommands,
];
