/**
 * Files that need each other to load: a cycle of value imports anywhere in a package. Types may point both ways.
 */
import { type Import, importsOf } from '../imports.ts';
import { type Problem, problemAt } from '../problem.ts';
import type { SourceFile } from '../source-file.ts';

export function checkImportCycles(files: readonly SourceFile[]): Problem[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const edges = new Map(files.map((file) => [file.path, valueImportsOf(file, byPath)]));
  const problems: Problem[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    trail.push(path);
    for (const { node, target } of edges.get(path) ?? []) {
      const from = trail.indexOf(target);
      if (from >= 0) problems.push(describeCycle(byPath.get(path)!, node, [...trail.slice(from), target]));
      else if (!done.has(target)) visit(target);
    }
    trail.pop();
    done.add(path);
  };
  for (const file of files) if (!done.has(file.path)) visit(file.path);
  return problems;
}

function valueImportsOf(file: SourceFile, byPath: ReadonlyMap<string, SourceFile>): Import[] {
  return importsOf(file).filter((each) => !each.isTypeOnly && byPath.has(each.target));
}

function describeCycle(file: SourceFile, node: Import['node'], cycle: readonly string[]): Problem {
  const names = cycle.map((path) => path.slice(path.lastIndexOf('/') + 1));
  return problemAt(file, node, 'import-cycle', `files need each other to load: ${names.join(' -> ')}`);
}
