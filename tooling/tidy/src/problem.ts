/** What a rule reports, and how it is shown: `file:line  rule  text`. */
import type ts from 'typescript';
import type { SourceFile } from './source-file.ts';

export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly text: string;
}

/** Looks at all files at once, because some rules are about what lies between files. */
export type Rule = (files: readonly SourceFile[]) => Problem[];

export function problemAt(file: SourceFile, where: ts.Node | number, rule: string, text: string): Problem {
  const position = typeof where === 'number' ? where : where.getStart(file.tree);
  return { path: file.path, line: file.tree.getLineAndCharacterOfPosition(position).line + 1, rule, text };
}

export function formatProblem(problem: Problem): string {
  return `${problem.path}:${problem.line}  ${problem.rule}  ${problem.text}`;
}
