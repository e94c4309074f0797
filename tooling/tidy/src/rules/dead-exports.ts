/**
 * Exported names without a caller. In `packages/*\/src` every export of a file that is not an entry point must be
 * imported by another file that is not a test: what only tests use is either dead or tested at the wrong door.
 */
import ts from 'typescript';
import { importsOf } from '../imports.ts';
import { type Problem, problemAt } from '../problem.ts';
import type { SourceFile } from '../source-file.ts';

const entryPoint = /^packages\/[^/]+\/src\/[^/]+\.ts$/;

export function checkDeadExports(files: readonly SourceFile[]): Problem[] {
  const used = new Set<string>();
  for (const file of files.filter((each) => !/\.(test|fuzz|bench)\.ts$/.test(each.path))) {
    for (const { target, names } of importsOf(file)) {
      if (names === 'all') used.add(target);
      else for (const name of names) used.add(`${target}#${name}`);
    }
  }
  const problems: Problem[] = [];
  for (const file of files) {
    if (!file.path.startsWith('packages/') || !file.path.includes('/src/')) continue;
    if (isEntryPoint(file.path) || /\.(test|fuzz|bench)\.ts$/.test(file.path) || used.has(file.path)) continue;
    for (const { name, node } of exportsOf(file)) {
      if (used.has(`${file.path}#${name}`)) continue;
      problems.push(problemAt(file, node, 'dead-export', `"${name}" is exported, and no file but tests imports it`));
    }
  }
  return problems;
}

/** Files directly under `src` are what a package's `exports` lead to. */
function isEntryPoint(path: string): boolean {
  return entryPoint.test(path);
}

function exportsOf(file: SourceFile): { name: string; node: ts.Node }[] {
  const found: { name: string; node: ts.Node }[] = [];
  for (const statement of file.tree.statements) {
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (clause === undefined || !ts.isNamedExports(clause)) continue;
      for (const element of clause.elements) found.push({ name: element.name.text, node: element });
    } else if (isExported(statement)) {
      for (const name of declaredNames(statement)) found.push({ name, node: statement });
    }
  }
  return found;
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const { name } = statement as ts.DeclarationStatement;
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}
