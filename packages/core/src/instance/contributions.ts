/** What features add to an instance's tables, beside what the core has there. */
import { FerriteError } from '../base/errors.ts';
import type { CommandRow } from '../commands/command.ts';
import type { CommandDocs } from '../commands/command-docs.ts';
import { allCommands } from '../commands/index.ts';
import type { FeatureSet } from '../registry/feature-set.ts';
import { CommandTable } from './command-table.ts';

/**
 * The table of all commands. Throws FERRITE_INVALID_OPTION if `renamed` has a command that there is not, or a name that
 * is taken: the configuration is read before features have added their commands, so that it cannot know.
 */
export function tableOf(features: FeatureSet, renamed: ReadonlyMap<string, string>): CommandTable {
  const rows = features.rows.length === 0 ? allCommands : [...allCommands, ...features.rows];
  const owners = new Map<string, CommandRow>();
  for (const row of rows) owners.set(row.name, row);
  for (const [from, to] of renamed) {
    if (!owners.has(from)) throw refused(from, to, 'there is no such command');
    const other = owners.get(to);
    if (other !== undefined && !renamed.has(to)) throw refused(from, to, `${whose(other)} has a command of this name`);
  }
  return new CommandTable(rows, renamed);
}

/** The documentation of all commands; null where there is none at all. */
export function allDocs(docs: CommandDocs | null, features: FeatureSet): CommandDocs | null {
  return features.rows.length === 0 ? docs : { ...docs, ...features.docs };
}

function whose({ feature }: CommandRow): string {
  return feature === undefined ? 'the core' : `feature '${feature}'`;
}

function refused(from: string, to: string, why: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_OPTION', `rename-command ${from} "${to}": ${why}`);
}
