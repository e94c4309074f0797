/** Which Node.js goes into a single executable, of those that a package has. */
import { BuildError } from '../distribution/build-error.ts';

/** The same version, else the newest of the same major, else the newest of all. */
export function chooseVersion(versions: readonly string[], wanted: string): string {
  const sorted = versions.filter((each) => /^\d+\.\d+\.\d+$/.test(each) && compare(each, '20.11.0') >= 0).sort(compare);
  const major = wanted.split('.')[0];
  const best = sorted.includes(wanted) ? wanted : sorted.findLast((each) => each.split('.')[0] === major);
  const chosen = best ?? sorted.at(-1);
  if (chosen === undefined)
    throw new BuildError('FERRITE_BUILD_TARGET', 'there is no Node.js of 20.11 or newer for this target');
  return chosen;
}

function compare(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
