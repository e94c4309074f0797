/** Features that a program holds: all are on, and `--features` can name no other. */
import type { Feature } from '@ferrite/core/module';
import { UsageError } from './options.ts';

/** What a program with features of its own gives `runServer` as `loadFeatures`. */
export function heldFeatures(features: readonly Feature[]): (text: string) => Promise<readonly Feature[]> {
  const names = features.map(({ name }) => name);
  return async (text) => {
    const missing = text.split(/[\s,]+/).find((name) => name !== '' && !names.includes(name));
    if (missing === undefined) return features;
    const held = names.length === 0 ? 'none' : names.join(', ');
    throw new UsageError(`unknown feature '${missing}': this program holds ${held}, and can load no other`);
  };
}
