/**
 * A feature: what a package adds to Ferrite, as a value that is given to `open`. See `defineFeature`.
 *
 * What is said of it here is data, so that names can be checked, commands of the `ferrite` program listed and files of
 * configuration read before any store is open; `setup` then runs once for each store that has the feature.
 */
import { FerriteError } from '../base/errors.ts';
import type { CliSubcommand } from './cli-subcommand.ts';
import { type ConfigSpec, type ConfigValues, configName } from './config-key.ts';
import type { FeatureContext } from './feature-context.ts';
import { isRange, isVersion } from './semver.ts';

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const KEY = /^[a-z][a-zA-Z0-9]*$/;

/** A panel that a feature adds to the terminal dashboard. Its code is loaded when it is shown. */
export interface PanelContribution {
  readonly name: string;
  readonly title: string;
  /** `lines` makes the panel's text out of what INFO says, by field. */
  readonly load: () => Promise<{ lines(info: ReadonlyMap<string, string>, width: number): readonly string[] }>;
}

export interface FeatureDefinition<Name extends string, Spec extends ConfigSpec, Api> {
  /** Lower case letters, digits and dashes: the name in `db.features`, `--features` and configuration. */
  readonly name: Name;
  /** Its own version, such as `1.2.0`. */
  readonly version: string;
  /** What must be there: `core`, or names of other features, each with a range of versions. Those are set up first. */
  readonly requires?: Readonly<Record<string, string>>;
  /** Its configuration: see `cfg`. */
  readonly config?: Spec;
  /** Subcommands of the program `ferrite`. */
  readonly cli?: readonly CliSubcommand[];
  readonly panels?: readonly PanelContribution[];
  /** Adds what the feature does to a store that has just been opened. What it returns is `db.features[name]`. */
  setup(context: FeatureContext<Spec>): Api;
}

/** A feature, with the values of its configuration that the program named. */
export interface Feature<Name extends string = string, Api = unknown> {
  readonly name: Name;
  readonly version: string;
  readonly requires: Readonly<Record<string, string>>;
  readonly config: ConfigSpec;
  /** By the key's name in the program. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly cli: readonly CliSubcommand[];
  readonly panels: readonly PanelContribution[];
  /** The type of what `setup` returns. */
  setup(context: FeatureContext): Api;
}

/** What `db.features` is where none were given, or not known which. */
export type NoFeatures = Readonly<Record<never, never>>;

/** What `db.features` is, of the features that were given to `open`: those whose names are known to the program. */
export type FeaturesOf<F extends readonly Feature[]> = {
  readonly [E in F[number] as string extends E['name'] ? never : E['name']]: E extends Feature<string, infer Api>
    ? Api
    : never;
};

export type FeatureFactory<Name extends string, Spec extends ConfigSpec, Api> = (
  values?: Partial<ConfigValues<Spec>>,
) => Feature<Name, Api>;

/**
 * Defines a feature. Returns a function that makes the value for `open`, given values of the feature's configuration:
 *
 *     export const greeter = defineFeature({
 *       name: 'greeter',
 *       version: '1.0.0',
 *       config: { greeting: cfg.text({ default: 'hello' }) },
 *       setup: (context) => ({ greet: (name: string) => `${context.config.get('greeting')} ${name}` }),
 *     });
 *
 *     const db = open({ path, features: [greeter({ greeting: 'good day' })] });
 *     db.features.greeter.greet('you');
 *
 * Throws FERRITE_INVALID_OPTION if the definition, or a value, makes no sense.
 */
export function defineFeature<
  const Name extends string,
  const Spec extends ConfigSpec = Record<never, never>,
  Api = void,
>(definition: FeatureDefinition<Name, Spec, Api>): FeatureFactory<Name, Spec, Api> {
  const { name, version, requires = {}, config = {}, cli = [], panels = [] } = definition;
  checkDefinition(name, version, requires, config);
  return (values = {}) => ({
    name,
    version,
    requires,
    config,
    values: checkValues(name, config, values),
    cli,
    panels,
    setup: (context) => definition.setup(context as unknown as FeatureContext<Spec>),
  });
}

/** The feature with further values of its configuration, by their names in files: those that `textOf` knows. */
export function withTexts<F extends Feature>(feature: F, textOf: (name: string) => string | undefined): F {
  const values: Record<string, unknown> = { ...feature.values };
  for (const [key, { parse }] of Object.entries(feature.config)) {
    const text = textOf(configName(feature.name, key));
    if (text !== undefined) values[key] = parse(text);
  }
  return { ...feature, values };
}

function checkDefinition(
  name: string,
  version: string,
  requires: Readonly<Record<string, string>>,
  config: ConfigSpec,
): void {
  if (!NAME.test(name)) {
    throw invalid(`a feature's name is lower case letters, digits and dashes, at most 32, not '${name}'`);
  }
  if (name === 'core') throw invalid("no feature can be called 'core'");
  if (!isVersion(version)) throw invalid(`feature '${name}': '${version}' is no version, such as 1.2.0`);
  for (const [needed, range] of Object.entries(requires)) {
    if (!isRange(range)) throw invalid(`feature '${name}' requires '${needed}' in '${range}', which is no range`);
  }
  for (const [key, { parse, format, default: initial }] of Object.entries(config)) {
    if (!KEY.test(key)) throw invalid(`feature '${name}': '${key}' is no name of a configuration key`);
    if (typeof parse !== 'function' || typeof format !== 'function') {
      throw invalid(`feature '${name}': the configuration key '${key}' needs default, parse and format`);
    }
    readValue(name, key, config[key], initial);
  }
}

function checkValues(
  name: string,
  config: ConfigSpec,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const checked: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(config, key)) {
      throw invalid(`feature '${name}' has no option '${key}'; there are ${Object.keys(config).join(', ') || 'none'}`);
    }
    checked[key] = readValue(name, key, config[key], value);
  }
  return checked;
}

/** A value as its own text says it, so that the program's values are held to the same limits as those in files. */
function readValue(name: string, key: string, { parse, format }: ConfigKey, value: unknown): unknown {
  try {
    return parse(format(value));
  } catch (error) {
    throw invalid(`feature '${name}': option '${key}' cannot be ${String(value)}: ${(error as Error).message}`);
  }
}
type ConfigKey = ConfigSpec[string];

function invalid(message: string): FerriteError {
  return new FerriteError('FERRITE_INVALID_OPTION', message);
}
