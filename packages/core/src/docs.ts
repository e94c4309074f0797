/** What COMMAND DOCS says of the commands: an entry of its own, so that who needs no documentation does not load it. */
import type { CommandDocs } from './commands/command-docs.ts';
import { bitmapDocs } from './commands/docs/bitmap.ts';
import { connectionDocs } from './commands/docs/connection.ts';
import { genericDocs } from './commands/docs/generic.ts';
import { geoDocs } from './commands/docs/geo.ts';
import { hashDocs } from './commands/docs/hash.ts';
import { hyperLogLogDocs } from './commands/docs/hyperloglog.ts';
import { pubsubDocs } from './commands/docs/pubsub.ts';
import { serverDocs } from './commands/docs/server.ts';
import { listDocs } from './commands/docs/list.ts';
import { setDocs } from './commands/docs/set.ts';
import { sortedSetDocs } from './commands/docs/sorted-set.ts';
import { streamDocs } from './commands/docs/stream.ts';
import { stringDocs } from './commands/docs/string.ts';
import { scriptingDocs } from './commands/docs/scripting.ts';
import { transactionDocs } from './commands/docs/transaction.ts';

export { type CommandArgument, type CommandDoc, type CommandDocs, readSyntax } from './commands/command-docs.ts';

/** By the full name of the command, such as `client|list`: what `serve` takes as its option `docs`. */
export const commandDocs: CommandDocs = {
  ...bitmapDocs,
  ...connectionDocs,
  ...genericDocs,
  ...hashDocs,
  ...hyperLogLogDocs,
  ...pubsubDocs,
  ...serverDocs,
  ...listDocs,
  ...setDocs,
  ...sortedSetDocs,
  ...geoDocs,
  ...streamDocs,
  ...stringDocs,
  ...scriptingDocs,
  ...transactionDocs,
};
