/**
 * Constructs that this workspace does without.
 *
 * In all files: `any`, enum, namespace, parameter properties, default exports (but in the configuration files of tools),
 * notes to self, tests that are switched off. In what is shipped also: time, randomness and timers outside their seams.
 */
import ts from 'typescript';
import { type Problem, problemAt } from '../problem.ts';
import type { SourceFile } from '../source-file.ts';

const ruleName = 'forbidden';
const noteToSelf = /\b(TO[D]O|FIX[M]E|X[X]X)\b/g;
const timeAndChance = new Set([
  'Math.random',
  'Date.now',
  'performance.now',
  'process.hrtime',
  'process.hrtime.bigint',
]);
const seamsOfTimeAndChance = new Set(['packages/core/src/base/clock.ts', 'packages/core/src/base/prng.ts']);
const timers = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const roomsWithTimers = new Set(['embedded', 'server']);
/** What serves clients may look at things now and then. */
const packagesWithTimers = new Set(['packages/tls']);
const switches = new Set(['only', 'skip', 'todo']);
const testFunctions = new Set(['it', 'test', 'describe', 'suite', 'bench']);

export function checkForbidden(files: readonly SourceFile[]): Problem[] {
  return files.flatMap((file) => [...checkNotes(file), ...checkNodes(file)]);
}

function checkNotes(file: SourceFile): Problem[] {
  return [...file.text.matchAll(noteToSelf)].map((match) =>
    problemAt(file, match.index, ruleName, `"${match[0]}": do it now or leave it out`),
  );
}

function checkNodes(file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  const visit = (node: ts.Node): void => {
    const text = whyNotAnywhere(file, node) || (file.isShipped ? whyNotShipped(file, node) : '');
    if (text !== '') problems.push(problemAt(file, node, ruleName, text));
    ts.forEachChild(node, visit);
  };
  visit(file.tree);
  return problems;
}

/** Why this node may not stand in any file, or an empty string. */
function whyNotAnywhere(file: SourceFile, node: ts.Node): string {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return '"any" switches the type checker off; say "unknown" and look';
  if (ts.isEnumDeclaration(node)) return 'enum is not erasable; use a union of literals or constants';
  if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name) && node.name.text !== 'global') {
    return 'namespace is not erasable; a file is a module';
  }
  if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) {
    return 'parameter properties are not erasable; declare the field and assign it';
  }
  if (isDefaultExport(node) && !/\.config\.ts$/.test(file.path)) return 'no default exports: a name that can be found';
  if (ts.isPropertyAccessExpression(node) && switches.has(node.name.text) && isTestFunction(node.expression)) {
    return `".${node.name.text}" switches tests off`;
  }
  return '';
}

/** Why this node may not stand in what users run, or an empty string. */
function whyNotShipped(file: SourceFile, node: ts.Node): string {
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.getText(file.tree);
    const isSeam = seamsOfTimeAndChance.has(file.path);
    return timeAndChance.has(name) && !isSeam ? `${name} outside base/clock.ts and base/prng.ts: inject it` : '';
  }
  if (ts.isNewExpression(node) && node.expression.getText(file.tree) === 'Date' && !node.arguments?.length) {
    return seamsOfTimeAndChance.has(file.path) ? '' : 'new Date() reads the clock: inject it';
  }
  if (ts.isIdentifier(node) && timers.has(node.text) && !isMember(node)) {
    const isAllowed =
      roomsWithTimers.has(file.room) ||
      packagesWithTimers.has(file.packageFolder) ||
      seamsOfTimeAndChance.has(file.path);
    return isAllowed ? '' : `${node.text} outside embedded/ and server/: timers are injected`;
  }
  return '';
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((each) => each.kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function isTestFunction(node: ts.Expression): boolean {
  const first = ts.isPropertyAccessExpression(node) ? node.expression : node;
  return ts.isIdentifier(first) && testFunctions.has(first.text);
}

/** The name of a property or a method, not the global function of that name. */
function isMember(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent))
    return parent.name === node && parent.expression.getText() !== 'globalThis';
  return 'name' in parent && parent.name === node;
}
