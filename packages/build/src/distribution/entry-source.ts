/**
 * The entry of a distribution: a few lines that say what is in it.
 *
 * As a library it exports what `@ferrite/lite` does, and `features`; run directly it is the server. The server is
 * imported statically, because all of it is in the one file anyway.
 */
import type { DistributionBase } from './options.ts';
import type { FeatureRequest } from './features.ts';

export interface EntryParts {
  readonly base: DistributionBase;
  readonly docs: boolean;
  readonly features: readonly FeatureRequest[];
}

/** The ES module that a program imports, and that `node` runs. */
export function moduleSource(parts: EntryParts): string {
  const lines = ["export * from '@ferrite/core';", ...featureLines(parts.features, 'export ')];
  if (parts.base === 'lite') {
    lines.push(
      "export { serve } from '@ferrite/core/server';",
      ...serverLines(parts),
      "import { realpathSync } from 'node:fs';",
      "import { fileURLToPath } from 'node:url';",
      'const started = process.argv[1];',
      `if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) ${runLine(parts)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The script that a single executable runs. */
export function scriptSource(parts: EntryParts): string {
  return `${[...featureLines(parts.features, ''), ...serverLines(parts), runLine(parts)].join('\n')}\n`;
}

function featureLines(features: readonly FeatureRequest[], prefix: string): string[] {
  const imports = features.map(({ packageName }, at) => `import { feature as feature${at} } from '${packageName}';`);
  return [...imports, `${prefix}const features = [${features.map((_, at) => `feature${at}()`).join(', ')}];`];
}

function serverLines({ docs }: EntryParts): string[] {
  const lines = ["import { heldFeatures, runServer } from '@ferrite/server';"];
  if (docs) lines.push("import { commandDocs } from '@ferrite/core/docs';");
  return lines;
}

function runLine({ docs }: EntryParts): string {
  return `runServer(process.argv.slice(2), { program: 'ferrite', loadFeatures: heldFeatures(features)${docs ? ', docs: commandDocs' : ''} });`;
}
