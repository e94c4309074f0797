/** All rules of the house in one call. */
import type { Problem, Rule } from './problem.ts';
import { checkDeadExports } from './rules/dead-exports.ts';
import { checkForbidden } from './rules/forbidden.ts';
import { checkHeadAndName } from './rules/head-and-name.ts';
import { checkImportCycles } from './rules/import-cycles.ts';
import { checkImportDirection } from './rules/import-direction.ts';
import { checkPlatformModules } from './rules/platform-modules.ts';
import { checkSize } from './rules/size.ts';
import type { SourceFile } from './source-file.ts';

const rules: readonly Rule[] = [
  checkImportDirection,
  checkImportCycles,
  checkPlatformModules,
  checkSize,
  checkDeadExports,
  checkForbidden,
  checkHeadAndName,
];

export function checkAll(files: readonly SourceFile[]): Problem[] {
  return rules.flatMap((rule) => rule(files));
}
