/** All commands of core. */
import { clientCommands } from './client.ts';
import type { CommandRow } from './command.ts';
import { connectionCommands } from './connection.ts';
import { keyCommands } from './keys.ts';
import { pubsubCommands } from './pubsub.ts';
import { stringCommands } from './strings.ts';
import { transactionCommands } from './transactions.ts';

export const allCommands: readonly CommandRow[] = [
  ...connectionCommands,
  ...clientCommands,
  ...transactionCommands,
  ...pubsubCommands,
  ...keyCommands,
  ...stringCommands,
];
