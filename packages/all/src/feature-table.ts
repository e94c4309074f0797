/**
 * The features there are, by name. Each is loaded when it is asked for: a name here costs nothing until then.
 *
 * A new feature package adds one line, and itself to this package's dependencies.
 */
import type { Feature } from '@ferrite/core/module';

/** A module whose `feature` makes the feature, with its defaults, when it is called. */
interface FeatureModule {
  readonly feature: () => Feature;
}

export const featureTable: Readonly<Record<string, () => Promise<FeatureModule>>> = {
  otel: () => import('@ferrite/otel'),
  tls: () => import('@ferrite/tls'),
};
