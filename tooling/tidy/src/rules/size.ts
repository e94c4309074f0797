/**
 * Limits of length: 800 lines for a file, 70 for a function.
 *
 * The callbacks of `describe`, `it` and their kin are not functions in this sense: they are lists of what is tested.
 */
import ts from 'typescript';
import { type Problem, problemAt } from '../problem.ts';
import type { SourceFile } from '../source-file.ts';

const fileLinesMax = 800;
const functionLinesMax = 70;
const testCallees = new Set([
  'describe',
  'it',
  'test',
  'bench',
  'suite',
  'beforeEach',
  'afterEach',
  'beforeAll',
  'afterAll',
]);

export function checkSize(files: readonly SourceFile[]): Problem[] {
  return files.flatMap((file) => [...checkFileLength(file), ...checkFunctionLengths(file)]);
}

function checkFileLength(file: SourceFile): Problem[] {
  const lines = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
  if (lines <= fileLinesMax) return [];
  return [problemAt(file, 0, 'file-length', `${lines} lines; the limit is ${fileLinesMax}`)];
}

function checkFunctionLengths(file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && !isTestCallback(node)) {
      const { line: first } = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree));
      const { line: last } = file.tree.getLineAndCharacterOfPosition(node.end);
      const lines = last - first + 1;
      if (lines > functionLinesMax) {
        problems.push(problemAt(file, node, 'function-length', `${lines} lines; the limit is ${functionLinesMax}`));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file.tree);
  return problems;
}

function isTestCallback(node: ts.Node): boolean {
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return false;
  if (!ts.isCallExpression(node.parent)) return false;
  let callee: ts.Expression = node.parent.expression;
  while (!ts.isIdentifier(callee)) {
    if (
      !ts.isPropertyAccessExpression(callee) &&
      !ts.isCallExpression(callee) &&
      !ts.isTaggedTemplateExpression(callee)
    ) {
      return false;
    }
    callee = ts.isTaggedTemplateExpression(callee) ? callee.tag : callee.expression;
  }
  return testCallees.has(callee.text);
}
