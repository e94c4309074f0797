/**
 * The disk and the network have one room each, so that everything else can be simulated from a seed. A package whose
 * subject they are is a room of its own.
 */
import { importsOf } from '../imports.ts';
import { type Problem, problemAt } from '../problem.ts';
import type { SourceFile } from '../source-file.ts';

const seams = [
  { modules: /^(node:)?fs(\/|$)/, rooms: ['device', 'server'], packages: ['packages/tls'] },
  { modules: /^(node:)?(net|tls|dgram|dns|http|https|http2)(\/|$)/, rooms: ['server'], packages: ['packages/tls'] },
];

export function checkPlatformModules(files: readonly SourceFile[]): Problem[] {
  const problems: Problem[] = [];
  for (const file of files.filter((each) => each.isShipped)) {
    for (const { node, specifier } of importsOf(file)) {
      const seam = seams.find(({ modules }) => modules.test(specifier));
      if (seam === undefined || seam.rooms.includes(file.room) || seam.packages.includes(file.packageFolder)) continue;
      const places = seam.rooms.map((room) => `${room}/`).join(' and ');
      problems.push(problemAt(file, node, 'platform-module', `"${specifier}" may be imported only in ${places}`));
    }
  }
  return problems;
}
