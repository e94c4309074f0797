/** Every source file starts with a comment that says what it is, and every name is kebab-case. */
import { type Problem, problemAt } from '../problem.ts';
import type { SourceFile } from '../source-file.ts';

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

export function checkHeadAndName(files: readonly SourceFile[]): Problem[] {
  const problems: Problem[] = [];
  for (const file of files) {
    const parts = file.path.split('/');
    const badName = parts.find((part) => !kebabCase.test(part));
    if (badName !== undefined) problems.push(problemAt(file, 0, 'file-name', `"${badName}" is not kebab-case`));
    const text = file.text.replace(/^#!.*\n/, '');
    // A test beside its file is explained by it, and by its sentences.
    const isTest = /\.test\.(ts|mjs)$/.test(file.path);
    const needsHead = !isTest && (parts.includes('src') || parts[0] === 'tooling' || parts[0] === 'benchmarks');
    if (needsHead && !/^\/\*\*?\s|^\/\/ /.test(text)) {
      problems.push(problemAt(file, 0, 'head-comment', 'the file must start with a comment that says what it is'));
    }
  }
  return problems;
}
