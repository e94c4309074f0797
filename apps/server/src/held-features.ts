/** Features that a program holds: all are on, and `--features` can name no other. */
import type { Feature } from '@ferrite/core/module';
import type { FeatureWish } from '@ferrite/core/server';
import { UsageError } from './options.ts';

/** What a program with features of its own gives `runServer` as `loadFeatures`. */
export function heldFeatures(features: readonly Feature[]): (wish: FeatureWish) => Promise<readonly Feature[]> {
  const names = features.map(({ name }) => name);
  return async ({ named = '' }) => {
    const missing = named.split(/[\s,]+/).find((name) => name !== '' && !names.includes(name));
    if (missing === undefined) return features;
    const held = names.length === 0 ? 'none' : names.join(', ');
    throw new UsageError(`unknown feature '${missing}': this program holds ${held}, and can load no other`);
  };
}
