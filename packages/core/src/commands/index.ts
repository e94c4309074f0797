/** All commands of core. */
import type { CommandRow } from './command.ts';
import { connectionCommands } from './connection.ts';
import { keyCommands } from './keys.ts';
import { stringCommands } from './strings.ts';

export const allCommands: readonly CommandRow[] = [...connectionCommands, ...keyCommands, ...stringCommands];
