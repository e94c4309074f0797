/**
 * The imports and re-exports of a file, with what they name and where a relative one leads.
 *
 * Shared by the rules about direction, cycles, platform modules and dead exports.
 */
import { posix } from 'node:path';
import ts from 'typescript';
import type { SourceFile } from './source-file.ts';

export interface Import {
  readonly node: ts.Node;
  /** As written: `./x.ts`, `node:fs`, `@ferrite/core`. */
  readonly specifier: string;
  /** Path of the file that a relative specifier leads to; empty for packages. */
  readonly target: string;
  readonly isTypeOnly: boolean;
  /** The exported names it takes, or `'all'` for a namespace, `export *` or `import()`. */
  readonly names: readonly string[] | 'all';
}

export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  const add = (
    node: ts.Node,
    specifier: ts.Node | undefined,
    isTypeOnly: boolean,
    names: readonly string[] | 'all',
  ) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const isRelative = specifier.text.startsWith('.');
    const target = isRelative ? posix.join(posix.dirname(file.path), specifier.text) : '';
    found.push({ node, specifier: specifier.text, target, isTypeOnly, names });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.importClause?.isTypeOnly === true, namesOfImport(node.importClause));
    } else if (ts.isExportDeclaration(node)) {
      const clause = node.exportClause;
      const isList = clause !== undefined && ts.isNamedExports(clause);
      const names = isList ? clause.elements.map((element) => (element.propertyName ?? element.name).text) : 'all';
      add(node, node.moduleSpecifier, node.isTypeOnly, names);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false, 'all');
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, true, 'all');
    }
    ts.forEachChild(node, visit);
  };
  visit(file.tree);
  return found;
}

function namesOfImport(clause: ts.ImportClause | undefined): readonly string[] | 'all' {
  if (clause === undefined) return [];
  const names = clause.name === undefined ? [] : ['default'];
  const bindings = clause.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) return 'all';
  return [...names, ...bindings.elements.map((element) => (element.propertyName ?? element.name).text)];
}
