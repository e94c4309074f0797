/**
 * Which file may import which: the rooms of the core point to the left only, packages meet through their names.
 *
 * `import type` counts, because a type that points the wrong way is a design that points the wrong way. Tests may
 * import whatever they need.
 */
import { importsOf } from '../imports.ts';
import { type Problem, problemAt } from '../problem.ts';
import type { SourceFile } from '../source-file.ts';

/** Rooms from left to right; those of one entry are siblings and do not import each other. */
const roomOrder = [
  ['base'],
  ['device', 'protocol'],
  ['engine'],
  ['types'],
  ['keyspace'],
  ['commands'],
  ['registry'],
  ['instance'],
  ['embedded', 'server'],
];
const rankOf = new Map(roomOrder.flatMap((rooms, rank) => rooms.map((room) => [room, rank] as const)));
const ruleName = 'import-direction';

export function checkImportDirection(files: readonly SourceFile[]): Problem[] {
  return files.flatMap((file) => [...checkRooms(file), ...checkPackages(file)]);
}

function checkRooms(file: SourceFile): Problem[] {
  if (file.room === '' || file.isTest) return [];
  const rank = rankOf.get(file.room);
  if (rank === undefined) return [problemAt(file, 0, ruleName, `"${file.room}" is not a room of the core`)];
  const problems: Problem[] = [];
  for (const { node, target } of importsOf(file)) {
    if (!target.startsWith('packages/core/src/')) continue;
    const [room, inside] = target.slice('packages/core/src/'.length).split('/');
    const targetRank = rankOf.get(room);
    if (inside === undefined) {
      problems.push(problemAt(file, node, ruleName, `a room may not import the entry point ${target}`));
    } else if (targetRank !== undefined && room !== file.room && targetRank >= rank) {
      const why = targetRank === rank ? 'a sibling' : 'a room to its right';
      problems.push(problemAt(file, node, ruleName, `${file.room}/ may not import ${room}/, ${why}`));
    }
  }
  return problems;
}

/** A test that plants a bug in the core to see the suite fail has to reach inside it. */
function leavesPackage(file: SourceFile, target: string): boolean {
  if (target === '' || file.packageFolder === '' || target.startsWith(`${file.packageFolder}/`)) return false;
  return !(file.path.startsWith('packages/testing/test/') && target.startsWith('packages/core/src/'));
}

function checkPackages(file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  for (const { node, specifier, target } of importsOf(file)) {
    const isPackage = target === '' && !specifier.startsWith('node:');
    if (leavesPackage(file, target)) {
      problems.push(problemAt(file, node, ruleName, `"${specifier}" leaves the package: import it by its name`));
    } else if (isPackage && file.isShipped && file.packageFolder === 'packages/core') {
      problems.push(
        problemAt(file, node, ruleName, `the core has no dependencies, so it may not import "${specifier}"`),
      );
    } else if (file.isShipped && specifier === '@ferrite/testing') {
      problems.push(problemAt(file, node, ruleName, 'what is shipped may not import @ferrite/testing'));
    }
  }
  return problems;
}
