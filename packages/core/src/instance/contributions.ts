/** What features add to an instance's tables, beside what the core has there. */
import { FerriteError } from '../base/errors.ts';
import type { CommandRow } from '../commands/command.ts';
import type { CommandDocs } from '../commands/command-docs.ts';
import { allCommands } from '../commands/index.ts';
import type { FeatureSet } from '../registry/feature-set.ts';
import { SECTION_NAMES } from './information.ts';

/** The rows of all commands; throws FERRITE_FEATURE if a feature has one, or a section of INFO, that the core has. */
export function allRows(features: FeatureSet): readonly CommandRow[] {
  for (const { name, feature } of features.rows) {
    if (allCommands.some((row) => row.name === name)) throw taken(feature ?? '', 'command', name);
  }
  for (const { name } of features.sections) {
    if (SECTION_NAMES.includes(name)) throw taken(features.ownerOf('INFO section', name), 'INFO section', name);
  }
  return features.rows.length === 0 ? allCommands : [...allCommands, ...features.rows];
}

/** The documentation of all commands; null where there is none at all. */
export function allDocs(docs: CommandDocs | null, features: FeatureSet): CommandDocs | null {
  return features.rows.length === 0 ? docs : { ...docs, ...features.docs };
}

function taken(feature: string, what: string, name: string): FerriteError {
  return new FerriteError('FERRITE_FEATURE', `feature '${feature}' adds the ${what} '${name}', which the core has`);
}
